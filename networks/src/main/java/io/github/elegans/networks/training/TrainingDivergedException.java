package io.github.elegans.networks.training;

/** A loss or a gradient is not finite. The parameters are those before the step. */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** From 0. */
  private final int epoch;

  /** From 0. */
  private final int batch;

  TrainingDivergedException(int epoch, int batch, String what) {
    super(
        "%s must be finite, but is not in epoch %d, batch %d: a lower learning rate or clipping may help"
            .formatted(what, epoch + 1, batch + 1));
    this.epoch = epoch;
    this.batch = batch;
  }

  /** The epoch, from 0. */
  public int epoch() {
    return epoch;
  }

  /** The batch of the epoch, from 0. */
  public int batch() {
    return batch;
  }
}
