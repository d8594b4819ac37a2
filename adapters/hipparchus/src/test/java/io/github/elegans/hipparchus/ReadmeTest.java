package io.github.elegans.hipparchus;

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
    assertThat(program.compile(folder, "-Xlint:all,-path", "-proc:none")).isEmpty();
    // e^(−ln 2) and 1/e.
    assertThat(program.run(folder, ReadmeProgram.FLAGS).lines())
        .containsExactly("at ln 2 it is 0.5000000", "10000 trajectories, the last one 0.3678794");
  }
}
