package io.github.elegans.networks.recurrent;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.CellDescription;

/** A layer that tells what a step does with a chunk of rows. */
interface Dynamics extends Layer {

  /** I. */
  int inputSize();

  /** S. */
  int stateSize();

  /** M. */
  default int memorySize() {
    return 0;
  }

  @Override
  default int outputSize() {
    return stateSize();
  }

  @Override
  default Cell cell(Kernels kernels, Accuracy accuracy) {
    return new DynamicsCell(this, new Rows.Functions(kernels, accuracy));
  }

  /** The step on a backend, with scratch memory for one thread. */
  Step step(Rows.Functions functions);

  /** What the cell computes, as {@link Cell#description()}. */
  default CellDescription description() {
    return new CellDescription.Other();
  }

  /** What a step does. */
  interface Step {

    /**
     * Advances the first n rows.
     *
     * @param rows x, then state and memory, which are replaced
     * @param timespans in column 0
     */
    void advance(Rows rows, Rows timespans, int n);

    /** What the output is made of: the first O floats of the state. */
    default float output(Rows rows, int row, int column, int stateColumn) {
      return rows.get(row, stateColumn + column);
    }
  }
}
