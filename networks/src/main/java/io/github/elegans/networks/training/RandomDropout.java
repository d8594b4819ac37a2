package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;

/** Dropout by counters: threads, windows and repetition cannot matter. */
final class RandomDropout implements TrainableCell.Dropout {
  private final Kernels kernels;
  private final long seed;
  private final double probability;
  private boolean active;
  private int update;

  RandomDropout(Kernels kernels, long seed, double probability) {
    this.kernels = kernels;
    this.seed = seed;
    this.probability = probability;
  }

  /** Whether anything is dropped, and the number of the update that it is for. */
  void set(boolean isActive, long steps) {
    active = isActive;
    update = (int) steps;
  }

  @Override
  public void apply(int layer, RowBuffer y, int row, int n, LeafRows rows) {
    if (active) {
      kernels
          .random()
          .dropout(
              seed,
              update,
              layer,
              probability,
              y.from(row),
              y.stride(),
              y.width(),
              n,
              rows.stepsFrom(row),
              rows.samplesFrom(row));
    }
  }
}
