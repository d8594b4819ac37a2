package io.github.elegans.kernels.cell;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.Staging;
import org.jspecify.annotations.Nullable;

/**
 * Items of some steps on their way into a cell and out of it, through memory that lasts: {@link
 * Staging}.
 */
final class StagedSteps {
  private final int mostSteps;
  private final int inputSize;
  private final int outputSize;
  private final Series x;
  private final Series timespans;
  private final Series out;

  /** For a cell's calls on a workspace of so many rows. */
  StagedSteps(int rows, int inputSize, int outputSize) {
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    long bytesOfStep =
        Require.bytes("a staged step", rows, (inputSize + 1L + outputSize) * Float.BYTES);
    mostSteps = (int) Math.max(1, Staging.CHUNK / bytesOfStep);
    x = series(rows, mostSteps, inputSize);
    timespans = series(rows, mostSteps, 1);
    out = series(rows, mostSteps, outputSize);
  }

  private static Series series(int rows, int steps, int item) {
    long floats = (long) rows * item;
    return new Series(
        Staging.allocate(Require.bytes("staged steps", steps, floats * Float.BYTES)), item, floats);
  }

  /**
   * Brings the next steps, as many as there is room for.
   *
   * @return how many
   */
  int bring(
      Series fromX, @Nullable Series fromTimespans, int firstRow, int rows, int done, int all) {
    int steps = Math.min(mostSteps, all - done);
    for (int step = 0; step < steps; step++) {
      copy(fromX, done + step, x, step, firstRow, rows, inputSize);
      if (fromTimespans != null) {
        copy(fromTimespans, done + step, timespans, step, firstRow, rows, 1);
      }
    }
    return steps;
  }

  /** Brings the timespans of a step, which becomes step 0. */
  void bringTimespans(Series from, int firstRow, int rows, int step) {
    copy(from, step, timespans, 0, firstRow, rows, 1);
  }

  /** Takes the outputs of those steps to where they belong. */
  void take(@Nullable Series to, int firstRow, int rows, int done, int steps) {
    if (to != null) {
      for (int step = 0; step < steps; step++) {
        copy(out, step, to, done + step, firstRow, rows, outputSize);
      }
    }
  }

  /** The inputs that were brought. */
  Series x() {
    return x;
  }

  /** The timespans that were brought. */
  Series timespans() {
    return timespans;
  }

  /** Where a call puts its outputs, if there is somewhere to take them to. */
  @Nullable Series out(@Nullable Series to) {
    return to == null ? null : out;
  }

  private static void copy(
      Series from, int fromStep, Series to, int toStep, int firstRow, int rows, int item) {
    for (int row = firstRow; row < firstRow + rows; row++) {
      FloatSegments.copy(
          from.data(), from.offset(row, fromStep), to.data(), to.offset(row, toStep), item);
    }
  }
}
