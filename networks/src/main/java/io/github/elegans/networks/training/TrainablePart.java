package io.github.elegans.networks.training;

import io.github.elegans.networks.training.TrainableCell.Dropout;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a model consists of: a network, or networks that read the same sequences. */
sealed interface TrainablePart permits TrainableNetwork, TrainableBidirectional {
  /** I: width of what it reads. */
  int inputSize();

  /** O: width of what it puts out. */
  int outputSize();

  /** All layers. */
  Stream<TrainableLayer> layers();

  /** Bytes that are kept of a row. */
  long rowBytes();

  /** Whether the output of a masked step is that of the step before, or else 0. */
  boolean holdsOutputs();

  /** What has been taken apart, with other parameters, by the names that they have here. */
  Trainee with(Map<String, float[]> values);

  /** What a thread needs to take leaves through it. */
  LeafRun run(TrainableModel model, @Nullable Dropout dropout);
}
