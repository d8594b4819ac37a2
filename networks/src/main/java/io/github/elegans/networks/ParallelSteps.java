package io.github.elegans.networks;

import io.github.elegans.kernels.Series;
import io.github.elegans.threads.ThreadTeam;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The threads of a session and how they share its work. */
final class ParallelSteps {
  /** Receives outputs: of rows, or of the items of a list of rows. */
  interface Receiver {
    /** Whether a thread may bring those it computed; or else the caller brings all at the end. */
    boolean onAnyThread();

    void receive(int first, int n);
  }

  private final Cell cell;
  private final Cell.Batch[] batches;
  private final boolean byRows;
  private final @Nullable ThreadTeam team;
  private final ThreadTeam.Task rowsOf = this::rowsOf;
  private final ThreadTeam.Task partsOf = this::partsOf;
  private final ThreadTeam.Task listedOf = this::listedOf;
  private final ThreadTeam.Task raggedOf = this::raggedOf;
  private final Runnable barrier = this::barrier;
  private final int batch;

  /** Of the members, made when first needed. */
  private Gather @Nullable [] gathers;

  /** Rows that have steps left, the members' one after the other. */
  private int @Nullable [] unfinished;

  // What the members work on while a call is under way.
  private int steps;
  private @Nullable Series x;
  private @Nullable Series timespans;
  private @Nullable Series out;
  private @Nullable Receiver receiver;
  private int @Nullable [] rows;
  private int listed;
  private int @Nullable [] counts;
  private int firstStep;

  ParallelSteps(Cell cell, Cell.Batch states, int batch, int threads) {
    this.cell = cell;
    this.batch = batch;
    byRows = batch >= 2 * threads || !states.sharesSteps();
    batches = new Cell.Batch[threads];
    batches[0] = states;
    for (int i = 1; i < threads; i++) {
      batches[i] = byRows ? states.forOtherRows() : states.forOtherPart();
    }
    team = threads == 1 ? null : new ThreadTeam(threads);
  }

  /** The threads other than the caller's, if there are any. */
  @Nullable ThreadTeam threads() {
    return team;
  }

  int size() {
    return batches.length;
  }

  /**
   * Advances all rows, as {@link Cell.Batch#run}.
   *
   * @param newReceiver receives the outputs, on the threads that have just computed them if that
   *     may be
   */
  void run(
      int newSteps,
      Series newX,
      Series newTimespans,
      @Nullable Series newOut,
      @Nullable Receiver newReceiver) {
    if (team == null) {
      batches[0].run(0, batch, newSteps, newX, newTimespans, newOut);
      if (newReceiver != null) {
        newReceiver.receive(0, batch);
      }
      return;
    }
    steps = newSteps;
    work(byRows ? rowsOf : partsOf, batch, newX, newTimespans, newOut, newReceiver);
  }

  /**
   * Advances the first n of the listed rows by one step; the items of the series are those of the
   * list. The gathers must be prepared.
   */
  void step(
      int[] listedRows,
      int n,
      Series newX,
      Series newTimespans,
      Series newOut,
      @Nullable Receiver newReceiver) {
    rows = listedRows;
    listed = n;
    work(listedOf, n, newX, newTimespans, newOut, newReceiver);
    rows = null;
  }

  /**
   * Advances every row by a number of steps of its own, at most those of the batch. Unless it is
   * the same for all, the gathers must be prepared.
   */
  void run(int[] stepsOfRows, Series newX, Series newTimespans, @Nullable Series newOut) {
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (int n : stepsOfRows) {
      least = Math.min(least, n);
      most = Math.max(most, n);
    }
    if (least > 0) {
      run(least, newX, newTimespans, newOut, null);
    }
    if (most > least) {
      counts = stepsOfRows;
      firstStep = least;
      work(raggedOf, batch, newX, newTimespans, newOut, null);
    }
  }

  /** Allocates what listed rows and rows with steps of their own need. */
  void prepareGathers() {
    if (gathers == null) {
      unfinished = new int[batch];
      Gather[] ofMembers = new Gather[size()];
      Arrays.setAll(ofMembers, i -> new Gather(cell, batches[0], batch));
      gathers = ofMembers;
    }
  }

  /** Does a task, of that many rows or items of a list. */
  @SuppressWarnings("ReferenceEquality") // Tasks are no values.
  private void work(
      ThreadTeam.Task task,
      int items,
      Series newX,
      Series newTimespans,
      @Nullable Series newOut,
      @Nullable Receiver newReceiver) {
    // No thread has a row of its own where they share steps.
    boolean byMembers = newReceiver != null && task != partsOf && newReceiver.onAnyThread();
    x = newX;
    timespans = newTimespans;
    out = newOut;
    receiver = byMembers ? newReceiver : null;
    if (team == null) {
      task.work(0);
    } else {
      team.run(task);
    }
    if (newReceiver != null && !byMembers) {
      newReceiver.receive(0, items);
    }
  }

  private void rowsOf(int member) {
    int first = begin(batch, member);
    int rows = begin(batch, member + 1) - first;
    if (rows > 0) {
      batches[member].run(
          first, rows, steps, Objects.requireNonNull(x), Objects.requireNonNull(timespans), out);
      if (receiver != null) {
        receiver.receive(first, rows);
      }
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

  private void listedOf(int member) {
    int[] list = Objects.requireNonNull(rows);
    int first = begin(listed, member);
    int end = begin(listed, member + 1);
    Objects.requireNonNull(gathers)[member].stepListed(
        list,
        first,
        end,
        Objects.requireNonNull(x),
        Objects.requireNonNull(timespans),
        Objects.requireNonNull(out));
    if (receiver != null) {
      receiver.receive(first, end - first);
    }
  }

  private void raggedOf(int member) {
    int[] ends = Objects.requireNonNull(counts);
    int[] active = Objects.requireNonNull(unfinished);
    int first = begin(batch, member);
    int end = begin(batch, member + 1);
    for (int row = first; row < end; row++) {
      active[row] = row;
    }
    for (int step = firstStep; ; step++) {
      int last = end;
      end = first;
      for (int i = first; i < last; i++) {
        if (ends[active[i]] > step) {
          active[end++] = active[i];
        }
      }
      if (end == first) {
        return;
      }
      Objects.requireNonNull(gathers)[member].step(
          active,
          first,
          end,
          Objects.requireNonNull(x),
          Objects.requireNonNull(timespans),
          out,
          step);
    }
  }

  private void barrier() {
    Objects.requireNonNull(team).barrier();
  }

  /**
   * Where a member's share of rows begins; nobody's is larger than the caller's, who starts first.
   */
  private int begin(int rows, int member) {
    return (int) Math.ceilDiv((long) rows * member, size());
  }
}
