package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.threads.Owner;
import io.github.elegans.threads.ThreadTeam;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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

  /**
   * Floats of a staging buffer, unless a single step needs more: well within the second-level
   * cache.
   */
  private static final int STAGING = 1 << 15;

  private final Owner owner = new Owner("session");
  private final Network network;
  private final int batch;
  private final int inputSize;
  private final int stateSize;
  private final int memorySize;
  private final int outputSize;
  private final Cell.Batch states;

  /** Steps that are staged in native memory at a time. */
  private final int chunk;

  private final Staging batchFirst;
  private final Staging timeFirst;
  private final Series oneTimespan;
  private final Series timespanPerStep;
  private final Series timespanPerRow;

  private final Calls<float[]> arrays = new Calls<>(CallerMemory.ARRAYS);
  private final Calls<Floats> floats = new Calls<>(CallerMemory.FLOATS);

  /** State and memory of one row on their way. */
  private final MemorySegment rowState;

  /** Of all rows, for copies within the session; made when first needed. */
  private @Nullable MemorySegment rowStates;

  /** The last list that named a row, by its number. */
  private final int[] listedBy;

  private int lists;

  private SequenceLayout layout = SequenceLayout.BATCH_FIRST;
  private boolean backwards;
  private boolean zeroForMask;
  private ParallelSteps parallel;

  /** Ends the helper threads. */
  private Cleaner.Cleanable helpers = () -> {};

  /** Native memory laid out as the caller's arrays are. */
  private record Staging(Series x, Series timespans, Series out) {}

  Session(Network network, int batch) {
    FloatingPoint.check();
    Require.atLeast("batch", 1, batch);
    this.network = network;
    this.batch = batch;
    Cell cell = network.cell();
    inputSize = network.inputSize();
    stateSize = network.stateSize();
    memorySize = network.memorySize();
    outputSize = network.outputSize();
    int widest = Math.max(inputSize, Math.max(stateSize, outputSize));
    chunk = Math.toIntExact(Math.max(1, STAGING / ((long) batch * widest)));
    states = cell.batch(batch, chunk);
    rowState = Floats.allocate((long) stateSize + memorySize);
    listedBy = new int[batch];
    long rows = (long) chunk * batch;
    MemorySegment x = Floats.allocate(rows * inputSize);
    MemorySegment timespans = Floats.allocate(rows);
    MemorySegment out = Floats.allocate(rows * outputSize);
    batchFirst =
        new Staging(
            new Series(x, (long) chunk * inputSize, inputSize),
            new Series(timespans, chunk, 1),
            new Series(out, (long) chunk * outputSize, outputSize));
    timeFirst =
        new Staging(
            new Series(x, inputSize, (long) batch * inputSize),
            new Series(timespans, 1, batch),
            new Series(out, outputSize, (long) batch * outputSize));
    oneTimespan = new Series(timespans, 0, 0);
    timespanPerStep = new Series(timespans, 0, 1);
    timespanPerRow = new Series(timespans, 1, 0);
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
      if (threads != parallel.size()) {
        arrange(threads);
      }
    } finally {
      owner.thread = null;
    }
    return this;
  }

  private void arrange(int threads) {
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
    arrays.step(x, timespan, out);
  }

  /** As {@link #step(float[], float, float[])}, from and to memory of any kind. */
  public void step(Floats x, float timespan, Floats out) {
    floats.step(x, timespan, out);
  }

  /**
   * One step of all rows, each with a timespan of its own, {@link Timespans#perRow}, or with one.
   *
   * @param x [B, I]
   * @param timespans of B rows and one step
   * @param out receives the output [B, O]; may be x
   */
  public void step(float[] x, Timespans timespans, float[] out) {
    arrays.step(x, timespans, out);
  }

  /** As {@link #step(float[], Timespans, float[])}, from and to memory of any kind. */
  public void step(Floats x, Timespans timespans, Floats out) {
    floats.step(x, timespans, out);
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
    arrays.step(rows, x, timespan, out);
  }

  /** As {@link #step(int[], float[], float, float[])}, from and to memory of any kind. */
  public void step(int[] rows, Floats x, float timespan, Floats out) {
    floats.step(rows, x, timespan, out);
  }

  /**
   * As {@link #step(int[], float[], float[])}, with timespans.
   *
   * @param timespans of n rows, in the order of the list, and one step
   */
  public void step(int[] rows, float[] x, Timespans timespans, float[] out) {
    arrays.step(rows, x, timespans, out);
  }

  /** As {@link #step(int[], float[], Timespans, float[])}, from and to memory of any kind. */
  public void step(int[] rows, Floats x, Timespans timespans, Floats out) {
    floats.step(rows, x, timespans, out);
  }

  /** Throws unless they are distinct numbers of rows. */
  void checkListed(String name, int[] rows) {
    checkNumbers(name, rows);
    if (++lists == 0) {
      Arrays.fill(listedBy, 0);
      lists = 1;
    }
    for (int i = 0; i < rows.length; i++) {
      int row = rows[i];
      if (listedBy[row] == lists) {
        throw new IllegalArgumentException(
            "%s must be distinct, but %d is listed again at %1$s[%d]".formatted(name, row, i));
      }
      listedBy[row] = lists;
    }
  }

  /** Throws unless they are numbers of rows. */
  void checkNumbers(String name, int[] rows) {
    Objects.requireNonNull(rows, name);
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= batch) {
        throw new IndexOutOfBoundsException(
            "%s must lie between 0 and %d, but %1$s[%d] is %d"
                .formatted(name, batch - 1, i, rows[i]));
      }
    }
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
    arrays.run(x, steps, timespans, Mask.ALL, out, true);
  }

  /** As {@link #run(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Floats out) {
    floats.run(x, steps, timespans, Mask.ALL, out, true);
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
    arrays.run(x, steps, timespans, mask, out, true);
  }

  /** As {@link #run(float[], int, Timespans, Mask, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    floats.run(x, steps, timespans, mask, out, true);
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
    arrays.run(x, steps, timespans, Mask.ALL, out, false);
  }

  /** As {@link #runToLast(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Floats out) {
    floats.run(x, steps, timespans, Mask.ALL, out, false);
  }

  /**
   * Runs a sequence with a mask and returns every row's output after its last input, 0 if it had
   * none.
   *
   * @param mask as for {@link #run(float[], int, Timespans, Mask, float[])}
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, Timespans timespans, Mask mask, float[] out) {
    arrays.run(x, steps, timespans, mask, out, false);
  }

  /** As {@link #runToLast(float[], int, Timespans, Mask, float[])}, with memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    floats.run(x, steps, timespans, mask, out, false);
  }

  /** Throws what a run would throw before it changes anything. */
  void prepare(float[] x, int steps, Timespans timespans, Mask mask, float[] out, boolean all) {
    arrays.prepare(x, steps, timespans, mask, out, all);
  }

  /** As above, of memory of any kind. */
  void prepare(Floats x, int steps, Timespans timespans, Mask mask, Floats out, boolean all) {
    floats.prepare(x, steps, timespans, mask, out, all);
  }

  /** Copies out the hidden state ({@code hx}), before any projection: [B, S]. */
  public float[] state() {
    return stored(0, stateSize);
  }

  /** Sets the hidden state of all rows from {@code hx} [B, S]. */
  public void state(float[] hx) {
    arrays.writeAll("hx", "[B, S]", hx, 0, stateSize);
  }

  /** Copies out the memory ({@code c} of a pair with an LSTM): [B, M]. */
  public float[] memory() {
    return stored(stateSize, memorySize);
  }

  /** Sets the memory of all rows from {@code c} [B, M]. */
  public void memory(float[] c) {
    arrays.writeAll("c", "[B, M]", c, stateSize, memorySize);
  }

  /** Copies out some floats of every row's state and memory. */
  private float[] stored(int first, int n) {
    float[] values;
    owner.enter();
    try {
      values = new float[Require.elements("the states of all rows", batch, n)];
      for (int row = 0; row < batch; row++) {
        states.store(row, rowState, 0);
        CallerMemory.ARRAYS.write(rowState, first, values, (long) row * n, n);
      }
    } finally {
      owner.thread = null;
    }
    Reference.reachabilityFence(this);
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
    arrays.readRows(rows, to);
  }

  /** As {@link #readRows(int[], float[])}, to memory of any kind. */
  public void readRows(int[] rows, Floats to) {
    floats.readRows(rows, to);
  }

  /**
   * Sets all that the listed rows hold, from what {@link #readRows(int[], float[])} gave.
   *
   * @param rows n row numbers from 0 to B - 1 in any order, each at most once
   * @param from [n, S + M], in the order of the list
   */
  public void writeRows(int[] rows, float[] from) {
    arrays.writeRows(rows, from);
  }

  /** As {@link #writeRows(int[], float[])}, from memory of any kind. */
  public void writeRows(int[] rows, Floats from) {
    floats.writeRows(rows, from);
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
    owner.enter();
    try {
      if (to == this) {
        copyWithin(rows, toRows);
      } else {
        to.owner.enter();
        try {
          copyTo(rows, to, toRows);
        } finally {
          to.owner.thread = null;
        }
      }
    } finally {
      owner.thread = null;
    }
    Reference.reachabilityFence(this);
    Reference.reachabilityFence(to);
  }

  private void copyTo(int[] rows, Session to, int[] toRows) {
    checkCopy(rows, to, toRows);
    try {
      for (int i = 0; i < rows.length; i++) {
        states.store(rows[i], rowState, 0);
        to.states.load(toRows[i], rowState, 0);
      }
    } catch (Throwable e) {
      to.owner.broken = e;
      throw e;
    }
  }

  /** Throws unless rows can be copied so. */
  void checkCopy(int[] rows, Session to, int[] toRows) {
    checkNumbers("rows", rows);
    to.checkListed("toRows", toRows);
    Require.length("toRows [n]", rows.length, toRows.length);
    Require.length("the other session's state [S]", stateSize, to.stateSize);
    Require.length("the other session's memory [M]", memorySize, to.memorySize);
  }

  private void copyWithin(int[] rows, int[] toRows) {
    checkCopy(rows, this, toRows);
    long width = (long) stateSize + memorySize;
    if (rowStates == null) {
      rowStates = Floats.allocate(batch * width);
    }
    for (int i = 0; i < rows.length; i++) {
      states.store(rows[i], rowStates, i * width);
    }
    try {
      for (int i = 0; i < rows.length; i++) {
        states.load(toRows[i], rowStates, i * width);
      }
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    }
  }

  /** Sets state and memory of all rows to zero. A session that a failed call broke works again. */
  public void reset() {
    owner.enterBroken();
    try {
      rowState.fill((byte) 0);
      for (int row = 0; row < batch; row++) {
        states.load(row, rowState, 0);
      }
      owner.broken = null;
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    } finally {
      owner.thread = null;
    }
    Reference.reachabilityFence(this);
  }

  /**
   * Sets state and memory of one row to zero: a new sequence begins there while the others go on.
   */
  public void reset(int row) {
    owner.enter();
    try {
      Objects.checkIndex(row, batch);
      try {
        rowState.fill((byte) 0);
        states.load(row, rowState, 0);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
    Reference.reachabilityFence(this);
  }

  /** As {@link #reset(int)}, of the listed rows, numbers from 0 to B - 1. */
  public void reset(int[] rows) {
    owner.enter();
    try {
      checkNumbers("rows", rows);
      try {
        rowState.fill((byte) 0);
        for (int row : rows) {
          states.load(row, rowState, 0);
        }
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
    Reference.reachabilityFence(this);
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

  private static void checkTimespans(Timespans timespans, int rows, int steps) {
    Objects.requireNonNull(timespans, "timespans");
    timespans.check(rows, steps);
  }

  private void fillTimespans(int n, float timespan) {
    for (int i = 0; i < n; i++) {
      timeFirst.timespans.data().set(JAVA_FLOAT_UNALIGNED, (long) i * Float.BYTES, timespan);
    }
  }

  /** Where timespans are staged; those that do not change from step to step already are. */
  private Series stagedTimespans(Timespans timespans, Staging staging) {
    return switch (timespans.shape()) {
      case ONE -> {
        timespans.values().read(0, oneTimespan.data(), 0, 1);
        yield oneTimespan;
      }
      case PER_ROW -> {
        timespans.values().read(0, timespanPerRow.data(), 0, batch);
        yield timespanPerRow;
      }
      case PER_STEP -> timespanPerStep;
      case PER_ROW_AND_STEP -> staging.timespans;
    };
  }

  private Staging staging(SequenceLayout order) {
    return order == SequenceLayout.BATCH_FIRST ? batchFirst : timeFirst;
  }

  /** What is done with the caller's floats, in one kind of memory. */
  private final class Calls<M> {
    private final CallerMemory<M> memory;
    private final Unstaging unstaging = new Unstaging();
    private @Nullable Picked picked;

    Calls(CallerMemory<M> memory) {
      this.memory = memory;
    }

    void step(M x, float timespan, M out) {
      owner.enter();
      try {
        checkStep(x, out);
        Require.timespan(timespan);
        oneTimespan.data().set(JAVA_FLOAT_UNALIGNED, 0, timespan);
        advance(x, oneTimespan, out);
      } finally {
        owner.thread = null;
      }
    }

    void step(M x, Timespans timespans, M out) {
      owner.enter();
      try {
        checkStep(x, out);
        checkTimespans(timespans, batch, 1);
        boolean ofRows = timespans.shape().ofRows;
        Series staged = ofRows ? timeFirst.timespans : oneTimespan;
        timespans.values().read(0, staged.data(), 0, ofRows ? batch : 1);
        advance(x, staged, out);
      } finally {
        owner.thread = null;
      }
    }

    private void checkStep(M x, M out) {
      memory.requireReadable("x", "[B, I]", (long) batch * inputSize, x);
      memory.requireWritable("out", "[B, O]", (long) batch * outputSize, out);
    }

    private void advance(M x, Series timespans, M out) {
      memory.read(x, 0, timeFirst.x.data(), 0, (long) batch * inputSize);
      try {
        // Measured: the output of one row is best taken afterwards, that of a batch by the kernel.
        if (batch == 1) {
          parallel.run(1, timeFirst.x, timespans, null, null);
          states.emit(0, 1, timeFirst.out, 0);
          memory.write(timeFirst.out.data(), 0, out, 0, outputSize);
        } else {
          parallel.run(1, timeFirst.x, timespans, timeFirst.out, unstaging.ofStep(out));
          unstaging.to = null;
        }
      } catch (Throwable e) {
        unstaging.to = null;
        owner.broken = e;
        throw e;
      }
      Reference.reachabilityFence(Session.this);
    }

    void step(int[] rows, M x, float timespan, M out) {
      owner.enter();
      try {
        checkStepListed(rows, x, out);
        Require.timespan(timespan);
        fillTimespans(rows.length, timespan);
        advance(rows, x, out);
      } finally {
        owner.thread = null;
      }
    }

    void step(int[] rows, M x, Timespans timespans, M out) {
      owner.enter();
      try {
        checkStepListed(rows, x, out);
        checkTimespans(timespans, rows.length, 1);
        if (timespans.shape().ofRows) {
          timespans.values().read(0, timeFirst.timespans.data(), 0, rows.length);
        } else {
          fillTimespans(rows.length, timespans.values().get(0));
        }
        advance(rows, x, out);
      } finally {
        owner.thread = null;
      }
    }

    private void checkStepListed(int[] rows, M x, M out) {
      checkListed("rows", rows);
      memory.requireReadable("x", "[n, I]", (long) rows.length * inputSize, x);
      memory.requireWritable("out", "[n, O]", (long) rows.length * outputSize, out);
      parallel.prepareGathers();
    }

    private void advance(int[] rows, M x, M out) {
      memory.read(x, 0, timeFirst.x.data(), 0, (long) rows.length * inputSize);
      try {
        parallel.step(rows, timeFirst.x, timeFirst.timespans, timeFirst.out, unstaging.ofStep(out));
        unstaging.to = null;
      } catch (Throwable e) {
        unstaging.to = null;
        owner.broken = e;
        throw e;
      }
      Reference.reachabilityFence(Session.this);
    }

    void run(M x, int steps, Timespans timespans, Mask mask, M out, boolean all) {
      owner.enter();
      try {
        ready(x, steps, timespans, mask, out, all);
        try {
          if (mask != Mask.ALL || backwards) {
            Objects.requireNonNull(picked).run(x, steps, timespans, mask, out, all);
          } else {
            runWhole(x, steps, timespans, out, all);
          }
        } catch (Throwable e) {
          owner.broken = e;
          throw e;
        }
      } finally {
        owner.thread = null;
      }
      Reference.reachabilityFence(Session.this);
    }

    /** Throws what {@link #run} would throw before it changes anything. */
    void prepare(M x, int steps, Timespans timespans, Mask mask, M out, boolean all) {
      owner.enter();
      try {
        ready(x, steps, timespans, mask, out, all);
      } finally {
        owner.thread = null;
      }
    }

    /** Checks the arguments of a run, and allocates what it needs. */
    private void ready(M x, int steps, Timespans timespans, Mask mask, M out, boolean all) {
      Require.atLeast("steps", 1, steps);
      long items = (long) batch * steps;
      memory.requireReadable("x", "[B, T, I]", Require.product(items, inputSize), x);
      memory.requireWritable(
          "out",
          all ? "[B, T, O]" : "[B, O]",
          Require.product(all ? items : batch, outputSize),
          out);
      checkTimespans(timespans, batch, steps);
      Objects.requireNonNull(mask, "mask").check(batch, steps);
      if (memory.overlap(out, x) || memory.overlap(out, timespans.values())) {
        throw new IllegalArgumentException("out must not overlap x or timespans");
      }
      if ((mask != Mask.ALL || backwards) && picked == null) {
        picked = new Picked();
      }
      if (mask != Mask.ALL) {
        parallel.prepareGathers();
      }
    }

    private void runWhole(M x, int steps, Timespans timespans, M out, boolean all) {
      Staging staging = staging(layout);
      Series staged = stagedTimespans(timespans, staging);
      for (int first = 0; first < steps; first += chunk) {
        int n = Math.min(chunk, steps - first);
        stage(memory, x, inputSize, first, n, steps, staging.x.data());
        switch (timespans.shape()) {
          case ONE, PER_ROW -> {
            // Staged before the first chunk.
          }
          case PER_STEP -> timespans.values().read(first, staged.data(), 0, n);
          case PER_ROW_AND_STEP ->
              stage(CallerMemory.FLOATS, timespans.values(), 1, first, n, steps, staged.data());
        }
        if (all) {
          parallel.run(
              n, staging.x, staged, staging.out, unstaging.ofSteps(out, layout, first, n, steps));
        } else {
          parallel.run(n, staging.x, staged, null, null);
        }
      }
      unstaging.to = null;
      if (!all) {
        last(out);
      }
    }

    /**
     * Copies steps first .. first + n - 1 of the caller's array to staging memory of the same
     * layout.
     */
    private <N> void stage(
        CallerMemory<N> kind, N from, int width, int first, int n, int steps, MemorySegment to) {
      if (layout == SequenceLayout.TIME_FIRST) {
        kind.read(from, (long) first * batch * width, to, 0, (long) n * batch * width);
        return;
      }
      for (int row = 0; row < batch; row++) {
        long at = ((long) row * steps + first) * width;
        kind.read(from, at, to, (long) row * chunk * width, (long) n * width);
      }
    }

    /**
     * Copies outputs from the staging memory to the caller's, on the threads that have just
     * computed them: those of a batch of 64 took a tenth of the time of a step on their way from
     * core to core.
     */
    private final class Unstaging implements ParallelSteps.Receiver {
      private @Nullable M to;
      private SequenceLayout order = SequenceLayout.TIME_FIRST;
      private int firstStep;
      private int n;
      private int steps;

      Unstaging ofStep(M out) {
        return ofSteps(out, SequenceLayout.TIME_FIRST, 0, 1, 1);
      }

      /** Of the n staged steps, which begin with that one of the sequence. */
      Unstaging ofSteps(M out, SequenceLayout newOrder, int newFirstStep, int newN, int newSteps) {
        to = out;
        order = newOrder;
        firstStep = newFirstStep;
        n = newN;
        steps = newSteps;
        return this;
      }

      @Override
      public boolean onAnyThread() {
        return memory.onAnyThread(Objects.requireNonNull(to));
      }

      @Override
      public void receive(int firstRow, int rows) {
        if (order == SequenceLayout.BATCH_FIRST) {
          for (int row = firstRow; row < firstRow + rows; row++) {
            take(row, 0, n);
          }
        } else if (rows == batch) {
          take(0, 0, (long) n * batch);
        } else {
          for (int step = 0; step < n; step++) {
            take(firstRow, step, rows);
          }
        }
      }

      /** Items that follow each other on both sides. */
      private void take(int row, int step, long items) {
        Series staged = staging(order).out;
        long at = order.item(row, firstStep + step, batch, steps) * outputSize;
        memory.write(
            staged.data(),
            staged.offset(row, step),
            Objects.requireNonNull(to),
            at,
            items * outputSize);
      }
    }

    private void last(M out) {
      states.emit(0, batch, timeFirst.out, 0);
      memory.write(timeFirst.out.data(), 0, out, 0, (long) batch * outputSize);
    }

    /**
     * Sequences whose items are picked one by one, because some are masked or the last comes first.
     * The items that a row has stand together in the staging memory, as if there were no others.
     */
    private final class Picked {
      /** Items that the rows have in the staging memory. */
      private final int[] counts = new int[batch];

      /** Whether the rows have had an item since the call began. */
      private final boolean[] begun = new boolean[batch];

      /** The rows' latest outputs, [B, O]. */
      private final Series latest =
          new Series(Floats.allocate((long) batch * outputSize), outputSize, 0);

      private final MemorySegment zeros = Floats.allocate(outputSize);

      void run(M x, int steps, Timespans timespans, Mask mask, M out, boolean all) {
        Arrays.fill(begun, false);
        latest.data().fill((byte) 0);
        Timespans.Shape shape = timespans.shape();
        // Those of steps stand together, too, as the steps do that a row has.
        Series staged =
            shape.ofSteps ? batchFirst.timespans : stagedTimespans(timespans, batchFirst);
        for (int first = 0; first < steps; first += chunk) {
          int n = Math.min(chunk, steps - first);
          for (int row = 0; row < batch; row++) {
            counts[row] = stage(row, x, timespans, mask, first, n, steps);
            begun[row] |= counts[row] > 0;
          }
          parallel.run(counts, batchFirst.x, staged, all ? batchFirst.out : null);
          for (int row = 0; all && row < batch; row++) {
            unstage(row, mask, out, first, n, steps);
          }
        }
        if (!all) {
          lastOutputs(out);
        }
      }

      /** Returns how many items the row has among steps first .. first + n - 1. */
      private int stage(int row, M x, Timespans timespans, Mask mask, int first, int n, int steps) {
        int count = 0;
        for (int step = first; step < first + n; step++) {
          int time = time(step, steps);
          if (mask.get(layout, row, time, batch, steps)) {
            long from = layout.item(row, time, batch, steps) * inputSize;
            memory.read(x, from, batchFirst.x.data(), batchFirst.x.offset(row, count), inputSize);
            if (timespans.shape().ofSteps) {
              Series staged = batchFirst.timespans;
              float timespan = timespans.get(layout, row, time, batch, steps);
              long to = staged.offset(row, count) * Float.BYTES;
              staged.data().set(JAVA_FLOAT_UNALIGNED, to, timespan);
            }
            count++;
          }
        }
        return count;
      }

      private void unstage(int row, Mask mask, M out, int first, int n, int steps) {
        Series staged = batchFirst.out;
        int count = 0;
        for (int step = first; step < first + n; step++) {
          long to = layout.item(row, step, batch, steps) * outputSize;
          if (mask.get(layout, row, time(step, steps), batch, steps)) {
            memory.write(staged.data(), staged.offset(row, count++), out, to, outputSize);
          } else if (zeroForMask) {
            memory.write(zeros, 0, out, to, outputSize);
          } else if (count == 0) {
            memory.write(latest.data(), latest.offset(row, 0), out, to, outputSize);
          } else {
            memory.write(staged.data(), staged.offset(row, count - 1), out, to, outputSize);
          }
        }
        if (count > 0) {
          long at = staged.offset(row, count - 1);
          FloatSegments.copy(staged.data(), at, latest.data(), latest.offset(row, 0), outputSize);
        }
      }

      private void lastOutputs(M out) {
        Series last = timeFirst.out;
        states.emit(0, batch, last, 0);
        for (int row = 0; row < batch; row++) {
          long to = (long) row * outputSize;
          if (begun[row]) {
            memory.write(last.data(), last.offset(row, 0), out, to, outputSize);
          } else {
            memory.write(zeros, 0, out, to, outputSize);
          }
        }
      }

      /** The time of a step: a sequence may be run from its end. */
      private int time(int step, int steps) {
        return backwards ? steps - 1 - step : step;
      }
    }

    void readRows(int[] rows, M to) {
      owner.enter();
      try {
        checkNumbers("rows", rows);
        int width = stateSize + memorySize;
        memory.requireWritable("to", "[n, S + M]", (long) rows.length * width, to);
        for (int i = 0; i < rows.length; i++) {
          states.store(rows[i], rowState, 0);
          memory.write(rowState, 0, to, (long) i * width, width);
        }
        Reference.reachabilityFence(Session.this);
      } finally {
        owner.thread = null;
      }
    }

    void writeRows(int[] rows, M from) {
      owner.enter();
      try {
        checkListed("rows", rows);
        int width = stateSize + memorySize;
        memory.requireReadable("from", "[n, S + M]", (long) rows.length * width, from);
        try {
          for (int i = 0; i < rows.length; i++) {
            memory.read(from, (long) i * width, rowState, 0, width);
            states.load(rows[i], rowState, 0);
          }
        } catch (Throwable e) {
          owner.broken = e;
          throw e;
        }
      } finally {
        owner.thread = null;
      }
      Reference.reachabilityFence(Session.this);
    }

    /** Sets some floats of every row's state and memory. */
    void writeAll(String name, String shape, M from, int first, int n) {
      owner.enter();
      try {
        memory.requireReadable(name, shape, (long) batch * n, from);
        try {
          for (int row = 0; row < batch; row++) {
            states.store(row, rowState, 0);
            memory.read(from, (long) row * n, rowState, first, n);
            states.load(row, rowState, 0);
          }
        } catch (Throwable e) {
          owner.broken = e;
          throw e;
        }
      } finally {
        owner.thread = null;
      }
      Reference.reachabilityFence(Session.this);
    }
  }
}
