package io.github.elegans.backends;

import io.github.elegans.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the speed of code depends on, apart from the code. */
final class Surroundings {
  private static final Path CPU = Path.of("/proc/cpuinfo");

  private Surroundings() {}

  /** By name. */
  static Map<String, String> here() {
    return Map.of(
        "processor", processor(),
        "java",
            "%s %s (%s)"
                .formatted(
                    System.getProperty("java.vm.name"),
                    Runtime.version(),
                    System.getProperty("java.vm.vendor")),
        "library", library());
  }

  private static String library() {
    return Optional.ofNullable(Surroundings.class.getModule().getDescriptor())
        .flatMap(descriptor -> descriptor.rawVersion())
        .orElseGet(
            () ->
                // Of a package that others have no classes in: theirs have no version, and may be
                // first.
                Objects.requireNonNullElse(
                    AtomicFile.class.getPackage().getImplementationVersion(), "not packaged"));
  }

  /** As the operating system names it; at least the architecture. */
  private static String processor() {
    String named = Objects.requireNonNullElse(System.getenv("PROCESSOR_IDENTIFIER"), "");
    try (Stream<String> lines = Files.lines(CPU)) {
      named =
          lines
              .takeWhile(line -> !line.isBlank())
              .filter(line -> line.matches("(model name|CPU implementer|CPU part)\\s*:.*"))
              .map(line -> line.substring(line.indexOf(':') + 1).strip())
              .collect(Collectors.joining(" "));
    } catch (IOException e) {
      // Not Linux.
    }
    return (System.getProperty("os.arch") + " " + named).strip();
  }
}
