package io.github.elegans.kernels.ltc;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.cell.CheckedCell;
import io.github.elegans.kernels.math.Accuracy;
import java.util.Objects;

/** The checks before liquid time-constant cells. */
record CheckedLtc(LtcKernels unchecked) implements LtcKernels {

  @Override
  public CellKernel<LtcWorkspace> cell(LtcWeights weights, Accuracy accuracy) {
    FloatingPoint.check();
    Objects.requireNonNull(accuracy, "accuracy");
    return new CheckedCell<>(weights, unchecked.cell(weights, accuracy));
  }
}
