package io.github.elegans.networks.training;

import org.jspecify.annotations.Nullable;

/**
 * A recurrent cell whose parameters are being trained. Its steps, forward and backward, are those
 * of tapes; one cell serves one tape in every thread.
 */
interface TrainableCell {
  /** I. */
  int inputSize();

  /** O: the width of what {@link Tape#output} writes. */
  int outputSize();

  /** S. */
  int stateSize();

  /** M. */
  default int memorySize() {
    return 0;
  }

  /** Floats that a tape keeps of a row. */
  long rowFloats();

  /** Takes the parameters that it is to use. */
  void bind(ParameterBlock parameters);

  /** Keeps the parameters where the network wants them, after an update. */
  default void constrain() {}

  /** Packs what the kernels read, after the parameters have changed. */
  void refresh();

  /** Makes gradients of the parameters from those that tapes have added up. */
  void finish(ParameterBlock gradient);

  /** What a thread keeps of a leaf's steps. */
  Tape tape(Context context);

  /**
   * Steps of the active samples of a leaf, whose states stand in the first rows of {@link
   * StateRows}; {@code row} is the step's first row in the leaf's order.
   */
  interface Tape {
    /** Begins a leaf: what is summed over its steps becomes 0. */
    default void begin() {}

    /** Begins a window of steps, and makes room for its rows. */
    void reserve(int rows);

    /**
     * Advances states by a step.
     *
     * @param x its rows from {@code xRow} on; they need not last
     */
    void forward(int row, int n, RowBuffer x, int xRow, StateRows state);

    /** Writes the output that belongs to states. */
    default void output(int row, int n, StateRows state, RowBuffer out, int outRow) {
      Rows.copy(state.hidden(), 0, out, outRow, n);
    }

    /** Adds what comes back from the output to the gradients of the states that it belongs to. */
    void outputBackward(int row, int n, RowBuffer upstream, int upstreamRow, StateRows gradients);

    /** Takes gradients of the states after a step to those before. */
    void backward(int row, int n, StateRows gradients, ParameterBlock gradient);

    /** Writes the gradients of the inputs of rows whose step has been gone back. */
    void inputGradients(int row, int n, RowBuffer to, int toRow);

    /** Adds what the parameters get from all rows; the last of a leaf's segment. */
    void addGradients(int rows, ParameterBlock gradient);

    /** Adds the gradients of the rows' timespans. */
    void addTimespanGradients(int rows, RowBuffer sum);
  }

  /** What the tapes of a thread share; the rows are those of a window of steps. */
  final class Context {
    final LeafRows rows = new LeafRows();
    RowBuffer timespans = RowBuffer.ofScalars();
    boolean wantsTimespanGradients;
    final @Nullable Dropout dropout;

    Context(@Nullable Dropout dropout) {
      this.dropout = dropout;
    }
  }

  /** Sets elements of a layer's outputs, and their gradients, to 0 at random. */
  interface Dropout {
    /**
     * Works in place.
     *
     * @param layer a number that is another for every layer of the model
     */
    void apply(int layer, RowBuffer y, int row, int n, LeafRows rows);

    /** Whether it follows all layers, and not only those that it follows in the dialect. */
    default boolean isEverywhere() {
      return false;
    }
  }
}
