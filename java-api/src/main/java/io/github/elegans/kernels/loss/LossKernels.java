package io.github.elegans.kernels.loss;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Losses and their gradients, row by row. */
public interface LossKernels {

  /**
   * The gradient of a loss, and what each row adds to it. A row's loss is one chain of additions in
   * double over its outputs; whoever sums rows decides on their order.
   *
   * @param parameter δ of the Huber loss, the positive weight of binary cross entropy, the label
   *     smoothing of cross entropy; not used by the others
   * @param out rows of {@code width} outputs, {@code outStride} floats apart
   * @param targets rows of {@code width} floats, of cross entropy of one, {@code targetStride}
   *     floats apart
   * @param weights of the elements, rows of {@code width} floats that are {@code targetStride}
   *     floats apart; of cross entropy the {@code width} classes' weights; null for ones
   * @param scale what the gradient is multiplied with: one over what the loss is divided by
   * @param gradient receives rows of the gradient, {@code outStride} floats apart; may be {@code
   *     out} itself
   * @param losses receives one double for each row: Σ weight · loss, not divided by anything
   */
  void loss(
      Loss loss,
      double parameter,
      MemorySegment out,
      long outStride,
      MemorySegment targets,
      long targetStride,
      @Nullable MemorySegment weights,
      int width,
      int rows,
      float scale,
      MemorySegment gradient,
      MemorySegment losses);
}
