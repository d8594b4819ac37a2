package io.github.elegans.networks.training;

import org.jspecify.annotations.Nullable;

/** A layer over whole sequences whose parameters are being trained. */
interface TrainableLayer {
  /** I: width of what it reads. */
  int inputSize();

  /** O: width of what it puts out. */
  int outputSize();

  /** Floats that a tape keeps of a row. */
  long rowFloats();

  /** Takes the parameters that it is to use. */
  void bind(ParameterBlock parameters);

  /** Whether it has a state: what stands behind the last such layer works on single rows. */
  default boolean isRecurrent() {
    return false;
  }

  /** Keeps the parameters where the network wants them, after an update. */
  default void constrain() {}

  /** Packs what the kernels read, after the parameters have changed. */
  void refresh();

  /** Makes gradients of the parameters from those that tapes have added up. */
  void finish(ParameterBlock gradient);

  /** What a thread keeps of a leaf. */
  Tape tape(TrainableCell.Context context);

  /** The rows of a leaf on their way through the layer and back. */
  interface Tape {
    /** Begins a leaf: what is summed over its steps becomes 0. */
    default void begin() {}

    /** Reads the rows, which must last until the way back is done; returns the outputs' rows. */
    RowBuffer forward(LeafRows rows, RowBuffer x);

    /**
     * Goes back.
     *
     * @param upstream gradients of the outputs; may be overwritten
     * @param gradient to which those of the parameters are added
     * @param inputGradients receives those of the inputs; null if nobody asks
     */
    void backward(
        LeafRows rows,
        RowBuffer upstream,
        ParameterBlock gradient,
        @Nullable RowBuffer inputGradients);

    /** Adds the gradients of the rows' timespans. */
    default void addTimespanGradients(LeafRows rows, RowBuffer sum) {}

    /** State and memory of the samples: before {@link #forward}, and then after it. */
    default @Nullable StateRows state() {
      return null;
    }

    /** Their gradients: after the last step before {@link #backward}, and then before the first. */
    default @Nullable StateRows stateGradients() {
      return null;
    }
  }
}
