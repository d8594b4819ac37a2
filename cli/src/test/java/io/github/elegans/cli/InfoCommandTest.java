package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import org.junit.jupiter.api.Test;

class InfoCommandTest {

  @Test
  void namesEveryBackend() {
    CommandLineRun run = CommandLineRun.of("info", "--no-measurements").succeeds();

    assertThat(run.out()).contains("Processor", "Java", "chosen   " + Backends.get().backend());
    for (Backends.Status status : Backends.statuses()) {
      assertThat(run.out())
          .containsPattern(
              status.kernels() == null
                  ? status.name() + " +cannot run: "
                  : status.name() + " +" + status.kernels().tier());
    }
  }

  @Test
  void namesEveryBackendIfTheChosenOneDoesNotExist() {
    System.setProperty(Backends.PROPERTY, "abacus");
    try {
      CommandLineRun run = CommandLineRun.of("info", "--no-measurements").succeeds();

      assertThat(run.out()).contains("scalar Java", "chosen   none: unknown backend 'abacus'");
    } finally {
      System.clearProperty(Backends.PROPERTY);
    }
  }

  @Test
  void measuresEveryBackend() {
    CommandLineRun run = CommandLineRun.of("info").succeeds();

    Backends.available()
        .forEach(
            kernels ->
                assertThat(run.out())
                    .containsPattern("\\R +" + kernels.backend() + "( +[0-9]+\\.[0-9]){5}\\R"));
  }
}
