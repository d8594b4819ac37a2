package io.github.elegans.example;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.kernels.Accuracy;
import io.github.elegans.kernels.Activation;
import io.github.elegans.kernels.DenseKernels;
import io.github.elegans.kernels.DenseWeights;
import io.github.elegans.kernels.MathKernels;
import java.lang.foreign.MemorySegment;

/**
 * Fully connected layers, some outputs at a time: the definition's chains, but side by side instead
 * of one after the other.
 */
class BlockedDense implements DenseKernels {
  static final int BLOCK = 8;

  private final MathKernels math;

  BlockedDense(MathKernels math) {
    this.math = math;
  }

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
      MemorySegment inputs = x.asSlice(row * xStride * Float.BYTES);
      MemorySegment outputs = y.asSlice(row * yStride * Float.BYTES);
      for (int first = 0; first < weights.outputs(); first += BLOCK) {
        block(weights, inputs, outputs, first, Math.min(BLOCK, weights.outputs() - first));
      }
      math.apply(activation, accuracy, outputs, outputs, weights.outputs());
    }
  }

  private void block(DenseWeights weights, MemorySegment x, MemorySegment y, int first, int count) {
    float[] sums = new float[BLOCK];
    for (int i = 0; i < count; i++) {
      sums[i] = weights.bias(first + i);
    }
    for (int k = 0; k < weights.inputs(); k++) {
      float input = x.getAtIndex(JAVA_FLOAT_UNALIGNED, k);
      for (int i = 0; i < count; i++) {
        sums[i] = multiplyAdd(input, weights.weight(first + i, k), sums[i]);
      }
    }
    for (int i = 0; i < count; i++) {
      y.setAtIndex(JAVA_FLOAT_UNALIGNED, first + i, sums[i]);
    }
  }

  float multiplyAdd(float a, float b, float sum) {
    return Math.fma(a, b, sum);
  }
}
