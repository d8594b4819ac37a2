package io.github.elegans.kernels.dense;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;

/** Fully connected layers. */
public interface DenseKernels {
  /** The family. */
  KernelFamily<DenseKernels> FAMILY =
      new KernelFamily<>("dense", DenseKernels.class, ScalarDense::new, CheckedDense::new);

  /**
   * y[m] = activation(bias + x[m] · W) for m &lt; rows. Each element is one chain of fused
   * multiply-adds over the inputs k = 0, 1, … that starts from the bias, so blocking, batch and
   * vector width cannot change a bit.
   *
   * @param x rows of K floats, {@code xStride} floats apart
   * @param y rows of N floats, {@code yStride} floats apart, disjoint from {@code x}; {@code
   *     yStride} is at least N rounded up to 16, and the floats of a row between N and that are
   *     scratch
   */
  void forward(
      DenseWeights weights,
      Activation activation,
      Accuracy accuracy,
      MemorySegment x,
      long xStride,
      MemorySegment y,
      long yStride,
      int rows);
}
