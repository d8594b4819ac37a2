package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Bidirectional.Merge;
import io.github.elegans.networks.training.TrainableCell.Dropout;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A leaf on its way through the networks of both directions. The backward one has steps of its own,
 * from the end of the sequences, and is in all else a network like any other: its sums go by its
 * own steps descending, and its windows begin at the end.
 */
final class BidirectionalRun implements LeafRun {
  private final Kernels kernels;
  private final Merge merge;
  private final NetworkRun forward;
  private final NetworkRun backward;
  private final int forwardSize;
  private final int backwardSize;
  private final RowBuffer merged;
  private final RowBuffer upstream;
  private final List<StateRows> states;
  private final List<StateRows> stateGradients;
  private final Reversed reversed = new Reversed();

  // Outputs, which products need on the way back.
  private RowBuffer ofForward;
  private RowBuffer ofBackward;

  /** The mask of the backward network's steps. */
  private static final class Reversed implements LeafRows.Mask {
    private LeafRows.@Nullable Mask mask;
    private int steps;

    LeafRows.@Nullable Mask of(LeafRows.@Nullable Mask given, int ofSteps) {
      mask = given;
      steps = ofSteps;
      return given == null ? null : this;
    }

    @Override
    public boolean has(int sample, int step) {
      LeafRows.Mask all = mask;
      return all == null || all.has(sample, steps - 1 - step);
    }
  }

  BidirectionalRun(TrainableModel model, TrainableBidirectional part, @Nullable Dropout dropout) {
    kernels = model.kernels();
    merge = part.merge();
    forward = new NetworkRun(model, part.forward(), dropout);
    backward = new NetworkRun(model, part.backward(), dropout);
    forwardSize = part.forward().outputSize();
    backwardSize = part.backward().outputSize();
    merged = RowBuffer.of(part.outputSize());
    upstream = RowBuffer.of(part.outputSize());
    ofForward = merged;
    ofBackward = merged;
    states = joined(forward.states(), backward.states());
    stateGradients = joined(forward.stateGradients(), backward.stateGradients());
  }

  private static List<StateRows> joined(List<StateRows> first, List<StateRows> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  @Override
  public void begin(
      int samples, int steps, int firstOfBatch, int firstOfSequence, LeafRows.@Nullable Mask mask) {
    forward.begin(samples, steps, firstOfBatch, firstOfSequence, mask);
    backward.begin(samples, steps, firstOfBatch, firstOfSequence, reversed.of(mask, steps));
  }

  @Override
  public LeafRows rows() {
    return forward.rows();
  }

  @Override
  public RowBuffer inputs() {
    return forward.inputs();
  }

  @Override
  public RowBuffer timespans() {
    return forward.timespans();
  }

  @Override
  public RowBuffer upstream() {
    return upstream;
  }

  @Override
  public LeafRows outputRows() {
    return forward.outputRows();
  }

  @Override
  public List<StateRows> states() {
    return states;
  }

  @Override
  public List<StateRows> stateGradients() {
    return stateGradients;
  }

  @Override
  public RowBuffer forward() {
    LeafRows rows = rows();
    for (int row = 0; row < rows.rows(); row++) {
      int other = rows.reversed(row);
      inputs().copyRow(row, 0, backward.inputs(), other, 0, inputs().width());
      timespans().copyRow(row, 0, backward.timespans(), other, 0, 1);
    }
    ofForward = forward.forward();
    ofBackward = backward.forward();
    LeafRows outputs = outputRows();
    merged.reserve(outputs.rows());
    for (int row = 0; row < outputs.rows(); row++) {
      merge(row, outputs.reversed(row));
    }
    return merged;
  }

  private void merge(int row, int other) {
    if (merge == Merge.CONCAT) {
      ofForward.copyRow(row, 0, merged, row, 0, forwardSize);
      ofBackward.copyRow(other, 0, merged, row, forwardSize, backwardSize);
      return;
    }
    for (int i = 0; i < forwardSize; i++) {
      float f = ofForward.get(row, i);
      float b = ofBackward.get(other, i);
      merged.set(
          row,
          i,
          switch (merge) {
            case SUM -> f + b;
            case MUL -> f * b;
            case AVE -> (f + b) / 2;
            case CONCAT -> throw new AssertionError();
          });
    }
  }

  @Override
  public @Nullable RowBuffer backward(
      RowBuffer ofOutputs, ParameterBlock gradient, boolean wantsInputs, boolean wantsTimespans) {
    LeafRows outputs = outputRows();
    forward.upstream().reserve(outputs.rows());
    backward.upstream().reserve(outputs.rows());
    for (int row = 0; row < outputs.rows(); row++) {
      split(ofOutputs, row, outputs.reversed(row));
    }
    RowBuffer to = forward.backward(forward.upstream(), gradient, wantsInputs, wantsTimespans);
    RowBuffer more = backward.backward(backward.upstream(), gradient, wantsInputs, wantsTimespans);
    LeafRows rows = rows();
    for (int row = 0; row < rows.rows(); row++) {
      int other = rows.reversed(row);
      if (to != null && more != null) {
        Rows.add(kernels, more, other, to, row, 1);
      }
      if (wantsTimespans) {
        timespanGradients()
            .set(
                row,
                0,
                timespanGradients().get(row, 0) + backward.timespanGradients().get(other, 0));
      }
    }
    return to;
  }

  /** What comes back to the outputs of both networks. */
  private void split(RowBuffer ofOutputs, int row, int other) {
    RowBuffer toForward = forward.upstream();
    RowBuffer toBackward = backward.upstream();
    if (merge == Merge.CONCAT) {
      ofOutputs.copyRow(row, 0, toForward, row, 0, forwardSize);
      ofOutputs.copyRow(row, forwardSize, toBackward, other, 0, backwardSize);
      return;
    }
    for (int i = 0; i < forwardSize; i++) {
      float g = ofOutputs.get(row, i);
      toForward.set(row, i, factor(ofBackward.get(other, i)) * g);
      toBackward.set(other, i, factor(ofForward.get(row, i)) * g);
    }
  }

  /** The derivative of what is merged by one of the outputs, if the other one has a value. */
  private float factor(float other) {
    return switch (merge) {
      case SUM -> 1;
      case MUL -> other;
      case AVE -> 0.5f;
      case CONCAT -> throw new AssertionError();
    };
  }

  @Override
  public RowBuffer timespanGradients() {
    return forward.timespanGradients();
  }
}
