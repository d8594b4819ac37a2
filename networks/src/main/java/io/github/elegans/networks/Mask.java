package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which steps of a batch of B sequences of T steps have an input: those that a mask says, or those
 * before the end of each sequence. What inputs and timespans hold at other steps has no influence.
 * Arrays are wrapped, not copied.
 */
public final class Mask {
  /** All steps. */
  public static final Mask ALL = new Mask(null, null);

  private final boolean @Nullable [] present;
  private final int @Nullable [] lengths;

  private Mask(boolean @Nullable [] present, int @Nullable [] lengths) {
    this.present = present;
    this.lengths = lengths;
  }

  /**
   * The steps at which it is true, as in Keras.
   *
   * @param mask in the session's layout, [B, T] or [T, B]
   */
  public static Mask of(boolean[] mask) {
    return new Mask(Objects.requireNonNull(mask, "mask"), null);
  }

  /**
   * The first steps of every row, of sequences that are padded at their ends to T.
   *
   * @param lengths [B], each from 0 to T
   */
  public static Mask lengths(int[] lengths) {
    return new Mask(null, Objects.requireNonNull(lengths, "lengths"));
  }

  /** Whether a row has an input at a step. */
  public boolean get(SequenceLayout layout, int row, int step, int rows, int steps) {
    if (present != null) {
      return present[(int) layout.item(row, step, rows, steps)];
    }
    return lengths == null || step < lengths[row];
  }

  /** Throws unless it is of that many rows and steps. */
  public void check(int rows, int steps) {
    if (present != null) {
      Require.length("mask [B, T]", (long) rows * steps, present.length);
    } else if (lengths != null) {
      Require.length("lengths [B]", rows, lengths.length);
      for (int length : lengths) {
        Require.between("lengths", 0, steps, length);
      }
    }
  }
}
