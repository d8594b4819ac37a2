package io.github.elegans.orekit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ReadmeProgram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
  @Test
  void theProgramRuns(@TempDir Path folder) throws IOException {
    ReadmeProgram program = ReadmeProgram.in(Path.of("README.md")).getFirst();
    program.compile(folder, "-proc:none");
    assertThat(program.run(folder, ReadmeProgram.FLAGS).lines())
        .containsExactly(
            "10000 satellites, the last one at 7371.4 km",
            "15 nodes, 492.2 km high",
            "30 approaches, the first of 60 m");
  }
}
