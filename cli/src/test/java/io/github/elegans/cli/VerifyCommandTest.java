package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyCommandTest {
  private static final String SMALL = "cfc-pure-tanh.safetensors";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cfc-default-1x128.safetensors",
        "cfc-default-lecun.safetensors",
        "cfc-default-unit-time.safetensors",
        "cfc-gelu.safetensors",
        "cfc-no-backbone.safetensors",
        "cfc-nogate-silu.safetensors",
        "cfc-pure-tanh.safetensors",
        "cfc-relu-long.safetensors"
      })
  void passes(String name) throws IOException {
    CommandLineRun run = CommandLineRun.of("verify", ModelFiles.golden(directory, name)).succeeds();

    for (Kernels kernels : Backends.available()) {
      assertThat(run.out()).containsPattern(name + " +" + kernels.backend() + " .*agree +PASS\\R");
    }
    assertThat(run.out()).contains("1 of 1 files pass");
  }

  @Test
  void failsBeyondTheTolerance() throws IOException {
    Path file = ModelFiles.golden(directory, SMALL);

    CommandLineRun run = CommandLineRun.of("verify", "--tolerance", "1e-9", file).fails(1, SMALL);

    assertThat(run.out()).containsPattern("agree +FAIL\\R").contains("0 of 1 files pass");
  }

  @ParameterizedTest
  @ValueSource(strings = {"out", "hT", "param.rnn_cell.ff1.bias", "x", "ts", "h0"})
  void failsOnATamperedTensor(String name) throws IOException {
    Path file = ModelFiles.golden(directory, SMALL, content -> content.tensor(name)[0] += 0.001f);

    CommandLineRun run = CommandLineRun.of("verify", "--backend", "scalar", file).fails(1, SMALL);

    assertThat(run.out()).containsPattern("scalar .* FAIL\\R");
  }

  @Test
  void failsOnNaNInTheReference() throws IOException {
    Path file =
        ModelFiles.golden(directory, SMALL, content -> content.tensor("out")[5] = Float.NaN);

    CommandLineRun.of("verify", "--backend", "scalar", file).fails(1, SMALL);
  }

  @Test
  void reportsWhatIsNotSupported() throws IOException {
    fails(content -> content.metadata.put("cell", "transformer"), "metadata cell", "transformer");
    fails(content -> content.metadata.put("cell", "ltc"), "'sensory_sigma'");
    fails(content -> content.metadata.put("mixed_memory", "true"), "mixed_memory");
  }

  @Test
  void refusesWhatIsNoGoldenFile() throws IOException {
    fails(
        content -> content.metadata.remove("format"),
        "metadata format",
        "elegans-golden-1, elegans-gradient-1 or elegans-training-1");
    fails(content -> content.tensors.remove("ts"), "tensor \"ts\"", "such a tensor");
    fails(content -> content.shapes.put("ts", new long[] {12, 4}), "tensor \"ts\"", "[12, 4]");
    fails(content -> content.shapes.put("x", new long[] {24, 12}), "tensor \"x\"", "[24, 12]");
    fails(content -> content.metadata.put("mode", "default"), "metadata mode");
    fails(
        content -> Arrays.fill(content.tensor("param.rnn_cell.A"), Float.NaN),
        "'A'",
        "finite values",
        "NaN");
  }

  private void fails(Consumer<ModelFiles.Content> change, String... parts) throws IOException {
    Path file = ModelFiles.golden(directory, SMALL, change);
    CommandLineRun run = CommandLineRun.of("verify", file).fails(1, parts).fails(1, SMALL);
    assertThat(run.out()).contains("FAIL: ");
    Files.delete(directory.resolve(SMALL));
  }

  @Test
  void goesOnBehindAFailure() throws IOException {
    Path good = ModelFiles.golden(directory, SMALL);
    Path missing = directory.resolve("missing.safetensors");

    CommandLineRun run =
        CommandLineRun.of("verify", missing, directory, good)
            .fails(1, "2 of 3 files fail", "missing.safetensors: there is no such file");

    assertThat(run.out()).containsPattern(SMALL + ".* PASS\\R").contains("1 of 3 files pass");
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    byte[] content = Files.readAllBytes(ModelFiles.golden(directory, SMALL));
    for (int length : new int[] {0, 7, 8, 100, content.length - 1}) {
      Path file = Files.write(directory.resolve("short"), Arrays.copyOf(content, length));

      CommandLineRun.of("verify", file).fails(1, "short: ");
    }
  }

  @Test
  void aNamedBackendIsStrict() throws IOException {
    Path file = ModelFiles.golden(directory, SMALL);
    for (Backends.Status status : Backends.statuses()) {
      if (status.kernels() == null) {
        CommandLineRun.of("verify", "--backend", status.name(), file)
            .fails(1, status.name(), status.reason());
      } else {
        assertThat(CommandLineRun.of("verify", "--backend", status.name(), file).succeeds().out())
            .containsPattern(SMALL + " +" + status.name() + " .* PASS\\R")
            .contains("1 of 1 files pass on " + status.name());
      }
    }
  }

  @Test
  void verifiesGradientsAndTrainings() throws IOException {
    for (String name :
        List.of(
            "gradients/cfc-mixed.safetensors",
            "gradients/cfc-dropout.safetensors",
            "gradients/cfc-last-output.safetensors",
            "gradients/ltc-runge-kutta.safetensors",
            "training/train-xor-keras.safetensors",
            "training/train-adamw.safetensors",
            "training/train-ltc-adam.safetensors")) {
      Files.createDirectories(directory.resolve(name).getParent());
      Path file = ModelFiles.golden(directory, name);
      assertThat(CommandLineRun.of("verify", file).succeeds().out())
          .contains("1 of 1 files pass", "agree   PASS (")
          .doesNotContain("FAIL");
      CommandLineRun.of("verify", "--tolerance", 1e-11, file).fails(1, file.toString());
    }
  }

  @Test
  void refusesGradientsThatAreNot() throws IOException {
    String name = "gradients/cfc-mixed.safetensors";
    Files.createDirectories(directory.resolve("gradients"));
    Files.createDirectories(directory.resolve("changed-gradients"));
    Path file =
        ModelFiles.golden(
            directory, name, content -> content.tensor("grad.rnn_cell.ff1.bias")[3] += 1e-2f);
    assertThat(CommandLineRun.of("verify", file).fails(1, "cfc-mixed").out())
        .contains("FAIL (", "the worst grad.param.ff1.bias)");
  }

  @Test
  void refusesDropoutThatDoesNotFit() throws IOException {
    refusesDropout(
        content -> content.shapes.put("keep", new long[] {5, 6, 1, 32}),
        "tensor \"keep\"",
        "[5, 6,");
    refusesDropout(content -> content.metadata.put("backbone_dropout", "1"), "backbone_dropout");
    refusesDropout(content -> content.metadata.remove("backbone_dropout"), "backbone_dropout");
  }

  private void refusesDropout(Consumer<ModelFiles.Content> change, String... parts)
      throws IOException {
    String name = "gradients/cfc-dropout.safetensors";
    Files.createDirectories(directory.resolve("gradients"));
    Files.createDirectories(directory.resolve("changed-gradients"));
    CommandLineRun.of("verify", ModelFiles.golden(directory, name, change)).fails(1, parts);
    Files.delete(directory.resolve(name));
  }
}
