package io.github.elegans.kernels.dense;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The definition of a dense layer held to decimal arithmetic. */
class ScalarDenseTest {

  /**
   * One rounding after every multiply-add, from the bias on and in the order of the inputs:
   * computed in decimals.
   */
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 16", "17, 20", "64, 65", "40, 130"})
  void isAChainOfFusedMultiplyAddsFromTheBias(int inputs, int outputs) {
    SplittableRandom random = new SplittableRandom(inputs);
    float[] weights = random(random, inputs * outputs);
    float[] bias = random(random, outputs);
    float[] x = random(random, 2 * inputs);
    float[] y = forward(weights, bias, x, 2, Activation.LINEAR);
    for (int row = 0; row < 2; row++) {
      for (int n = 0; n < outputs; n++) {
        float sum = bias[n];
        for (int k = 0; k < inputs; k++) {
          sum =
              new BigDecimal(x[row * inputs + k])
                  .multiply(new BigDecimal(weights[n * inputs + k]))
                  .add(new BigDecimal(sum))
                  .floatValue();
        }
        assertThat(y[row * outputs + n]).as("row %d, output %d", row, n).isEqualTo(sum);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"5, 16", "127, 33", "300, 65"})
  void isNearTheProductOfMatrices(int inputs, int outputs) {
    SplittableRandom random = new SplittableRandom(inputs);
    float[] weights = random(random, inputs * outputs);
    float[] bias = random(random, outputs);
    float[] x = random(random, inputs);
    float[] y = forward(weights, bias, x, 1, Activation.TANH);
    for (int n = 0; n < outputs; n++) {
      double sum = bias[n];
      double magnitude = Math.abs(sum);
      for (int k = 0; k < inputs; k++) {
        double product = (double) x[k] * weights[n * inputs + k];
        sum += product;
        magnitude += Math.abs(product);
      }
      // Each of the roundings costs at most half a unit of a partial sum; tanh shrinks errors and
      // adds about one unit.
      double bound = (inputs + 1) * 0x1p-24 * magnitude + 0x1.2p-24;
      assertThat(Math.abs(y[n] - StrictMath.tanh(sum))).as("output %d", n).isLessThan(bound);
    }
  }

  private static float[] random(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static float[] forward(
      float[] weights, float[] bias, float[] x, int rows, Activation activation) {
    int outputs = bias.length;
    int inputs = weights.length / outputs;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_FLOAT, x);
      MemorySegment to = arena.allocate(4L * rows * outputs, 64);
      new ScalarDense()
          .forward(
              DenseWeights.pack(inputs, outputs, weights, bias),
              activation,
              Accuracy.ACCURATE,
              from,
              inputs,
              to,
              outputs,
              rows);
      return to.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
