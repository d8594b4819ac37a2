package io.github.elegans.networks.training;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.Models;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DropoutTest {

  /**
   * By autograd in double precision, with the decisions that the file holds: for all layers, where
   * ncps itself has dropout after the second and later ones.
   */
  @Test
  void givesTheGradientsOfNcps() throws IOException {
    Safetensors file;
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("cfc-dropout.safetensors"))) {
      file = Safetensors.read("cfc-dropout", in.readAllBytes());
    }
    Map<String, Safetensors.Tensor> parameters = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith("param.")) {
                parameters.put(name.substring("param.".length()), tensor);
              }
            });
    Network network =
        Models.of(file.source(), file.metadata(), parameters).on(Backends.named("scalar"));
    float factor = 1 / (1 - Float.parseFloat(file.metadata().get("backbone_dropout")));
    float[] keep = file.tensor("keep").toFloats();
    int steps = file.tensor("x").shape().get(1).intValue();
    int samples = file.tensor("x").shape().get(0).intValue();
    int units = file.tensor("keep").shape().get(3).intValue();
    TrainableCell.Dropout dropout =
        new TrainableCell.Dropout() {
          @Override
          public void apply(int layer, RowBuffer y, int row, int n, LeafRows rows) {
            for (int i = row; i < row + n; i++) {
              int step = rows.stepsFrom(i).get(JAVA_INT, 0);
              for (int u = 0; u < units; u++) {
                int at = ((rows.sample(i) * steps + step) * 2 + layer) * units + u;
                y.set(i, u, y.get(i, u) * keep[at] * factor);
              }
            }
          }

          @Override
          public boolean isEverywhere() {
            return true;
          }
        };
    TrainableModel model = new TrainableModel(new Trainee.One(network), false, 1 << 20);
    LeafRun run = model.run(dropout);
    run.begin(samples, steps, 0, 0, null);
    float[] x = file.tensor("x").toFloats();
    float[] ts = file.tensor("ts").toFloats();
    float[] gy = file.tensor("gy").toFloats();
    float[] h0 = file.tensor("h0").toFloats();
    float[] ghT = file.tensor("ghT").toFloats();
    int inputs = model.inputSize();
    int outputs = model.outputSize();
    run.upstream().reserve(samples * steps);
    for (int i = 0; i < samples; i++) {
      run.states().getFirst().load(i, h0, i * outputs);
      for (int step = 0; step < steps; step++) {
        int row = run.rows().row(i, step);
        run.inputs().load(row, 0, x, (i * steps + step) * inputs, inputs);
        run.timespans().set(row, 0, ts[i * steps + step]);
        run.upstream().load(row, 0, gy, (i * steps + step) * outputs, outputs);
      }
    }
    RowBuffer out = run.forward();
    float[] found = new float[samples * steps * outputs];
    for (int i = 0; i < samples; i++) {
      run.stateGradients().getFirst().load(i, ghT, i * outputs);
      for (int step = 0; step < steps; step++) {
        out.store(run.rows().row(i, step), 0, found, (i * steps + step) * outputs, outputs);
      }
    }
    assertNear("out", file.tensor("out").toDoubles(), found);
    ParameterBlock gradient = new ParameterBlock(model.layout());
    run.backward(run.upstream(), gradient, true, true);
    model.finish(gradient);
    for (ParameterLayout.Tensor tensor : model.layout().tensors()) {
      assertNear(
          tensor.name(),
          file.tensor("grad.rnn_cell." + tensor.name()).toDoubles(),
          gradient.values(tensor));
    }
  }

  private static void assertNear(String what, double[] expected, float[] found) {
    assertThat(found).as(what).hasSameSizeAs(expected);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i])
          .as("%s[%d]", what, i)
          .isCloseTo(expected[i], within(1e-5 * Math.max(1e-3, largest)));
    }
  }
}
