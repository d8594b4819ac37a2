package io.github.elegans.networks;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.threads.Owner;
import io.github.elegans.threads.ThreadTeam;
import java.lang.ref.Cleaner;
import java.util.Objects;

/**
 * Runs a {@link Network} on a batch of independent rows, and holds their state from call to call.
 *
 * <p>B is the batch, I, S and O the input, state and output sizes of the {@link Network}, M that of
 * its memory, T the steps of a sequence. All arrays are row-major float32, as {@code float[]}, or
 * as {@link Floats}: memory segments and buffers of any kind. However a sequence is cut into calls,
 * a batch into sessions or the work into threads, the results have the same bits. A call that
 * throws has changed nothing; one that is struck midway, by a StackOverflowError, an
 * OutOfMemoryError or memory that cannot be read or written any more, leaves a session that refuses
 * every call until it is {@link #reset()}. After the first calls nothing is allocated.
 *
 * <p>{@link Timespans} are the elapsed time of the steps, {@link Timespans#ONE} where none are
 * given.
 *
 * <p>A session is for one thread at a time, and may go from thread to thread between calls. A call,
 * {@link #close} included, while another thread is inside throws {@link
 * java.util.ConcurrentModificationException} and changes nothing; one from within a call throws
 * {@link IllegalStateException}. Closing a session ends its helper threads, if it has any;
 * forgetting to close it ends them, too, once it is unreachable.
 */
public final class Session implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Owner owner = new Owner("session");
  private final Network network;
  private final int batch;

  // What calls work with; only the thread inside does.
  final Cell.Batch states;
  final Staging staging;
  final Unstaging unstaging;
  final SessionRows stored;
  SequenceLayout layout = SequenceLayout.BATCH_FIRST;
  boolean backwards;
  boolean zeroForMask;
  ParallelSteps parallel;

  private final SessionSteps steps;
  private final SessionRuns runs;
  private final Call<Session, float[]> arrays = new Call<>(this, owner, CallerMemory.ARRAYS);
  private final Call<Session, Floats> floats = new Call<>(this, owner, CallerMemory.FLOATS);

  /** Ends the helper threads. */
  private Cleaner.Cleanable helpers = () -> {};

  Session(Network network, int batch) {
    FloatingPoint.check();
    Require.atLeast("batch", 1, batch);
    this.network = network;
    this.batch = batch;
    staging = new Staging(network, batch);
    states = network.cell().batch(batch, staging.chunk);
    unstaging = new Unstaging(staging, batch, network.outputSize());
    stored = new SessionRows(this);
    steps = new SessionSteps(this);
    runs = new SessionRuns(this);
    parallel = new ParallelSteps(network.cell(), states, batch, 1);
  }

  /** The network that this session runs. */
  public Network network() {
    return network;
  }

  /** B. */
  public int batch() {
    return batch;
  }

  /** Sets the order of the axes of sequences; batch-first by default. */
  public Session layout(SequenceLayout newLayout) {
    Objects.requireNonNull(newLayout, "layout");
    owner.enter();
    layout = newLayout;
    owner.thread = null;
    return this;
  }

  /**
   * Sets whether sequences are run from their ends, with the outputs in the order of processing
   * (Keras's {@code go_backwards}): output 0 is that of input T - 1. Timespans and masks belong to
   * the inputs. Not by default; has no meaning for single steps.
   */
  public Session goBackwards(boolean newBackwards) {
    owner.enter();
    backwards = newBackwards;
    owner.thread = null;
    return this;
  }

  /**
   * Sets whether outputs at masked steps are 0 instead of the previous ones (Keras's {@code
   * zero_output_for_mask}). Not by default; has no meaning for {@code runToLast}.
   */
  public Session zeroOutputForMask(boolean zero) {
    owner.enter();
    zeroForMask = zero;
    owner.thread = null;
    return this;
  }

  /**
   * Sets the number of threads, the caller's included; 1 by default. Rows are split among them, or,
   * when there are fewer than two rows a thread, the outputs of every layer; the bits stay the
   * same. Pays from steps of some microseconds.
   */
  public Session parallelism(int threads) {
    Require.between("parallelism", 1, 1024, threads);
    owner.enterBroken();
    try {
      arrange(threads);
    } finally {
      owner.thread = null;
    }
    return this;
  }

  private void arrange(int threads) {
    if (threads == parallel.size()) {
      return;
    }
    ParallelSteps newSteps = new ParallelSteps(network.cell(), states, batch, threads);
    ThreadTeam threadTeam = newSteps.threads();
    Cleaner.Cleanable newHelpers = () -> {};
    if (threadTeam != null) {
      try {
        newHelpers = CLEANER.register(this, threadTeam::close);
      } catch (Throwable e) {
        threadTeam.close();
        throw e;
      }
    }
    Cleaner.Cleanable oldHelpers = helpers;
    parallel = newSteps;
    helpers = newHelpers;
    oldHelpers.clean();
  }

  /**
   * One step of all rows, with a timespan of 1.
   *
   * @param x [B, I]
   * @param out receives the output [B, O]; may be x
   */
  public void step(float[] x, float[] out) {
    step(x, 1, out);
  }

  /** As {@link #step(float[], float[])}, from and to memory of any kind. */
  public void step(Floats x, Floats out) {
    step(x, 1, out);
  }

  /**
   * One step of all rows with one timespan.
   *
   * @param x [B, I]
   * @param out receives the output [B, O]; may be x
   */
  public void step(float[] x, float timespan, float[] out) {
    arrays.step(steps.step, null, x, timespan, out);
  }

  /** As {@link #step(float[], float, float[])}, from and to memory of any kind. */
  public void step(Floats x, float timespan, Floats out) {
    floats.step(steps.step, null, x, timespan, out);
  }

  /**
   * One step of all rows, each with a timespan of its own, {@link Timespans#perRow}, or with one.
   *
   * @param x [B, I]
   * @param timespans of B rows and one step
   * @param out receives the output [B, O]; may be x
   */
  public void step(float[] x, Timespans timespans, float[] out) {
    arrays.step(steps.stepWithTimespans, null, x, timespans, out);
  }

  /** As {@link #step(float[], Timespans, float[])}, from and to memory of any kind. */
  public void step(Floats x, Timespans timespans, Floats out) {
    floats.step(steps.stepWithTimespans, null, x, timespans, out);
  }

  /**
   * One step of the listed rows with a timespan of 1; the others stay as they are, at no cost. So
   * one session serves thousands of streams whose samples come at different times. A stream that
   * joins begins with {@link #reset(int)}.
   *
   * @param rows n row numbers from 0 to B - 1 in any order, each at most once
   * @param x [n, I], in the order of the list
   * @param out receives the output [n, O]; may be x
   */
  public void step(int[] rows, float[] x, float[] out) {
    step(rows, x, 1, out);
  }

  /** As {@link #step(int[], float[], float[])}, from and to memory of any kind. */
  public void step(int[] rows, Floats x, Floats out) {
    step(rows, x, 1, out);
  }

  /** As {@link #step(int[], float[], float[])}, with one timespan for all listed rows. */
  public void step(int[] rows, float[] x, float timespan, float[] out) {
    arrays.step(steps.stepListed, rows, x, timespan, out);
  }

  /** As {@link #step(int[], float[], float, float[])}, from and to memory of any kind. */
  public void step(int[] rows, Floats x, float timespan, Floats out) {
    floats.step(steps.stepListed, rows, x, timespan, out);
  }

  /**
   * As {@link #step(int[], float[], float[])}, with timespans.
   *
   * @param timespans of n rows, in the order of the list, and one step
   */
  public void step(int[] rows, float[] x, Timespans timespans, float[] out) {
    arrays.step(steps.stepListedWithTimespans, rows, x, timespans, out);
  }

  /** As {@link #step(int[], float[], Timespans, float[])}, from and to memory of any kind. */
  public void step(int[] rows, Floats x, Timespans timespans, Floats out) {
    floats.step(steps.stepListedWithTimespans, rows, x, timespans, out);
  }

  /**
   * Runs a sequence with timespans of 1 and returns the output after every step.
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param out receives [B, T, O] or [T, B, O]; must not overlap x
   */
  public void run(float[] x, int steps, float[] out) {
    run(x, steps, Timespans.ONE, out);
  }

  /** As {@link #run(float[], int, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Floats out) {
    run(x, steps, Timespans.ONE, out);
  }

  /**
   * As {@link #run(float[], int, float[])}, with timespans.
   *
   * @param timespans of B rows and T steps, in memory that out does not overlap
   */
  public void run(float[] x, int steps, Timespans timespans, float[] out) {
    arrays.run(runs.run, x, steps, timespans, Mask.ALL, out);
  }

  /** As {@link #run(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Floats out) {
    floats.run(runs.run, x, steps, timespans, Mask.ALL, out);
  }

  /**
   * Runs a sequence in which rows have no input at some steps: there a row keeps its state, and its
   * output is the previous one, or 0 before the first input of this call, as with a mask in Keras
   * ({@link #zeroOutputForMask}).
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param timespans of B rows and T steps
   * @param mask of B rows and T steps: a mask, or the lengths of padded sequences
   * @param out receives [B, T, O] or [T, B, O]; must not overlap x or timespans
   */
  public void run(float[] x, int steps, Timespans timespans, Mask mask, float[] out) {
    arrays.run(runs.run, x, steps, timespans, mask, out);
  }

  /** As {@link #run(float[], int, Timespans, Mask, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    floats.run(runs.run, x, steps, timespans, mask, out);
  }

  /**
   * Runs a sequence with timespans of 1 and returns the output after the last step (ncps's {@code
   * return_sequences=False}).
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param out receives [B, O]; must not overlap x
   */
  public void runToLast(float[] x, int steps, float[] out) {
    runToLast(x, steps, Timespans.ONE, out);
  }

  /** As {@link #runToLast(float[], int, float[])}, from and to memory of any kind. */
  public void runToLast(Floats x, int steps, Floats out) {
    runToLast(x, steps, Timespans.ONE, out);
  }

  /**
   * As {@link #runToLast(float[], int, float[])}, with timespans.
   *
   * @param timespans of B rows and T steps, in memory that out does not overlap
   */
  public void runToLast(float[] x, int steps, Timespans timespans, float[] out) {
    arrays.run(runs.runToLast, x, steps, timespans, Mask.ALL, out);
  }

  /** As {@link #runToLast(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Floats out) {
    floats.run(runs.runToLast, x, steps, timespans, Mask.ALL, out);
  }

  /**
   * Runs a sequence with a mask and returns every row's output after its last input, 0 if it had
   * none.
   *
   * @param mask as for {@link #run(float[], int, Timespans, Mask, float[])}
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, Timespans timespans, Mask mask, float[] out) {
    arrays.run(runs.runToLast, x, steps, timespans, mask, out);
  }

  /** As {@link #runToLast(float[], int, Timespans, Mask, float[])}, with memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    floats.run(runs.runToLast, x, steps, timespans, mask, out);
  }

  /** Copies out the hidden state ({@code hx}), before any projection: [B, S]. */
  public float[] state() {
    return copied(stored.readState, network.stateSize());
  }

  /** Sets the hidden state of all rows from {@code hx} [B, S]. */
  public void state(float[] hx) {
    arrays.rows(stored.writeState, null, hx, null);
  }

  /** Copies out the memory ({@code c} of a pair with an LSTM): [B, M]. */
  public float[] memory() {
    return copied(stored.readMemory, network.memorySize());
  }

  /** Sets the memory of all rows from {@code c} [B, M]. */
  public void memory(float[] c) {
    arrays.rows(stored.writeMemory, null, c, null);
  }

  private float[] copied(Operation<Session> reading, int size) {
    float[] values = new float[Require.elements("the states of all rows", batch, size)];
    arrays.rows(reading, null, null, values);
    return values;
  }

  /**
   * Copies out all that the listed rows hold, their hidden states with their memories behind, so
   * that streams can be kept elsewhere.
   *
   * @param rows n row numbers from 0 to B - 1
   * @param to receives [n, S + M], in the order of the list
   */
  public void readRows(int[] rows, float[] to) {
    arrays.rows(stored.read, rows, null, to);
  }

  /** As {@link #readRows(int[], float[])}, to memory of any kind. */
  public void readRows(int[] rows, Floats to) {
    floats.rows(stored.read, rows, null, to);
  }

  /**
   * Sets all that the listed rows hold, from what {@link #readRows(int[], float[])} gave.
   *
   * @param rows n row numbers from 0 to B - 1 in any order, each at most once
   * @param from [n, S + M], in the order of the list
   */
  public void writeRows(int[] rows, float[] from) {
    arrays.rows(stored.write, rows, from, null);
  }

  /** As {@link #writeRows(int[], float[])}, from memory of any kind. */
  public void writeRows(int[] rows, Floats from) {
    floats.rows(stored.write, rows, from, null);
  }

  /**
   * Copies all that the listed rows hold to rows of a session, which may be this one: streams move,
   * or fork.
   *
   * @param rows n row numbers of this session
   * @param to a session of a network with the same sizes of state and memory
   * @param toRows n row numbers of that session, each at most once; with this session they may be
   *     among rows, whose states are those before the call
   */
  public void copyRows(int[] rows, Session to, int[] toRows) {
    Objects.requireNonNull(to, "to");
    arrays.copy(stored.copy, rows, to, toRows);
  }

  /** Sets state and memory of all rows to zero. A session that a failed call broke works again. */
  public void reset() {
    arrays.rows(stored.reset, null, null, null);
  }

  /**
   * Sets state and memory of one row to zero: a new sequence begins there while the others go on.
   */
  public void reset(int row) {
    arrays.row(stored.clear, row);
  }

  /** As {@link #reset(int)}, of the listed rows, numbers from 0 to B - 1. */
  public void reset(int[] rows) {
    arrays.rows(stored.clearListed, rows, null, null);
  }

  /**
   * Ends the helper threads; the session works on with the caller's thread alone.
   *
   * @throws java.util.ConcurrentModificationException if another thread is inside; nothing ends
   */
  @Override
  public void close() {
    parallelism(1);
  }

  /** Throws what a run would throw before it changes anything. */
  <M> void prepare(Call<?, M> call, M out, boolean all) {
    calls(call.memory)
        .run(
            all ? runs.prepareRun : runs.prepareRunToLast,
            call.in,
            call.number,
            call.timespans,
            call.mask,
            out);
  }

  /** Runs the sequence of another session's call. */
  <M> void run(Call<?, M> call, M out, boolean all) {
    calls(call.memory)
        .run(all ? runs.run : runs.runToLast, call.in, call.number, call.timespans, call.mask, out);
  }

  /** The way in with memory of a kind. */
  @SuppressWarnings("unchecked") // There is one of each kind.
  <M> Call<Session, M> calls(CallerMemory<M> memory) {
    return (Call<Session, M>) (memory == CallerMemory.ARRAYS ? arrays : floats);
  }
}
