package example;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;

/**
 * Fully connected layers, one column of weights after the other. Each output is the chain that
 * {@link DenseKernels#forward} defines: from the bias, one fused multiply-add for each input. That
 * several chains grow side by side changes no bit. Arguments have been checked before.
 */
final class ColumnDense implements DenseKernels {
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
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    for (int row = 0; row < rows; row++) {
      long from = row * xStride;
      long to = row * yStride;
      for (int n = 0; n < outputs; n++) {
        set(y, to + n, weights.bias(n));
      }
      for (int k = 0; k < inputs; k++) {
        float input = get(x, from + k);
        for (int n = 0; n < outputs; n++) {
          set(y, to + n, Math.fma(input, weights.weight(n, k), get(y, to + n)));
        }
      }
      for (int n = 0; n < outputs; n++) {
        set(y, to + n, ScalarMath.apply(activation, accuracy, get(y, to + n)));
      }
    }
  }

  private static float get(MemorySegment floats, long index) {
    return floats.get(JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
  }

  private static void set(MemorySegment floats, long index, float value) {
    floats.set(JAVA_FLOAT_UNALIGNED, index * Float.BYTES, value);
  }
}
