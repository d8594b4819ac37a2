package io.github.elegans.nativekernels;

import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;

/** Fully connected layers: {@code dense.c}. */
record NativeDense(int tier) implements DenseKernels {

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
    NativeProvider.check(
        Elegans.elegans_dense_f32(
            tier,
            weights.panels(),
            weights.inputs(),
            weights.outputs(),
            weights.storage().ordinal(),
            activation.ordinal(),
            accuracy.ordinal(),
            x,
            xStride,
            y,
            yStride,
            rows));
  }
}
