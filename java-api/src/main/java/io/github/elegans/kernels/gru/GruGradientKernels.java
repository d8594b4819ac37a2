package io.github.elegans.kernels.gru;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.math.Accuracy;
import java.lang.foreign.MemorySegment;

/**
 * What training needs of gated recurrent units (Cho et al. 2014, in PyTorch's form: the reset gate
 * works on the product with the state) beside dense layers: a step from the sums with what the way
 * back needs kept, and the way back. Rows are those of one step; strides are in floats; rows of
 * units have H rounded up to 16 floats, which may all be read and written.
 *
 * <p>Gradients that are written are flushed, magnitudes below 2⁻¹⁰⁰ become 0: those that vanish
 * would soon be subnormal, which is slow.
 */
public interface GruGradientKernels {
  /** The family. */
  KernelFamily<GruGradientKernels> FAMILY =
      new KernelFamily<>(
          "gru gradients",
          GruGradientKernels.class,
          ScalarGruGradients::new,
          CheckedGruGradients::new);

  /**
   * h' = (1 − z) n + z h, as fma(z, h − n, n), with r and z the logistic functions of their sums
   * and n = tanh(input + r recurrent), with the bits of the network's inference.
   *
   * @param gates rows of sums, interleaved {@code [unit / 16][r | z][unit % 16]}, which are
   *     replaced by their activations
   * @param input rows of what the candidate takes from x; replaced by n
   * @param recurrent rows of what it takes from h
   * @param h rows of the states before
   * @param next receives rows of h'
   * @param stride from row to row of the four of them
   */
  void gates(
      Accuracy accuracy,
      MemorySegment gates,
      long gatesStride,
      MemorySegment input,
      MemorySegment recurrent,
      MemorySegment h,
      MemorySegment next,
      long stride,
      int units,
      int rows);

  /**
   * The way back, with λ the gradient of h':
   *
   * <pre>
   * dn = (λ − λ z) (1 − n²), dr = (dn recurrent) r(1 − r), dz = (λ (h − n)) z(1 − z),
   * dinput = dn, drecurrent = dn r, dh = λ z
   * </pre>
   *
   * with derivatives as {@code ScalarActivationGradients} has them. Units beyond H get zeros in all
   * that is written.
   *
   * @param gates what {@link #gates} left; receives the gradients of the sums
   * @param input rows of n; receives the gradients of the candidate's sum, which are those of what
   *     it takes from x
   * @param recurrent as {@link #gates} read it; receives its gradients
   * @param h rows of the states before
   * @param upstream rows of the gradients of h'; receives what goes straight to h
   * @param stride from row to row of the four of them
   */
  void gatesBackward(
      MemorySegment gates,
      long gatesStride,
      MemorySegment input,
      MemorySegment recurrent,
      MemorySegment h,
      MemorySegment upstream,
      long stride,
      int units,
      int rows);
}
