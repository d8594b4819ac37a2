package io.github.elegans.networks;

import io.github.elegans.kernels.Require;

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

  /**
   * The mask of sequences of different lengths that are padded at their ends to {@code steps}: true
   * at the steps before a sequence's length.
   *
   * @param lengths of the rows, [B], each from 0 to {@code steps}
   * @return [B, T] or [T, B]
   */
  public boolean[] mask(int[] lengths, int steps) {
    Require.atLeast("steps", 1, steps);
    for (int length : lengths) {
      Require.between("lengths", 0, steps, length);
    }
    boolean[] mask = new boolean[Math.multiplyExact(lengths.length, steps)];
    for (int row = 0; row < lengths.length; row++) {
      for (int step = 0; step < lengths[row]; step++) {
        mask[(int) item(row, step, lengths.length, steps)] = true;
      }
    }
    return mask;
  }
}
