package io.github.elegans.example;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;

/**
 * Fully connected layers, some outputs at a time: the definition's chains, but side by side instead
 * of one after the other. Like every kernel it allocates nothing.
 */
class BlockedDense implements DenseKernels {
  static final int BLOCK = 8;

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
      long to = row * yStride;
      for (int first = 0; first < weights.outputs(); first += BLOCK) {
        int end = Math.min(first + BLOCK, weights.outputs());
        for (int n = first; n < end; n++) {
          set(y, to + n, weights.bias(n));
        }
        for (int k = 0; k < weights.inputs(); k++) {
          float input = get(x, row * xStride + k);
          for (int n = first; n < end; n++) {
            set(y, to + n, multiplyAdd(input, weights.weight(n, k), get(y, to + n)));
          }
        }
        for (int n = first; n < end; n++) {
          set(y, to + n, ScalarMath.apply(activation, accuracy, get(y, to + n)));
        }
      }
    }
  }

  float multiplyAdd(float a, float b, float sum) {
    return Math.fma(a, b, sum);
  }

  private static float get(MemorySegment floats, long index) {
    return floats.get(JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
  }

  private static void set(MemorySegment floats, long index, float value) {
    floats.set(JAVA_FLOAT_UNALIGNED, index * Float.BYTES, value);
  }
}
