package io.github.elegans.networks;

import io.github.elegans.internal.Crew;
import io.github.elegans.kernels.Series;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The threads of a session and how they share its work. */
final class Team {
  /** Rows of a register tile: threads get whole ones. */
  private static final int TILE = 6;

  private final Cell.Batch[] batches;
  private final boolean byRows;
  private final @Nullable Crew crew;
  private final Crew.Task rowsOf = this::rowsOf;
  private final Crew.Task partsOf = this::partsOf;
  private final Runnable barrier = this::barrier;

  // What the members work on while a call is under way.
  private int steps;
  private @Nullable Series x;
  private @Nullable Series timespans;
  private @Nullable Series out;
  private final int batch;

  Team(Cell.Batch states, int batch, int threads) {
    this.batch = batch;
    byRows = batch >= 2 * threads || !states.sharesSteps();
    batches = new Cell.Batch[threads];
    batches[0] = states;
    for (int i = 1; i < threads; i++) {
      batches[i] = byRows ? states.forOtherRows() : states.forOtherPart();
    }
    crew = threads == 1 ? null : new Crew(threads);
  }

  /** The threads other than the caller's, if there are any. */
  @Nullable Crew crew() {
    return crew;
  }

  int size() {
    return batches.length;
  }

  void close() {
    if (crew != null) {
      crew.close();
    }
  }

  /** Advances all rows, as {@link Cell.Batch#run}. */
  void run(int newSteps, Series newX, Series newTimespans, @Nullable Series newOut) {
    if (crew == null) {
      batches[0].run(0, batch, newSteps, newX, newTimespans, newOut);
      return;
    }
    steps = newSteps;
    x = newX;
    timespans = newTimespans;
    out = newOut;
    crew.run(byRows ? rowsOf : partsOf);
  }

  private void rowsOf(int member) {
    int first = begin(batch, member);
    int rows = begin(batch, member + 1) - first;
    if (rows > 0) {
      batches[member].run(
          first, rows, steps, Objects.requireNonNull(x), Objects.requireNonNull(timespans), out);
    }
  }

  private void partsOf(int member) {
    batches[member].runPart(
        member,
        size(),
        barrier,
        steps,
        Objects.requireNonNull(x),
        Objects.requireNonNull(timespans),
        out);
  }

  private void barrier() {
    Objects.requireNonNull(crew).barrier();
  }

  /** Where a member's share of rows begins. */
  private int begin(int rows, int member) {
    int tiles = (rows + TILE - 1) / TILE;
    // Without enough tiles for all, single rows are the better unit.
    int unit = tiles < size() ? 1 : TILE;
    int units = (rows + unit - 1) / unit;
    return Math.min(rows, (int) ((long) units * member / size()) * unit);
  }
}
