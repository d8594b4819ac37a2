package io.github.elegans.networks;

import io.github.elegans.threads.Owner;
import java.lang.ref.Reference;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * The one way into a session, for calls with memory of one kind: a thread takes the session, the
 * operation prepares, then it changes the session, and whatever happens the thread leaves. A
 * failure of the second part breaks the session.
 *
 * <p>While a call is under way its arguments stand here, for the parts of the session and for the
 * threads that share its work; nothing is allocated for a call.
 *
 * @param <S> the kind of session
 * @param <M> the kind of memory
 */
@NullUnmarked // Which arguments there are its operation knows.
final class Call<S, M> {
  final S session;
  final CallerMemory<M> memory;
  private final Owner owner;

  /** Numbers of rows. */
  int[] rows;

  /** What is read. */
  M in;

  /** Of steps, or that of a row. */
  int number;

  /** The only one, where there are no {@link #timespans}. */
  float timespan;

  Timespans timespans;
  Mask mask;

  /** The mask of a {@link MaskedCfcSession}. */
  boolean[] observed;

  /** What is written. */
  M out;

  /** The session that rows are copied to, or from. */
  S other;

  /** Numbers of rows that are copied to. */
  int[] toRows;

  Call(S session, Owner owner, CallerMemory<M> memory) {
    this.session = session;
    this.owner = owner;
    this.memory = memory;
  }

  /** One step, with one timespan. */
  void step(Operation<S> operation, int @Nullable [] list, M x, float elapsed, M to) {
    make(operation, list, x, 1, elapsed, null, null, null, to, null, null);
  }

  /** One step, with timespans. */
  void step(Operation<S> operation, int @Nullable [] list, M x, Timespans elapsed, M to) {
    make(operation, list, x, 1, 0, elapsed, null, null, to, null, null);
  }

  /** A sequence. */
  void run(Operation<S> operation, M x, int steps, Timespans elapsed, Mask present, M to) {
    make(operation, null, x, steps, 0, elapsed, present, null, to, null, null);
  }

  /** A sequence with a mask for every feature. */
  void run(Operation<S> operation, M x, int steps, Timespans elapsed, boolean[] present, M to) {
    make(operation, null, x, steps, 0, elapsed, null, present, to, null, null);
  }

  /** Something with the states of rows: of the listed ones, if there is a list. */
  void rows(Operation<S> operation, int @Nullable [] list, @Nullable M from, @Nullable M to) {
    make(operation, list, from, 0, 0, null, null, null, to, null, null);
  }

  /** Something with the state of one row. */
  void row(Operation<S> operation, int row) {
    make(operation, null, null, row, 0, null, null, null, null, null, null);
  }

  /** Copies rows from one session to another. */
  void copy(Operation<S> operation, int[] list, S otherSession, int[] toList) {
    make(operation, list, null, 0, 0, null, null, null, null, otherSession, toList);
  }

  /** Throws if what is written overlaps what is read. */
  void requireNoOverlap() {
    if (memory.overlap(out, in) || memory.overlap(out, timespans.values())) {
      throw new IllegalArgumentException("out must not overlap x or timespans");
    }
  }

  /** The session is whole again. */
  void mended() {
    owner.broken = null;
  }

  private void make(
      Operation<S> operation,
      int[] newRows,
      M newIn,
      int newNumber,
      float newTimespan,
      Timespans newTimespans,
      Mask newMask,
      boolean[] newObserved,
      M newOut,
      S newOther,
      int[] newToRows) {
    if (operation.onBroken) {
      owner.enterBroken();
    } else {
      owner.enter();
    }
    try {
      rows = newRows;
      in = newIn;
      number = newNumber;
      timespan = newTimespan;
      timespans = newTimespans;
      mask = newMask;
      observed = newObserved;
      out = newOut;
      other = newOther;
      toRows = newToRows;
      operation.prepare(this);
      try {
        operation.change(this);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      // No method before the thread has left: after a StackOverflowError there may be no room.
      rows = null;
      in = null;
      timespans = null;
      mask = null;
      observed = null;
      out = null;
      other = null;
      toRows = null;
      owner.thread = null;
      Reference.reachabilityFence(session);
    }
  }
}
