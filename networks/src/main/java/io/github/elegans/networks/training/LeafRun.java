package io.github.elegans.networks.training;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A leaf on its way through a model and back, in one thread. */
sealed interface LeafRun permits NetworkRun, BidirectionalRun {
  /**
   * Takes other samples, whose inputs and timespans are to be put into {@link #inputs} and {@link
   * #timespans} then, and their states into {@link #states}.
   */
  void begin(
      int samples, int steps, int firstOfBatch, int firstOfSequence, LeafRows.@Nullable Mask mask);

  /** All steps of the leaf. */
  LeafRows rows();

  RowBuffer inputs();

  RowBuffer timespans();

  /** Memory for the gradients of the outputs. */
  RowBuffer upstream();

  /** The rows of the outputs: all, or the last of each sample. */
  LeafRows outputRows();

  /** States of the recurrent layers. */
  List<StateRows> states();

  /** Gradients of the states likewise. */
  List<StateRows> stateGradients();

  /** Goes forward; returns the outputs' rows. */
  RowBuffer forward();

  /**
   * Goes back.
   *
   * @param upstream gradients of the outputs; may be overwritten
   * @param gradient to which those of the parameters are added
   * @return the gradients of the inputs, if they are wanted
   */
  @Nullable RowBuffer backward(
      RowBuffer upstream, ParameterBlock gradient, boolean wantsInputs, boolean wantsTimespans);

  /** The gradients of the timespans, after a way back that was asked for them. */
  RowBuffer timespanGradients();
}
