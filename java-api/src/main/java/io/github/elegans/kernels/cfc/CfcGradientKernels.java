package io.github.elegans.kernels.cfc;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What training needs of closed-form continuous-time cells beside dense layers: the next state from
 * the heads' sums with what the way back needs kept, and the way back. Rows are those of one step.
 *
 * <p>Sums over the units of a row (the timespan's gradient) are 16 chains by unit mod 16, which are
 * then added in halves: 8 and 8, 4 and 4, 2 and 2, 1 and 1.
 *
 * <p>Gradients that are written are flushed, magnitudes below 2⁻¹⁰⁰ become 0: those that vanish
 * would soon be subnormal, which is slow.
 */
public interface CfcGradientKernels {
  /** The family. */
  KernelFamily<CfcGradientKernels> FAMILY =
      new KernelFamily<>(
          "cfc gradients",
          CfcGradientKernels.class,
          ScalarCfcGradients::new,
          CheckedCfcGradients::new);

  /**
   * The states of the modes {@code default} and {@code no_gate}, with the bits of {@link
   * CfcKernels}.
   *
   * @param mode {@code default} or {@code no_gate}
   * @param headActivation of ff1 and ff2: one of {@link CfcWeights#HEAD_ACTIVATIONS}
   * @param heads rows of sums, interleaved {@code [unit / 16][ff1 | ff2 | time_a | time_b][unit %
   *     16]}, {@code headsStride} floats apart; ff1, ff2 and time_b are replaced by a, b and s
   * @param timespans Δ, one float for each row
   * @param h receives rows of the next states, {@code hStride} floats apart; H rounded up to 16 are
   *     written
   */
  void gate(
      CfcMode mode,
      Activation headActivation,
      Accuracy accuracy,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment h,
      long hStride,
      int units,
      int rows);

  /**
   * The way back: with λ the gradient of the next state and p' the sum of the gate,
   *
   * <pre>
   * default: lb = λ s, la = λ − lb, dp = (λ (b − a)) s(1 − s); no_gate: lb = λ s, la = λ, dp = (λ b) s(1 − s);
   * dff1 = la f'(a), dff2 = lb f'(b), dtime_a = dp Δ, dtime_b = dp, dΔ = Σ time_a dp
   * </pre>
   *
   * with s(1 − s) as fma(−s, s, s), f' as {@code ScalarActivationGradients} has it, and each sum's
   * term as one fused multiply-add.
   *
   * @param heads what {@link #gate} left; receives the gradients of the sums; units beyond H get
   *     zeros
   * @param upstream rows of λ, {@code upstreamStride} floats apart, H rounded up to 16 floats each
   *     of which may be read
   * @param timespanGradients receives dΔ, one float for each row; null if nobody asks
   */
  void gateBackward(
      CfcMode mode,
      Activation headActivation,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      @Nullable MemorySegment timespanGradients);

  /**
   * The states of mode {@code pure}, h' = A − A e f with e = exp(−Δ (|w_tau| + |f|)), with the bits
   * of {@link CfcKernels}.
   *
   * @param f rows of ff1, {@code fStride} floats apart
   * @param parameters w_tau and then A, each of H floats padded to a multiple of 16
   * @param e receives rows of e, {@code eStride} floats apart; H rounded up to 16 are written
   * @param h receives rows of the next states likewise
   */
  void decay(
      Accuracy accuracy,
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment h,
      long hStride,
      int units,
      int rows);

  /**
   * The way back of {@link #decay}, with the gradients
   *
   * <pre>
   * dA += λ (1 − e f), df = (λ A) e (Δ |f| − 1), dw_tau += u (Δ sgn(w_tau)), dΔ = Σ u (|w_tau| + |f|)
   * </pre>
   *
   * with u = ((λ A) e) f, sgn(0) = 0, 1 − e f and Δ |f| − 1 rounded once, and sums' terms as fused
   * multiply-adds; of which dA and dw_tau go on, row by row, from what {@code parameterGradients}
   * holds.
   *
   * @param f as {@link #decay} read it; receives df; units beyond H get zeros
   * @param upstream as in {@link #gateBackward}
   * @param parameterGradients of w_tau and then A, each of H floats padded to a multiple of 16,
   *     whose padding gets zeros
   * @param timespanGradients receives dΔ, one float for each row; null if nobody asks
   */
  void decayBackward(
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      MemorySegment parameterGradients,
      @Nullable MemorySegment timespanGradients);
}
