package io.github.elegans.kernels.lstm;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.math.Accuracy;
import java.lang.foreign.MemorySegment;

/**
 * What training needs of long short-term memory beside dense layers: a step from the gates' sums
 * with what the way back needs kept, and the way back. Rows are those of one step; strides are in
 * floats; rows of units have H rounded up to 16 floats, which may all be read and written.
 *
 * <p>Gradients that are written are flushed, magnitudes below 2⁻¹⁰⁰ become 0: those that vanish
 * would soon be subnormal, which is slow.
 */
public interface LstmGradientKernels {
  /** The family. */
  KernelFamily<LstmGradientKernels> FAMILY =
      new KernelFamily<>(
          "lstm gradients",
          LstmGradientKernels.class,
          ScalarLstmGradients::new,
          CheckedLstmGradients::new);

  /**
   * c' = σ(fg) c + tanh(i) σ(ig), h = tanh(c') σ(og), with the bits of {@link LstmKernels}.
   *
   * @param gates rows of sums, interleaved {@code [unit / 16][i | ig | fg | og][unit % 16]}, which
   *     are replaced by their activations
   * @param c rows of the memory before
   * @param next receives rows of c'
   * @param activated receives rows of tanh(c')
   * @param h receives rows of h
   * @param stride from row to row of the four of them
   */
  void gates(
      Accuracy accuracy,
      MemorySegment gates,
      long gatesStride,
      MemorySegment c,
      MemorySegment next,
      MemorySegment activated,
      MemorySegment h,
      long stride,
      int units,
      int rows);

  /**
   * The way back, with u = tanh(c'):
   *
   * <pre>
   * dc' += (dh og) (1 − u²), di = (dc' ig) (1 − i²), dig = (dc' i) ig(1 − ig), dfg = (dc' c) fg(1 − fg),
   * dog = (dh u) og(1 − og), dc = dc' fg
   * </pre>
   *
   * with the sum's term as a fused multiply-add, and derivatives as {@code
   * ScalarActivationGradients} has them. Where memory is flushed counts as the identity.
   *
   * @param gates what {@link #gates} left; receives the gradients of the sums; units beyond H get
   *     zeros
   * @param c rows of the memory before, as {@link #gates} read it
   * @param activated rows of u
   * @param upstream rows of dh
   * @param memoryGradients rows of dc' but for what comes through h; receives dc; units beyond H
   *     get zeros
   * @param stride from row to row of the four of them
   */
  void gatesBackward(
      MemorySegment gates,
      long gatesStride,
      MemorySegment c,
      MemorySegment activated,
      MemorySegment upstream,
      MemorySegment memoryGradients,
      long stride,
      int units,
      int rows);
}
