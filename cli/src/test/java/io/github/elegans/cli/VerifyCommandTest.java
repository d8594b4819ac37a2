package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        "elegans-golden-1 or one of elegans-activations-1, elegans-gradient-1",
        "elegans-training-1, found none");
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

  @ParameterizedTest
  @ValueSource(strings = {"activations", "losses", "optimiser-steps", "random", "schedules"})
  void verifiesThePiecesOfTraining(String name) throws IOException {
    Path file = piece(name);

    CommandLineRun run = CommandLineRun.of("verify", file).succeeds();

    for (Kernels kernels : Backends.available()) {
      assertThat(run.out())
          .containsPattern(name + "\\S+ +" + kernels.backend() + " .*agree +PASS \\(");
    }
    assertThat(run.out()).contains("1 of 1 files pass").doesNotContain("FAIL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"activations", "losses", "optimiser-steps", "schedules"})
  void holdsPiecesToTheTolerance(String name) throws IOException {
    Path file = piece(name);
    CommandLineRun run = CommandLineRun.of("verify", "--tolerance", 1e-11, file).fails(1, name);
    assertThat(run.out()).containsPattern("agree +FAIL \\(");
  }

  /** They are exact. */
  @Test
  void randomNumbersNeedNoTolerance() throws IOException {
    CommandLineRun.of("verify", "--tolerance", 0, piece("random")).succeeds();
  }

  @ParameterizedTest
  @CsvSource({
    "activations, y.silu",
    "activations, d.gelu_tanh",
    "losses, loss.huber1",
    "losses, grad.cross_entropy_mask",
    "losses, grad.bce_positive_weight",
    "optimiser-steps, p.rmsprop_keras",
    "optimiser-steps, p.adam_amsgrad",
    "random, keep",
    "random, words",
    "random, permutation",
    "schedules, one_cycle(max=1;total=40)"
  })
  void namesTheTensorThatIsWrong(String name, String tensor) throws IOException {
    String wrong = tensor.replace(';', ',');
    Path file =
        piece(
            name,
            content -> {
              float[] values = content.tensor(wrong);
              values[values.length - 1] += 0.001f + Math.ulp(values[values.length - 1]);
            });

    CommandLineRun run = CommandLineRun.of("verify", file).fails(1, name);

    for (Kernels kernels : Backends.available()) {
      assertThat(run.out())
          .containsPattern(kernels.backend() + " .*agree +FAIL \\(")
          .contains("the worst " + wrong + ")");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"activations", "losses", "optimiser-steps", "random", "schedules"})
  void refusesWhatTheFormatDoesNotTellOf(String name) throws IOException {
    refusesPiece(
        name,
        content -> {
          content.tensors.put("y.swish", new float[517]);
          content.shapes.put("y.swish", new long[] {517});
        },
        "y.swish");
    refusesPiece(name, content -> content.tensors.clear(), "expected", "tensor");
  }

  @Test
  void refusesPiecesThatDoNotFit() throws IOException {
    refusesPiece("activations", content -> content.tensors.remove("x"), "tensor \"x\"");
    refusesPiece(
        "activations",
        content -> {
          content.tensors.put("x", new float[5]);
          content.shapes.put("x", new long[] {5});
        },
        "tensor \"d.",
        "5 elements",
        "517");
    refusesPiece(
        "activations", content -> content.tensors.keySet().retainAll(Set.of("x")), "found none");
    refusesPiece("losses", content -> content.tensor("classes")[3] = 6, "\"classes\"", "6.0");
    refusesPiece("losses", content -> content.tensors.remove("grad.mae"), "\"grad.mae\"");
    refusesPiece("losses", content -> content.tensors.remove("loss.mae"), "grad.mae");
    refusesPiece(
        "losses", content -> content.shapes.put("mask", new long[] {5, 4}), "\"mask\"", "[4, 5]");
    refusesPiece(
        "losses", content -> content.shapes.put("out", new long[] {20, 6}), "\"out\"", "[20, 6]");
    refusesPiece(
        "optimiser-steps", content -> content.shapes.put("g", new long[] {16, 24}), "\"g\"", "24");
    refusesPiece(
        "optimiser-steps",
        content -> content.metadata.remove("configurations"),
        "metadata configurations");
    refusesPiece(
        "optimiser-steps",
        content -> content.metadata.computeIfPresent("configurations", (k, v) -> rename(v)),
        "metadata configurations",
        "adagrad");
    refusesPiece(
        "schedules",
        content -> {
          content.tensors.put("step(size=0)", new float[3]);
          content.shapes.put("step(size=0)", new long[] {3});
        },
        "size must be at least 1, but is 0");
    refusesPiece("random", content -> content.metadata.put("seed", "many"), "seed", "many");
    refusesPiece("random", content -> content.metadata.put("probability", "1"), "probability");
    refusesPiece(
        "random",
        content -> content.shapes.put("keep", new long[] {12, 42}),
        "\"keep\"",
        "[12, 42]");
    refusesPiece(
        "random", content -> content.shapes.put("words", new long[] {12, 42}), "\"words\"");
  }

  private static String rename(String configurations) {
    return configurations.replace("\"optimiser\": \"lion\"", "\"optimiser\": \"adagrad\"");
  }

  private void refusesPiece(String name, Consumer<ModelFiles.Content> change, String... parts)
      throws IOException {
    Path file = piece(name, change);
    CommandLineRun run = CommandLineRun.of("verify", file).fails(1, parts).fails(1, name);
    assertThat(run.out()).contains("FAIL: ");
    Files.delete(directory.resolve("gradients/" + name + ".safetensors"));
  }

  private Path piece(String name) throws IOException {
    Files.createDirectories(directory.resolve("gradients"));
    return ModelFiles.golden(directory, "gradients/" + name + ".safetensors");
  }

  private Path piece(String name, Consumer<ModelFiles.Content> change) throws IOException {
    Files.createDirectories(directory.resolve("gradients"));
    Files.createDirectories(directory.resolve("changed-gradients"));
    return ModelFiles.golden(directory, "gradients/" + name + ".safetensors", change);
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
