package io.github.elegans.djl;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sequence for a predictor. Arrays are not copied.
 *
 * @param input [T, I], at least one step
 * @param timespans [T], finite and not negative, in the unit that the network was trained with; 1
 *     for all steps if there are none
 * @param mask [T], false at steps without an input: the state stays, the output is the previous
 *     one, or 0 before the first input; all steps have an input if there is none
 * @param hx [S + M], the state that an earlier call has returned; 0 if there is none
 */
public record SequenceInput(
    float[][] input,
    float @Nullable [] timespans,
    boolean @Nullable [] mask,
    float @Nullable [] hx) {

  /** There is an input at least. */
  public SequenceInput {
    Objects.requireNonNull(input, "input");
  }

  /** A sequence with timespans of 1, a zero state, and an input at every step. */
  public static SequenceInput of(float[][] input) {
    return new SequenceInput(input, null, null, null);
  }

  /** This sequence with other timespans. */
  public SequenceInput withTimespans(float[] newTimespans) {
    return new SequenceInput(input, Objects.requireNonNull(newTimespans, "timespans"), mask, hx);
  }

  /** This sequence with another mask. */
  public SequenceInput withMask(boolean[] newMask) {
    return new SequenceInput(input, timespans, Objects.requireNonNull(newMask, "mask"), hx);
  }

  /** This sequence from another state on. */
  public SequenceInput withHx(float[] newHx) {
    return new SequenceInput(input, timespans, mask, Objects.requireNonNull(newHx, "hx"));
  }
}
