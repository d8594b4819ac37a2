package io.github.elegans.networks;

import io.github.elegans.kernels.Series;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Steps of some rows of a batch: their states go to a small batch, advance there and come back.
 * Serves one thread.
 */
final class Gather {
  /** Rows of the small batch at most, so that it stays in the first-level caches. */
  private static final int ROWS = 48;

  private final Cell.Batch states;
  private final Cell.Batch few;
  private final int fewRows;
  private final int inputSize;
  private final int outputSize;
  private final Series x;
  private final Series timespans;
  private final Series out;

  /** State and memory of one row on their way. */
  private final MemorySegment rowState;

  Gather(Cell cell, Cell.Batch states, int batch) {
    this.states = states;
    fewRows = Math.min(ROWS, batch);
    few = cell.batch(fewRows);
    inputSize = cell.inputSize();
    outputSize = cell.outputSize();
    x = new Series(Floats.allocate((long) fewRows * inputSize), inputSize, 0);
    timespans = new Series(Floats.allocate(fewRows), 1, 0);
    out = new Series(Floats.allocate((long) fewRows * outputSize), outputSize, 0);
    rowState = Floats.allocate((long) cell.stateSize() + cell.memorySize());
  }

  /** Advances rows {@code rows[first] .. rows[end - 1]}; items are numbered as in the list. */
  void stepListed(
      int[] rows, int first, int end, Series listedX, Series listedTimespans, Series listedOut) {
    for (int at = first; at < end; at += fewRows) {
      int n = Math.min(fewRows, end - at);
      few.gather(states, rows, at, n, rowState);
      copy(listedX, at, 0, x, 0, (long) n * inputSize);
      copy(listedTimespans, at, 0, timespans, 0, n);
      few.run(0, n, 1, x, timespans, out);
      few.scatter(states, rows, at, n, rowState);
      copy(out, 0, 0, listedOut, at, 0, (long) n * outputSize);
    }
  }

  /** Advances rows {@code rows[first] .. rows[end - 1]} by a step of series of all rows. */
  void step(
      int[] rows,
      int first,
      int end,
      Series allX,
      Series allTimespans,
      @Nullable Series allOut,
      int step) {
    for (int at = first; at < end; at += fewRows) {
      int n = Math.min(fewRows, end - at);
      few.gather(states, rows, at, n, rowState);
      for (int i = 0; i < n; i++) {
        copy(allX, rows[at + i], step, x, i, inputSize);
        copy(allTimespans, rows[at + i], step, timespans, i, 1);
      }
      few.run(0, n, 1, x, timespans, allOut == null ? null : out);
      few.scatter(states, rows, at, n, rowState);
      for (int i = 0; allOut != null && i < n; i++) {
        copy(out, i, 0, allOut, rows[at + i], step, outputSize);
      }
    }
  }

  private static void copy(Series from, int row, int step, Series to, int toRow, long n) {
    copy(from, row, step, to, toRow, 0, n);
  }

  private static void copy(
      Series from, int row, int step, Series to, int toRow, int toStep, long n) {
    FloatSegments.copy(from.data(), from.offset(row, step), to.data(), to.offset(toRow, toStep), n);
  }
}
