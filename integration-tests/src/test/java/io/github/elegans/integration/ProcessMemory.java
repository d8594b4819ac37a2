package io.github.elegans.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process, for tests that look for leaks. */
public final class ProcessMemory {
  private static final String FIELD = "RssAnon:";

  private ProcessMemory() {}

  /**
   * Bytes of resident memory that is not a file's: heap and native. The system takes pages of
   * mapped files away and brings them back as it likes. -1 where nothing tells it.
   */
  public static long anonymousBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return -1;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(FIELD))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElse(-1);
  }
}
