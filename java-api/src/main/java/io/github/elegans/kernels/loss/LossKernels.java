package io.github.elegans.kernels.loss;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Losses and their gradients, row by row; {@link ScalarLosses} is the definition. */
public interface LossKernels {
  /** The family. */
  KernelFamily<LossKernels> FAMILY =
      new KernelFamily<>("losses", LossKernels.class, ScalarLosses::new, CheckedLosses::new);

  /** What is in the place of a class of a row that is to be left out of cross entropy. */
  float NO_CLASS = -1;

  /**
   * The gradient of a loss, and what each row adds to it. A row's loss is one chain of additions in
   * double over its outputs; whoever sums rows decides on their order.
   *
   * @param parameter δ of the Huber loss, which is positive; the positive weight of binary cross
   *     entropy, not negative; the label smoothing of cross entropy, from 0 to below 1; not used by
   *     the others
   * @param out rows of {@code width} outputs, {@code outStride} floats apart
   * @param targets rows of {@code width} floats, of cross entropy of one, {@code targetStride}
   *     floats apart; a class is a whole number below {@code width}, or {@link #NO_CLASS}, whose
   *     row has the loss 0 and the gradient 0
   * @param weights of the elements, rows of {@code width} floats that are {@code targetStride}
   *     floats apart; of cross entropy the {@code width} classes' weights; null for ones
   * @param width at least 1
   * @param scale what the gradient is multiplied with: one over what the loss is divided by; finite
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
