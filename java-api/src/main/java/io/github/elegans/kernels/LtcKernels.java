package io.github.elegans.kernels;

import org.jspecify.annotations.Nullable;

/**
 * Liquid time-constant cells (Hasani et al., Liquid time-constant networks, AAAI 2021; Lechner et
 * al., Neural circuit policies enabling auditable autonomy, Nature Machine Intelligence 2, 2020).
 */
public interface LtcKernels {

  /** Prepares a cell; cheap, but not for every step. */
  Cell cell(LtcWeights weights, Accuracy accuracy);

  /**
   * A cell ready to run. Immutable; may run in many threads at once as long as each has its own
   * {@link LtcWorkspace} or its own rows of a shared one.
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
  interface Cell {

    /**
     * Advances rows {@code firstRow .. firstRow + rows - 1} of the workspace by {@code steps}
     * steps.
     *
     * @param x input items of I floats, for every row of the workspace and the steps 0 .. steps - 1
     * @param timespans items of one float, finite and not negative
     * @param out receives the mapped states of the first O neurons after every step; null to keep
     *     the state only
     */
    void run(
        LtcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out);
  }
}
