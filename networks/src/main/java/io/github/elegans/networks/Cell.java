package io.github.elegans.networks;

import io.github.elegans.kernels.Series;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a session advances: a recurrent layer on a backend, or several layers as one. Immutable; the
 * state of a batch is a {@link Batch} of its own.
 */
public interface Cell {

  /** I: floats of an input item. */
  int inputSize();

  /** O: floats of an output item. */
  int outputSize();

  /** S: floats of a row's hidden state (ncps's {@code hx}, or {@code h} of a pair). */
  int stateSize();

  /** M: floats of a row's memory ({@code c} of a pair with an LSTM), 0 for most cells. */
  default int memorySize() {
    return 0;
  }

  /** A batch of that many rows with a zero state. */
  Batch batch(int rows);

  /**
   * As {@link #batch(int)}, for runs of at most that many steps: a cell that keeps what passes from
   * one of its layers to the next overrides this.
   */
  default Batch batch(int rows, int steps) {
    return batch(rows);
  }

  /** What it computes, as far as others can know it. */
  default CellDescription description() {
    return new CellDescription.Other();
  }

  /**
   * The state of a batch of independent rows, in native memory, with scratch memory for one thread.
   * Arguments are checked by the session; a row's results never depend on the other rows.
   */
  interface Batch {

    /** The same rows for another thread: the state is shared, the scratch memory is not. */
    Batch forOtherRows();

    /**
     * Advances rows {@code firstRow .. firstRow + rows - 1} by {@code steps} steps.
     *
     * @param x input items of I floats for the steps 0 .. steps - 1
     * @param timespans items of one float, finite and not negative
     * @param out receives the output, items of O floats, after every step; null to keep the state
     *     only
     */
    void run(int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out);

    /** Writes the rows' output as of the last step to the items of {@code step}. */
    void emit(int firstRow, int rows, Series out, int step);

    /** Copies a row's state out, S floats and then M, to {@code state} from index {@code at}. */
    void store(int row, MemorySegment state, long at);

    /** Sets a row's state from S floats and then M, in {@code state} from index {@code at}. */
    void load(int row, MemorySegment state, long at);

    /**
     * Sets rows 0 .. n - 1 to the states of rows {@code rows[first] .. rows[first + n - 1]} of
     * another batch of the same cell. A cell whose steps take well below a microsecond overrides
     * this and {@link #scatter}.
     *
     * @param via memory for S + M floats
     */
    default void gather(Batch from, int[] rows, int first, int n, MemorySegment via) {
      for (int i = 0; i < n; i++) {
        from.store(rows[first + i], via, 0);
        load(i, via, 0);
      }
    }

    /** The way back: sets those rows of the other batch to the states of rows 0 .. n - 1. */
    default void scatter(Batch to, int[] rows, int first, int n, MemorySegment via) {
      for (int i = 0; i < n; i++) {
        store(i, via, 0);
        to.load(rows[first + i], via, 0);
      }
    }

    /** Whether threads can share the steps of this batch, of a few rows ({@link #forOtherPart}). */
    default boolean sharesSteps() {
      return false;
    }

    /** A batch for a thread that takes part in every step ({@link #runPart}) of the same rows. */
    default Batch forOtherPart() {
      throw new UnsupportedOperationException("steps of this cell cannot be shared");
    }

    /**
     * As {@link #run} with all rows, done by several threads together, each with its own batch and
     * number.
     *
     * @param barrier returns when all have called it
     */
    default void runPart(
        int member,
        int members,
        Runnable barrier,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      throw new UnsupportedOperationException("steps of this cell cannot be shared");
    }
  }
}
