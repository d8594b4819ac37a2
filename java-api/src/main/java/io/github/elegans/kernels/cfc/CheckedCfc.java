package io.github.elegans.kernels.cfc;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.CheckedCell;
import io.github.elegans.kernels.math.Accuracy;
import java.lang.ref.Reference;
import java.util.Objects;

/** The checks before closed-form continuous-time cells. */
record CheckedCfc(CfcKernels unchecked) implements CfcKernels {

  @Override
  public CfcKernel cell(CfcWeights weights, Accuracy accuracy) {
    FloatingPoint.check();
    Objects.requireNonNull(accuracy, "accuracy");
    return new CheckedCfcCell(weights, unchecked.cell(weights, accuracy));
  }

  private static final class CheckedCfcCell extends CheckedCell<CfcWorkspace> implements CfcKernel {
    private final CfcWeights weights;
    private final CfcKernel unchecked;

    CheckedCfcCell(CfcWeights weights, CfcKernel unchecked) {
      super(weights, unchecked);
      this.weights = weights;
      this.unchecked = unchecked;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Whether it was staged.
    public void layer(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int layer,
        int firstPanel,
        int panels,
        Series timespans,
        int step) {
      FloatingPoint.check();
      checkRows(workspace, firstRow, rows);
      Require.between("rows", 0, workspace.hiddenRows(), rows);
      Require.between("layer", 0, weights.layerCount() - 1L, layer);
      Objects.checkFromIndexSize(firstPanel, panels, weights.layer(layer).panelCount());
      Require.between("step", 0, Integer.MAX_VALUE - 1L, step);
      Series lasting = checkTimespans(workspace, firstRow, rows, timespans, step);
      try {
        unchecked.layer(
            workspace,
            firstRow,
            rows,
            layer,
            firstPanel,
            panels,
            lasting,
            lasting == timespans ? step : 0);
      } finally {
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(workspace);
        Reference.reachabilityFence(timespans);
      }
    }
  }
}
