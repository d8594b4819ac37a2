package io.github.elegans.networks.training;

import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Bidirectional.Merge;
import io.github.elegans.networks.training.TrainableCell.Dropout;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Two networks over the same sequences, of which the second begins at their ends. */
record TrainableBidirectional(TrainableNetwork forward, TrainableNetwork backward, Merge merge)
    implements TrainablePart {

  @Override
  public int inputSize() {
    return forward.inputSize();
  }

  @Override
  public int outputSize() {
    int size = forward.outputSize();
    return merge == Merge.CONCAT ? size + backward.outputSize() : size;
  }

  @Override
  public Stream<TrainableLayer> layers() {
    return Stream.concat(forward.layers(), backward.layers());
  }

  @Override
  public long rowBytes() {
    return forward.rowBytes() + backward.rowBytes();
  }

  @Override
  public boolean holdsOutputs() {
    return false;
  }

  @Override
  public Trainee with(Map<String, float[]> values) {
    return new Trainee.Both(
        new Bidirectional(forward.with(values).network(), backward.with(values).network(), merge));
  }

  @Override
  public LeafRun run(TrainableModel model, @Nullable Dropout dropout) {
    return new BidirectionalRun(model, this, dropout);
  }
}
