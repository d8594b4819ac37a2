package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import java.util.Objects;

/**
 * Elapsed times of the steps of a batch of B rows and T steps, in the unit that the network was
 * trained with: finite and not negative, 0 is allowed. They say themselves what they belong to, so
 * that nothing has to be guessed from a length. With a list of n rows, B is n; a single step has T
 * = 1.
 *
 * <p>Memory is wrapped, not copied: its numbers are those at the time of the call. {@link
 * Floats#of} takes segments and buffers.
 */
public final class Timespans {
  /** 1 for every step, which is the default of ncps. */
  public static final Timespans ONE = of(1);

  /** What there is one for. */
  enum Shape {
    ONE(false, false, "timespan"),
    PER_STEP(false, true, "timespans per step [T]"),
    PER_ROW(true, false, "timespans per row [B]"),
    PER_ROW_AND_STEP(true, true, "timespans per row and step [B, T]");

    final boolean ofRows;
    final boolean ofSteps;
    private final String title;

    Shape(boolean ofRows, boolean ofSteps, String title) {
      this.ofRows = ofRows;
      this.ofSteps = ofSteps;
      this.title = title;
    }

    long length(int rows, int steps) {
      return (ofRows ? (long) rows : 1) * (ofSteps ? steps : 1);
    }
  }

  private final Shape shape;
  private final Floats values;

  private Timespans(Shape shape, Floats values) {
    this.shape = shape;
    this.values = values;
  }

  /**
   * One for all rows and steps.
   *
   * @throws IllegalArgumentException if it is negative, infinite or NaN
   */
  public static Timespans of(float timespan) {
    Require.timespan(timespan);
    return new Timespans(Shape.ONE, Floats.of(new float[] {timespan}));
  }

  /**
   * One for every step, the same for all rows.
   *
   * @param timespans [T]
   */
  public static Timespans perStep(float[] timespans) {
    return perStep(array(timespans));
  }

  /** As {@link #perStep(float[])}, in memory of any kind. */
  public static Timespans perStep(Floats timespans) {
    return new Timespans(Shape.PER_STEP, Objects.requireNonNull(timespans, "timespans"));
  }

  /**
   * One for every row, the same at all its steps.
   *
   * @param timespans [B], or [n] in the order of a list of n rows
   */
  public static Timespans perRow(float[] timespans) {
    return perRow(array(timespans));
  }

  /** As {@link #perRow(float[])}, in memory of any kind. */
  public static Timespans perRow(Floats timespans) {
    return new Timespans(Shape.PER_ROW, Objects.requireNonNull(timespans, "timespans"));
  }

  /**
   * One for every row and step.
   *
   * @param timespans in the session's layout, [B, T] or [T, B]
   */
  public static Timespans perRowAndStep(float[] timespans) {
    return perRowAndStep(array(timespans));
  }

  /** As {@link #perRowAndStep(float[])}, in memory of any kind. */
  public static Timespans perRowAndStep(Floats timespans) {
    return new Timespans(Shape.PER_ROW_AND_STEP, Objects.requireNonNull(timespans, "timespans"));
  }

  private static Floats array(float[] timespans) {
    return Floats.of(Objects.requireNonNull(timespans, "timespans"));
  }

  Shape shape() {
    return shape;
  }

  Floats values() {
    return values;
  }

  /** The timespan of a row's step. */
  public float get(SequenceLayout layout, int row, int step, int rows, int steps) {
    Objects.requireNonNull(layout, "layout");
    return values.get(
        switch (shape) {
          case ONE -> 0;
          case PER_STEP -> step;
          case PER_ROW -> row;
          case PER_ROW_AND_STEP -> layout.item(row, step, rows, steps);
        });
  }

  /** Throws unless they are as many as there must be, can be read, and are timespans. */
  public void check(int rows, int steps) {
    if (shape == Shape.ONE) {
      return;
    }
    Require.length(shape.title, shape.length(rows, steps), values.length());
    values.check("timespans", false);
    for (long i = 0; i < values.length(); i++) {
      Require.timespan(values.get(i));
    }
  }
}
