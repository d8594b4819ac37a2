package io.github.elegans.networks.training;

/** Is told how training goes. All methods are called by the thread that trains. */
public interface TrainingListener {
  /**
   * Before the first epoch of this run.
   *
   * @param training what is trained, and how
   * @param data what it learns from
   */
  default void begins(Training training, Sequences data) {}

  /** After a batch: epoch and batch from 0, and the mean loss of the batch. */
  default void batchDone(int epoch, int batch, int batches, double loss) {}

  /**
   * After an epoch.
   *
   * @return whether to go on
   */
  default boolean epochDone(History.Epoch epoch) {
    return true;
  }

  /** After the last epoch. */
  default void ends(History history) {}
}
