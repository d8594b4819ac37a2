package io.github.elegans.networks;

/** The order of the axes of a batch of sequences, row-major. */
public enum SequenceLayout {
  /** [B, T, features]: ncps's {@code batch_first=True}, its default. */
  BATCH_FIRST,
  /** [T, B, features]: ncps's {@code batch_first=False}. */
  TIME_FIRST;

  /** Number of a row's item at a step, among the {@code batch * steps} items of an array. */
  public long item(int row, int step, int batch, int steps) {
    return this == BATCH_FIRST ? (long) row * steps + step : (long) step * batch + row;
  }
}
