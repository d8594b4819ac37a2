package io.github.elegans.kernels.cfc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.DoubleFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The definition of a CfC cell held to the equations in double precision. */
class ScalarCfcTest {
  private static final int I = 3;
  private static final int H = 21;
  private static final int U = 18;
  private static final int STEPS = 6;

  private final SplittableRandom random = new SplittableRandom(4);

  private Linear linear(int inputs, int outputs) {
    return new Linear(floats(inputs * outputs, 1.5 / Math.sqrt(inputs)), floats(outputs, 0.5));
  }

  private float[] floats(int n, double bound) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  private static double[] layer(Linear layer, double[] x, DoubleUnaryOperator function) {
    double[] y = new double[layer.bias().length];
    for (int n = 0; n < y.length; n++) {
      double sum = layer.bias()[n];
      for (int k = 0; k < x.length; k++) {
        sum += x[k] * layer.weight()[n * x.length + k];
      }
      y[n] = function.applyAsDouble(sum);
    }
    return y;
  }

  @ParameterizedTest
  @CsvSource({
    "DEFAULT, 0, TANH, TANH",
    "DEFAULT, 1, LECUN_TANH, TANH",
    "DEFAULT, 2, SILU, TANH",
    "DEFAULT, 1, TANH, LECUN_TANH",
    "DEFAULT, 1, TANH, LINEAR",
    "NO_GATE, 0, TANH, TANH",
    "NO_GATE, 1, GELU, TANH",
    "NO_GATE, 3, RELU, TANH",
    "NO_GATE, 1, TANH, LECUN_TANH",
    "NO_GATE, 1, TANH, LINEAR",
    "PURE, 0, TANH, LINEAR",
    "PURE, 1, SOFTPLUS, LINEAR",
    "PURE, 2, GELU_TANH, LINEAR"
  })
  void followsTheEquations(CfcMode mode, int layers, Activation activation, Activation heads) {
    List<Linear> backbone = new ArrayList<>();
    int inputs = I + H;
    for (int i = 0; i < layers; i++) {
      backbone.add(linear(inputs, U));
      inputs = U;
    }
    Linear ff1 = linear(inputs, H);
    Linear ff2 = linear(inputs, H);
    Linear timeA = linear(inputs, H);
    Linear timeB = linear(inputs, H);
    float[] wTau = floats(H, 1);
    float[] level = floats(H, 1);
    CfcWeights weights =
        mode == CfcMode.PURE
            ? CfcWeights.pure(I, H, activation, backbone, ff1, wTau, level)
            : CfcWeights.gated(I, H, mode, activation, backbone, ff1, ff2, timeA, timeB)
                .withHeadActivation(heads);
    float[] x = floats(STEPS * I, 2);
    float[] timespans = new float[STEPS];
    for (int i = 0; i < STEPS; i++) {
      timespans[i] = (float) random.nextDouble(2);
    }

    double[] h = new double[H];
    for (int step = 0; step < STEPS; step++) {
      double[] z = new double[I + H];
      for (int i = 0; i < I; i++) {
        z[i] = x[step * I + i];
      }
      System.arraycopy(h, 0, z, I, H);
      for (Linear layer : backbone) {
        z = layer(layer, z, v -> DoubleFunctions.of(activation, v));
      }
      double elapsed = timespans[step];
      if (mode == CfcMode.PURE) {
        double[] a = layer(ff1, z, v -> v);
        for (int unit = 0; unit < H; unit++) {
          double rate = Math.abs(wTau[unit]) + Math.abs(a[unit]);
          h[unit] = level[unit] - level[unit] * Math.exp(-elapsed * rate) * a[unit];
        }
      } else {
        double[] first = layer(ff1, z, v -> DoubleFunctions.of(heads, v));
        double[] second = layer(ff2, z, v -> DoubleFunctions.of(heads, v));
        double[] factor = layer(timeA, z, v -> v);
        double[] shift = layer(timeB, z, v -> v);
        for (int unit = 0; unit < H; unit++) {
          double s = DoubleFunctions.sigmoid(factor[unit] * elapsed + shift[unit]);
          h[unit] =
              mode == CfcMode.DEFAULT
                  ? first[unit] * (1 - s) + s * second[unit]
                  : first[unit] + s * second[unit];
        }
      }
    }

    float[] found = run(weights, x, timespans);
    for (int unit = 0; unit < H; unit++) {
      assertThat((double) found[unit])
          .as("unit %d", unit)
          .isCloseTo(h[unit], within(2e-6 * Math.max(1, Math.abs(h[unit]))));
    }
  }

  private static float[] run(CfcWeights weights, float[] x, float[] timespans) {
    try (Arena arena = Arena.ofConfined()) {
      CfcWorkspace workspace = CfcWorkspace.of(weights, 1);
      MemorySegment out = arena.allocate(4L * STEPS * H, 64);
      new ScalarCfc()
          .cell(weights, Accuracy.ACCURATE)
          .run(
              workspace,
              0,
              1,
              STEPS,
              new Series(arena.allocateFrom(ValueLayout.JAVA_FLOAT, x), 0, I),
              new Series(arena.allocateFrom(ValueLayout.JAVA_FLOAT, timespans), 0, 1),
              new Series(out, 0, H));
      return out.asSlice(4L * (STEPS - 1) * H).toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
