package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.training.TrainableCell.Dropout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is trained, taken apart: its parameters in one block, and the layers that use it. */
final class TrainableModel {
  /** Bytes that a leaf may keep, where nobody says otherwise. */
  static final long MEMORY = 64L << 20;

  /** Fewest steps of a window: products over fewer rows are slower. */
  private static final int FEWEST_STEPS = 8;

  private final Trainee trainee;
  private final boolean lastOnly;
  private final long memory;
  private final ParameterLayout layout = new ParameterLayout();
  private final TrainablePart part;
  private final List<TrainableLayer> layers;
  private final ParameterBlock parameters;
  private final long rowBytes;

  /**
   * Takes apart what is trained.
   *
   * @param lastOnly whether only the output after the last step of a sequence counts
   * @param memory bytes that a leaf may keep for its way back before steps go in windows
   */
  TrainableModel(Trainee trainee, boolean lastOnly, long memory) {
    this.trainee = trainee;
    this.lastOnly = lastOnly;
    this.memory = memory;
    part = trainee.part(layout, lastOnly);
    layers = part.layers().toList();
    rowBytes = part.rowBytes();
    parameters = new ParameterBlock(layout);
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      parameters.set(tensor, tensor.given());
    }
    layers.forEach(layer -> layer.bind(parameters));
    refresh();
  }

  /** What a thread needs to take leaves through it. */
  LeafRun run(@Nullable Dropout dropout) {
    return part.run(this, dropout);
  }

  /** What is trained, with the parameters as they are now. */
  Trainee trained() {
    return part.with(parameters.stateDict());
  }

  /** Keeps the parameters where the network wants them, after an update. */
  void constrain() {
    layers.forEach(TrainableLayer::constrain);
  }

  /** Packs what the kernels read, after the parameters have changed. */
  void refresh() {
    layers.forEach(TrainableLayer::refresh);
  }

  /** Makes gradients of the parameters from those that tapes have added up. */
  void finish(ParameterBlock gradient) {
    layers.forEach(layer -> layer.finish(gradient));
  }

  Kernels kernels() {
    return trainee.kernels();
  }

  ParameterLayout layout() {
    return layout;
  }

  ParameterBlock parameters() {
    return parameters;
  }

  boolean isLastOnly() {
    return lastOnly;
  }

  /** As {@link TrainablePart#holdsOutputs}. */
  boolean holdsOutputs() {
    return part.holdsOutputs();
  }

  int inputSize() {
    return part.inputSize();
  }

  int outputSize() {
    return part.outputSize();
  }

  /** S. */
  int stateSize() {
    return trainee.stateSize();
  }

  /** M. */
  int memorySize() {
    return trainee.memorySize();
  }

  /** Most steps of so many samples that are kept at once. */
  int windowSteps(int samples) {
    return Math.clamp(memory / rowBytes() / samples, FEWEST_STEPS, Integer.MAX_VALUE);
  }

  /** Bytes that a leaf may keep. */
  long memory() {
    return memory;
  }

  /** Bytes that are kept of a row. */
  long rowBytes() {
    return rowBytes;
  }
}
