package io.github.elegans.networks.training;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far training has come, beside parameters and what the optimiser remembers. */
final class TrainingState {
  private final TrainingLoop loop;
  final List<History.Epoch> epochs = new ArrayList<>();
  int epoch;

  /** The next batch of the epoch, and the losses of its samples before. */
  int batch;

  double lossSum;
  double seconds;
  int bestEpoch = -1;
  double bestValue = Double.POSITIVE_INFINITY;
  boolean hasStopped;

  /** The parameters of the best epoch, if they are to be restored. */
  @Nullable ParameterBlock best;

  TrainingState(TrainingLoop loop) {
    this.loop = loop;
  }

  void add(History.Epoch done, double leastImprovement, boolean keepsBest) {
    epochs.add(done);
    epoch++;
    batch = 0;
    lossSum = 0;
    seconds = 0;
    if (done.monitored() < bestValue - leastImprovement) {
      bestValue = done.monitored();
      bestEpoch = done.number();
      if (keepsBest) {
        keepBest().memory().copyFrom(loop.model().parameters().memory());
      }
    }
  }

  /** Memory for the best parameters. */
  ParameterBlock keepBest() {
    ParameterBlock kept = best;
    if (kept == null) {
      kept = new ParameterBlock(loop.model().layout());
      best = kept;
    }
    return kept;
  }
}
