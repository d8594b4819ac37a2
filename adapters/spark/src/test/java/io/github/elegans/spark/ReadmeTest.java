package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ReadmeProgram;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
  /** With the flags of this JVM, which are Spark's. */
  @Test
  void theProgramIsCompiledAndRuns(@TempDir Path folder) throws IOException {
    ReadmeProgram program = ReadmeProgram.in(Path.of("README.md")).getFirst();
    program.compile(folder, "-proc:none");
    List<String> flags =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(flag -> flag.startsWith("--"))
            .toList();
    assertThat(program.run(folder, flags, folder.resolve("model").toString()))
        .containsPattern("losses \\[0\\.\\d+, ")
        .containsPattern("\\| *0\\|\\[-?\\d\\.\\d+")
        .contains("highest")
        .contains("DONE");
  }
}
