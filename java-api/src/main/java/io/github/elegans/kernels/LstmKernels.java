package io.github.elegans.kernels;

import org.jspecify.annotations.Nullable;

/** Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 1999). */
public interface LstmKernels {

  /** Prepares a cell; cheap, but not for every step. */
  Cell cell(LstmWeights weights, Accuracy accuracy);

  /**
   * A cell ready to run. Immutable; may run in many threads at once as long as each has its own
   * {@link LstmWorkspace} or its own rows of a shared one.
   *
   * <p>With the sums i, ig, fg and og of the gates' layers and the logistic function σ, a step is c
   * ← σ(fg) c + tanh(i) σ(ig), the outer sum as one fused multiply-add, and h ← tanh(c) σ(og).
   * Magnitudes of c and h below 2⁻¹⁰⁰ become 0 at the end of a step.
   */
  interface Cell {

    /**
     * Advances rows {@code firstRow .. firstRow + rows - 1} of the workspace by {@code steps}
     * steps.
     *
     * @param x input items of I floats, for every row of the workspace and the steps 0 .. steps -
     *     1; for a single step they may be the x of the workspace's own rows [x | h]
     * @param out receives h, items of H floats, after every step; null to keep the state only
     */
    void run(
        LstmWorkspace workspace, int firstRow, int rows, int steps, Series x, @Nullable Series out);
  }
}
