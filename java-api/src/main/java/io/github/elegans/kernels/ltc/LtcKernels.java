package io.github.elegans.kernels.ltc;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.math.Accuracy;

/**
 * Liquid time-constant cells (Hasani et al., Liquid time-constant networks, AAAI 2021; Lechner et
 * al., Neural circuit policies enabling auditable autonomy, Nature Machine Intelligence 2, 2020).
 */
public interface LtcKernels {
  /** The family. */
  KernelFamily<LtcKernels> FAMILY =
      new KernelFamily<>("ltc", LtcKernels.class, ScalarLtc::new, CheckedLtc::new);

  /**
   * Prepares a cell; cheap, but not for every step.
   *
   * <p>One step holds the inputs and makes {@link LtcWeights#unfolds} substeps. With y_ij = -σ_ij
   * (v_i - μ_ij) as one fused multiply-add per existing synapse and the activation s_ij = 1 / (1 +
   * e^y), a substep of the semi-implicit solver is
   *
   * <pre>
   * v_j ← (c v_j + g_j v_leak,j + Σ_i w_ij E_ij s_ij) / (c + g_j + ε + Σ_i w_ij s_ij),
   * c = C_j · unfolds / (Δ + offset),
   * </pre>
   *
   * both sums being chains of fused multiply-adds over the sensory synapses and then the recurrent
   * ones, by ascending source. Tiers: <em>accurate</em> takes s as 1 / (1 + e^y) with e^y good to
   * 0.91 ulp (2.5 ulp in all); <em>fast</em> as ½ - ½ tanh(y / 2) with a rational tanh (2e-7
   * absolute), the constant halves being summed beforehand; <em>exact</em> rounds s correctly.
   *
   * <p>A step of timespan 0 (exactly: of unfolds / (Δ + offset) above 2⁶⁴) leaves the state
   * unchanged. States below 2⁻¹⁰⁰ in magnitude become 0 at the end of a step.
   */
  CellKernel<LtcWorkspace> cell(LtcWeights weights, Accuracy accuracy);
}
