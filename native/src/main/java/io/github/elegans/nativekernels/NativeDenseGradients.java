package io.github.elegans.nativekernels;

import io.github.elegans.kernels.dense.DenseGradientKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;

/** What training needs of fully connected layers: {@code dense_gradients.c}. */
record NativeDenseGradients(int tier) implements DenseGradientKernels {

  @Override
  public void weights(
      MemorySegment x,
      long xStride,
      MemorySegment dz,
      long dzStride,
      int rows,
      int inputs,
      int outputs,
      MemorySegment gradient) {
    NativeProvider.check(
        Elegans.elegans_dense_gradient_f32(
            tier, x, xStride, dz, dzStride, rows, inputs, outputs, gradient));
  }

  @Override
  public void transpose(
      DenseWeights weights, int firstInput, int inputs, MemorySegment transposed) {
    NativeProvider.check(
        Elegans.elegans_dense_transpose_f32(
            tier,
            weights.panels(),
            weights.inputs(),
            weights.outputs(),
            firstInput,
            inputs,
            transposed));
  }
}
