package io.github.elegans.kernels.lstm;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.cell.CheckedCell;
import io.github.elegans.kernels.math.Accuracy;
import java.util.Objects;

/** The checks before long short-term memory. */
record CheckedLstm(LstmKernels unchecked) implements LstmKernels {

  @Override
  public CellKernel<LstmWorkspace> cell(LstmWeights weights, Accuracy accuracy) {
    FloatingPoint.check();
    Objects.requireNonNull(accuracy, "accuracy");
    return new CheckedCell<>(weights, unchecked.cell(weights, accuracy));
  }
}
