package io.github.elegans.kernels.dense;

import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;

/** Fully connected layers, by definition. */
public final class ScalarDense implements DenseKernels {
  ScalarDense() {}

  @Override
  public void forward(
      DenseWeights weights,
      Activation activation,
      Accuracy accuracy,
      MemorySegment x,
      long xStride,
      MemorySegment y,
      long yStride,
      int rows) {
    for (int row = 0; row < rows; row++) {
      for (int output = 0; output < weights.outputs(); output++) {
        float sum = element(weights, output, x, row * xStride);
        set(y, row * yStride + output, ScalarMath.apply(activation, accuracy, sum));
      }
    }
  }

  /**
   * bias + x · W of one output: one chain of fused multiply-adds over the inputs that starts from
   * the bias.
   */
  public static float element(DenseWeights weights, int output, MemorySegment x, long offset) {
    float sum = weights.bias(output);
    for (int k = 0; k < weights.inputs(); k++) {
      sum = Math.fma(get(x, offset + k), weights.weight(output, k), sum);
    }
    return sum;
  }
}
