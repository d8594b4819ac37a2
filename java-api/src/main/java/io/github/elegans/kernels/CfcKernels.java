package io.github.elegans.kernels;

import org.jspecify.annotations.Nullable;

/** Closed-form continuous-time cells. */
public interface CfcKernels {

  /** Prepares a cell; cheap, but not for every step. */
  Cell cell(CfcWeights weights, Accuracy accuracy);

  /**
   * A cell ready to run. Immutable; may run in many threads at once as long as each has its own
   * {@link CfcWorkspace}, or its own rows or panels of a shared one.
   *
   * <p>Timespans must be finite and not negative; a step of timespan 0 is allowed. Hidden states
   * below 2⁻¹⁰⁰ in magnitude become 0 at the end of a step, which is part of the definition.
   */
  interface Cell {

    /**
     * Advances rows {@code firstRow .. firstRow + rows - 1} of the workspace by {@code steps}
     * steps.
     *
     * @param x input items of I floats, for every row of the workspace and the steps 0 .. steps - 1
     * @param timespans items of one float
     * @param out receives the hidden state, items of H floats, after every step; null to keep the
     *     last state only
     */
    void run(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out);

    /**
     * Computes a part of one step of a few rows, so that threads can share it: panels {@code
     * firstPanel .. firstPanel + panels - 1} of one dense layer. The input must already stand in
     * the workspace's rows ({@link CfcWorkspace#begin}); all panels of a layer must be done before
     * the next layer begins; the last layer, the heads, updates the hidden state.
     *
     * @param rows at most {@link CfcWorkspace#hiddenRows}
     */
    void layer(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int layer,
        int firstPanel,
        int panels,
        Series timespans,
        int step);
  }
}
