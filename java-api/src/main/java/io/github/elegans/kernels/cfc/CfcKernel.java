package io.github.elegans.kernels.cfc;

import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.CellKernel;

/**
 * A cell ready to run. Immutable; may run in many threads at once as long as each has its own
 * {@link CfcWorkspace}, or its own rows or panels of a shared one.
 *
 * <p>Timespans must be finite and not negative; a step of timespan 0 is allowed. Hidden states
 * below 2⁻¹⁰⁰ in magnitude become 0 at the end of a step, which is part of the definition.
 */
public interface CfcKernel extends CellKernel<CfcWorkspace> {

  /**
   * Computes a part of one step of a few rows, so that threads can share it: panels {@code
   * firstPanel .. firstPanel + panels - 1} of one dense layer. The input must already stand in the
   * workspace's rows ({@link CfcWorkspace#begin}); all panels of a layer must be done before the
   * next layer begins; the last layer, the heads, updates the hidden state.
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
