package io.github.elegans.networks.training;

import io.github.elegans.checks.Require;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sequences to learn from: n samples of T steps with inputs and targets, row-major. Immutable; the
 * arrays are not copied, and nobody may change them.
 */
public final class Sequences {
  private final int samples;
  private final int steps;
  private final int inputSize;
  private final int targetSize;
  private final boolean lastOnly;
  private final float[] x;
  private final float[] y;
  private final float @Nullable [] timespans;
  private final boolean @Nullable [] mask;
  private final float @Nullable [] weights;

  private Sequences(
      int samples,
      int steps,
      boolean lastOnly,
      float[] x,
      float[] y,
      float @Nullable [] timespans,
      boolean @Nullable [] mask,
      float @Nullable [] weights) {
    this.samples = samples;
    this.steps = steps;
    this.lastOnly = lastOnly;
    this.x = x;
    this.y = y;
    this.timespans = timespans;
    this.mask = mask;
    this.weights = weights;
    int rows = samples * steps;
    inputSize = x.length / rows;
    targetSize = y.length / (lastOnly ? samples : rows);
  }

  /**
   * Sequences with a target for every step.
   *
   * @param x [n, T, I], finite
   * @param y [n, T, O], finite; of classes [n, T] with their numbers
   * @throws IllegalArgumentException if there is no sample or step, the arrays' lengths do not fit,
   *     or a value is not finite
   */
  public static Sequences perStep(int samples, int steps, float[] x, float[] y) {
    return of(samples, steps, false, x, y);
  }

  /**
   * Sequences with a target for the output after the last step.
   *
   * @param x [n, T, I], finite
   * @param y [n, O], finite; of classes [n] with their numbers
   * @throws IllegalArgumentException as {@link #perStep}
   */
  public static Sequences lastOnly(int samples, int steps, float[] x, float[] y) {
    return of(samples, steps, true, x, y);
  }

  private static Sequences of(int samples, int steps, boolean lastOnly, float[] x, float[] y) {
    Objects.requireNonNull(x, "x");
    Objects.requireNonNull(y, "y");
    Require.atLeast("samples", 1, samples);
    Require.atLeast("steps", 1, steps);
    int rows = Require.elements("rows", samples, steps);
    int targets = lastOnly ? samples : rows;
    multiple("x [n, T, I]", rows, x.length);
    multiple(lastOnly ? "y [n, O]" : "y [n, T, O]", targets, y.length);
    finite("x", steps, x.length / rows, x);
    finite("y", lastOnly ? 1 : steps, y.length / targets, y);
    return new Sequences(samples, steps, lastOnly, x, y, null, null, null);
  }

  private static void multiple(String what, int rows, int found) {
    if (found == 0 || found % rows != 0) {
      throw new IllegalArgumentException(
          "%s must have the same number of values for each of %d rows, but has %d in all"
              .formatted(what, rows, found));
    }
  }

  private static void finite(String what, int steps, int width, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        int row = i / width;
        throw new IllegalArgumentException(
            "%s must be finite, but is %s at sample %d, step %d, column %d"
                .formatted(what, values[i], row / steps, row % steps, i % width));
      }
    }
  }

  /**
   * The same with elapsed times; 1 for every step by default.
   *
   * @param given [n, T], finite and not negative
   */
  public Sequences withTimespans(float[] given) {
    Objects.requireNonNull(given, "given");
    Require.length("timespans [n, T]", (long) samples * steps, given.length);
    for (float timespan : given) {
      Require.timespan(timespan);
    }
    return new Sequences(samples, steps, lastOnly, x, y, given, mask, weights);
  }

  /**
   * The same with steps that do not count: states stay, and the loss leaves them out.
   *
   * @param present [n, T]
   */
  public Sequences withMask(boolean[] present) {
    Objects.requireNonNull(present, "present");
    Require.length("mask [n, T]", (long) samples * steps, present.length);
    return new Sequences(samples, steps, lastOnly, x, y, timespans, present, weights);
  }

  /**
   * The same with sequences that end early.
   *
   * @param lengths [n], each from 0 to T
   */
  public Sequences withLengths(int[] lengths) {
    Objects.requireNonNull(lengths, "lengths");
    Require.length("lengths [n]", samples, lengths.length);
    boolean[] present = new boolean[samples * steps];
    for (int i = 0; i < samples; i++) {
      Require.between("lengths", 0, steps, lengths[i]);
      Arrays.fill(present, i * steps, i * steps + lengths[i], true);
    }
    return withMask(present);
  }

  /**
   * The same with weights of the rows in the loss; the loss is divided by their sum. A row of
   * weight 0 is left out, and training passes over a batch of nothing else.
   *
   * @param given one for each target row, [n, T] or [n]: finite and not negative; for cross entropy
   *     0 or 1
   */
  public Sequences withWeights(float[] given) {
    Objects.requireNonNull(given, "given");
    Require.length("weights", lastOnly ? samples : (long) samples * steps, given.length);
    for (float weight : given) {
      if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "weights must be finite and not negative, but one is " + weight);
      }
    }
    return new Sequences(samples, steps, lastOnly, x, y, timespans, mask, given);
  }

  /** The samples from {@code first} to before {@code end}. */
  public Sequences slice(int first, int end) {
    Require.between("the end", 1, samples, end);
    Require.between("the first sample", 0, end - 1L, first);
    return new Sequences(
        end - first,
        steps,
        lastOnly,
        part(x, first, end),
        part(y, first, end),
        timespans == null ? null : part(timespans, first, end),
        mask == null ? null : Arrays.copyOfRange(mask, first * steps, end * steps),
        weights == null ? null : part(weights, first, end));
  }

  private float[] part(float[] values, int first, int end) {
    int item = values.length / samples;
    return Arrays.copyOfRange(values, first * item, end * item);
  }

  /** n. */
  public int samples() {
    return samples;
  }

  /** T. */
  public int steps() {
    return steps;
  }

  /** I. */
  public int inputSize() {
    return inputSize;
  }

  /** Values of a target: O, or 1 of a class. */
  public int targetSize() {
    return targetSize;
  }

  /** Whether there is a target only for the output after the last step. */
  public boolean isLastOnly() {
    return lastOnly;
  }

  /** Targets of a sample: T, or 1. */
  int targetSteps() {
    return lastOnly ? 1 : steps;
  }

  float[] x() {
    return x;
  }

  float[] y() {
    return y;
  }

  float timespan(int sample, int step) {
    return timespans == null ? 1 : timespans[sample * steps + step];
  }

  boolean isMasked() {
    return mask != null;
  }

  boolean isPresent(int sample, int step) {
    return mask == null || mask[sample * steps + step];
  }

  boolean isWeighted() {
    return weights != null;
  }

  /** The weight of a target row: of a sample's step, or of a sample. */
  float weight(int sample, int step) {
    return weights == null ? 1 : weights[lastOnly ? sample : sample * steps + step];
  }

  @Override
  public String toString() {
    return "%d sequences of %d steps with %d inputs and %s %d target values"
        .formatted(
            samples, steps, inputSize, lastOnly ? "altogether" : "at every step", targetSize);
  }
}
