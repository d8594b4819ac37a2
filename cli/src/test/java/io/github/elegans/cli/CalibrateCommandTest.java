package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Calibration;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrateCommandTest {
  @TempDir private Path directory;

  @Test
  void measuresEveryBackendAndWritesWhatItFound() throws IOException {
    Path model = ModelFiles.plainModel(directory.resolve("m.safetensors"));
    Path file = directory.resolve("calibration");
    CommandLineRun run =
        CommandLineRun.of(
                "calibrate",
                "--model",
                model,
                "--batch",
                3,
                "--milliseconds",
                500,
                "--output",
                file)
            .succeeds();

    Calibration calibration = Calibration.read(file);
    assertThat(calibration.workload()).startsWith("CfC").endsWith(", batch of 3");
    assertThat(calibration.timings())
        .extracting(Calibration.Timing::backend)
        .containsExactlyElementsOf(
            Backends.available().stream()
                .filter(k -> k.caveat().isEmpty())
                .map(k -> k.backend())
                .toList());
    assertThat(run.out())
        .startsWith(calibration.workload())
        .contains("  chosen   " + calibration.reason());
    calibration.timings().forEach(timing -> assertThat(run.out()).contains(timing.tier()));
  }

  @Test
  void refusesWhatCannotBe() {
    CommandLineRun.of("calibrate").fails(2, "--model");
    CommandLineRun.of("calibrate", "--model", "m", "--batch", 0).fails(2, "--batch must be from 1");
    CommandLineRun.of("calibrate", "--model", "m", "--milliseconds", 0)
        .fails(2, "--milliseconds must be from 1");
    CommandLineRun.of("calibrate", "--model", "missing").fails(1, "missing: there is no such file");
  }
}
