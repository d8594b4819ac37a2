package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.base.FloatSegments;
import io.github.elegans.internal.Crew;
import io.github.elegans.internal.Owner;
import io.github.elegans.kernels.Require;
import io.github.elegans.kernels.Series;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Network} on a batch of independent rows, and holds their state from call to call.
 *
 * <p>B is the batch, I, S and O the input, state and output sizes of the network's {@link Cell}, M
 * that of its memory, T the steps of a sequence. All arrays are row-major float32, as {@code
 * float[]} or as memory segments of any kind. However a sequence is cut into calls, a batch into
 * sessions or the work into threads, the results have the same bits. A call that throws has changed
 * nothing; one that is struck midway, by a StackOverflowError, an OutOfMemoryError or memory that
 * cannot be read or written any more, leaves a session that refuses every call until it is {@link
 * #reset()}. After the first calls nothing is allocated.
 *
 * <p>Timespans are the elapsed time of a step in the unit that the network was trained with (ncps's
 * default is 1 for every step); they must be finite and not negative, 0 is allowed.
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
  private final Unstaging unstaging = new Unstaging();

  /** State and memory of one row on their way. */
  private final MemorySegment rowState;

  /** The last list that named a row, by its number. */
  private final int[] listedBy;

  private int lists;

  private SequenceLayout layout = SequenceLayout.BATCH_FIRST;
  private boolean backwards;
  private boolean zeroForMask;
  private @Nullable Picked picked;
  private Team team;

  /** Ends the team's helper threads. */
  private Cleaner.Cleanable helpers = () -> {};

  /** Native memory laid out as the caller's arrays are. */
  private record Staging(Series x, Series timespans, Series out) {}

  Session(Network network, int batch) {
    Require.atLeast("batch", 1, batch);
    this.network = network;
    this.batch = batch;
    Cell cell = network.cell();
    inputSize = cell.inputSize();
    stateSize = cell.stateSize();
    memorySize = cell.memorySize();
    outputSize = cell.outputSize();
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
    team = new Team(network.cell(), states, batch, 1);
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
      if (threads != team.size()) {
        arrange(threads);
      }
    } finally {
      owner.thread = null;
    }
    return this;
  }

  private void arrange(int threads) {
    Team newTeam = new Team(network.cell(), states, batch, threads);
    Crew crew = newTeam.crew();
    Cleaner.Cleanable newHelpers = () -> {};
    if (crew != null) {
      try {
        newHelpers = CLEANER.register(this, crew::close);
      } catch (Throwable e) {
        crew.close();
        throw e;
      }
    }
    Cleaner.Cleanable oldHelpers = helpers;
    team = newTeam;
    helpers = newHelpers;
    oldHelpers.clean();
  }

  // ---- single steps
  // ---------------------------------------------------------------------------------------------

  /**
   * One step of all rows with one timespan.
   *
   * @param x [B, I]
   * @param out receives the output [B, O]
   */
  public void step(float[] x, float timespan, float[] out) {
    stepAll(x, timespan, out);
  }

  /** As {@link #step(float[], float, float[])}, from and to memory of any kind. */
  public void step(MemorySegment x, float timespan, MemorySegment out) {
    stepAll(x, timespan, out);
  }

  /**
   * One step of all rows, each with its own timespan.
   *
   * @param x [B, I]
   * @param timespansOfRows [B]
   * @param out receives the output [B, O]
   */
  public void step(float[] x, float[] timespansOfRows, float[] out) {
    owner.enter();
    try {
      checkStep(x, out);
      Require.length("timespans", batch, timespansOfRows.length);
      Floats.checkTimespans(timespansOfRows, batch);
      Series timespans = timeFirst.timespans;
      Floats.read(timespansOfRows, 0, timespans.data(), 0, batch);
      stepAll(x, timespans, out);
    } finally {
      owner.thread = null;
    }
  }

  private void stepAll(Object x, float timespan, Object out) {
    owner.enter();
    try {
      checkStep(x, out);
      Require.timespan(timespan);
      oneTimespan.data().set(JAVA_FLOAT_UNALIGNED, 0, timespan);
      stepAll(x, oneTimespan, out);
    } finally {
      owner.thread = null;
    }
  }

  private void checkStep(Object x, Object out) {
    Require.length("x [B, I]", (long) batch * inputSize, Floats.length(x));
    Require.length("out [B, O]", (long) batch * outputSize, Floats.length(out));
  }

  private void stepAll(Object x, Series timespans, Object out) {
    Floats.check("x", x, false);
    Floats.check("out", out, true);
    Floats.read(x, 0, timeFirst.x.data(), 0, (long) batch * inputSize);
    try {
      // Measured: the output of one row is best taken afterwards, that of a batch by the kernel.
      if (batch == 1) {
        team.run(1, timeFirst.x, timespans, null, null);
        states.emit(0, 1, timeFirst.out, 0);
        Floats.write(timeFirst.out.data(), 0, out, 0, outputSize);
      } else {
        team.run(1, timeFirst.x, timespans, timeFirst.out, unstaging.ofStep(out));
        unstaging.to = null;
      }
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    }
    Reference.reachabilityFence(this);
  }

  // ---- steps of some rows
  // ---------------------------------------------------------------------------------------

  /**
   * One step of the listed rows; the others stay as they are, at no cost. So one session serves
   * thousands of streams whose samples come at different times. A stream that joins begins with
   * {@link #reset(int)}.
   *
   * @param rows n row numbers from 0 to B - 1 in any order, each at most once
   * @param x [n, I], in the order of the list
   * @param timespansOfRows [n]
   * @param out receives the output [n, O]
   */
  public void step(int[] rows, float[] x, float[] timespansOfRows, float[] out) {
    stepListed(rows, x, timespansOfRows, out);
  }

  /** As {@link #step(int[], float[], float[], float[])}, from and to memory of any kind. */
  public void step(int[] rows, MemorySegment x, MemorySegment timespansOfRows, MemorySegment out) {
    stepListed(rows, x, timespansOfRows, out);
  }

  private void stepListed(int[] rows, Object x, Object timespans, Object out) {
    owner.enter();
    try {
      int n = rows.length;
      Require.length("x [n, I]", (long) n * inputSize, Floats.length(x));
      Require.length("timespans [n]", n, Floats.length(timespans));
      Require.length("out [n, O]", (long) n * outputSize, Floats.length(out));
      Floats.check("x", x, false);
      Floats.check("timespans", timespans, false);
      Floats.check("out", out, true);
      Floats.checkTimespans(timespans, n);
      checkListed(rows);
      team.prepareGathers();
      Floats.read(x, 0, timeFirst.x.data(), 0, (long) n * inputSize);
      Floats.read(timespans, 0, timeFirst.timespans.data(), 0, n);
      try {
        team.step(rows, timeFirst.x, timeFirst.timespans, timeFirst.out, unstaging.ofStep(out));
        unstaging.to = null;
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
    Reference.reachabilityFence(this);
  }

  private void checkListed(int[] rows) {
    if (++lists == 0) {
      Arrays.fill(listedBy, 0);
      lists = 1;
    }
    for (int i = 0; i < rows.length; i++) {
      int row = rows[i];
      if (row < 0 || row >= batch) {
        throw new IndexOutOfBoundsException(
            "rows must lie between 0 and %d, but rows[%d] is %d".formatted(batch - 1, i, row));
      }
      if (listedBy[row] == lists) {
        throw new IllegalArgumentException(
            "rows must be distinct, but %d is listed again at rows[%d]".formatted(row, i));
      }
      listedBy[row] = lists;
    }
  }

  // ---- sequences
  // ------------------------------------------------------------------------------------------------

  /**
   * Runs a sequence and returns the output after every step.
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param timespans one for all, [T] one per step, or one per sample and step in the layout of x:
   *     [B, T] or [T, B]
   * @param out receives [B, T, O] or [T, B, O]
   */
  public void run(float[] x, int steps, float[] timespans, float[] out) {
    runAll(x, steps, timespans, null, out, true);
  }

  /** As {@link #run(float[], int, float[], float[])}, from and to memory of any kind. */
  public void run(MemorySegment x, int steps, MemorySegment timespans, MemorySegment out) {
    runAll(x, steps, timespans, null, out, true);
  }

  /**
   * Runs a sequence in which samples have no input at some steps: there a row keeps its state, and
   * its output is the previous one, or 0 before the first input of this call, as with a mask in
   * Keras ({@link #zeroOutputForMask}).
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param timespans as for {@link #run(float[], int, float[], float[])}
   * @param mask [B, T] or [T, B], false where there is no input; what x and timespans hold there
   *     has no influence. For padded sequences see {@link SequenceLayout#mask}
   * @param out receives [B, T, O] or [T, B, O]
   */
  public void run(float[] x, int steps, float[] timespans, boolean[] mask, float[] out) {
    runAll(x, steps, timespans, Objects.requireNonNull(mask, "mask"), out, true);
  }

  /** As {@link #run(float[], int, float[], boolean[], float[])}, from and to any memory. */
  public void run(
      MemorySegment x, int steps, MemorySegment timespans, boolean[] mask, MemorySegment out) {
    runAll(x, steps, timespans, Objects.requireNonNull(mask, "mask"), out, true);
  }

  /**
   * Runs a sequence and returns the output after the last step (ncps's {@code
   * return_sequences=False}).
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param timespans as for {@link #run(float[], int, float[], float[])}
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, float[] timespans, float[] out) {
    runAll(x, steps, timespans, null, out, false);
  }

  /** As {@link #runToLast(float[], int, float[], float[])}, from and to memory of any kind. */
  public void runToLast(MemorySegment x, int steps, MemorySegment timespans, MemorySegment out) {
    runAll(x, steps, timespans, null, out, false);
  }

  /**
   * Runs a sequence with a mask and returns every row's output after its last input, 0 if it had
   * none.
   *
   * @param mask as for {@link #run(float[], int, float[], boolean[], float[])}
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, float[] timespans, boolean[] mask, float[] out) {
    runAll(x, steps, timespans, Objects.requireNonNull(mask, "mask"), out, false);
  }

  /** As {@link #runToLast(float[], int, float[], boolean[], float[])}, from and to any memory. */
  public void runToLast(
      MemorySegment x, int steps, MemorySegment timespans, boolean[] mask, MemorySegment out) {
    runAll(x, steps, timespans, Objects.requireNonNull(mask, "mask"), out, false);
  }

  private void runAll(
      Object x, int steps, Object timespans, boolean @Nullable [] mask, Object out, boolean all) {
    owner.enter();
    try {
      ready(x, steps, timespans, mask, out, all);
      try {
        if (mask != null || backwards) {
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
    Reference.reachabilityFence(this);
  }

  /** Throws what {@link #runAll} would throw before it changes anything. */
  void prepare(
      Object x, int steps, Object timespans, boolean @Nullable [] mask, Object out, boolean all) {
    owner.enter();
    try {
      ready(x, steps, timespans, mask, out, all);
    } finally {
      owner.thread = null;
    }
  }

  /** Checks the arguments of a run, and allocates what it needs. */
  private void ready(
      Object x, int steps, Object timespans, boolean @Nullable [] mask, Object out, boolean all) {
    Require.atLeast("steps", 1, steps);
    long items = (long) batch * steps;
    Require.length("x [B, T, I]", Math.multiplyExact(items, inputSize), Floats.length(x));
    Require.length(
        all ? "out [B, T, O]" : "out [B, O]",
        Math.multiplyExact(all ? items : batch, outputSize),
        Floats.length(out));
    long timespanCount = Floats.length(timespans);
    if (timespanCount != 1 && timespanCount != steps && timespanCount != items) {
      throw new IllegalArgumentException(
          "timespans must have 1, T = %d or B T = %d elements, but has %d"
              .formatted(steps, items, timespanCount));
    }
    if (mask != null) {
      Require.length("mask [B, T]", items, mask.length);
    }
    Floats.check("x", x, false);
    Floats.check("timespans", timespans, false);
    Floats.check("out", out, true);
    if (Floats.overlap(x, out) || Floats.overlap(timespans, out)) {
      throw new IllegalArgumentException("out must not overlap x or timespans");
    }
    Floats.checkTimespans(timespans, timespanCount);
    if ((mask != null || backwards) && picked == null) {
      picked = new Picked();
    }
    if (mask != null) {
      team.prepareGathers();
    }
  }

  private void runWhole(Object x, int steps, Object timespans, Object out, boolean all) {
    long timespanCount = Floats.length(timespans);
    boolean perSample = timespanCount != 1 && timespanCount != steps;
    Staging staging = staging(layout);
    Series staged =
        perSample ? staging.timespans : timespanCount == 1 ? oneTimespan : timespanPerStep;
    for (int first = 0; first < steps; first += chunk) {
      int n = Math.min(chunk, steps - first);
      stage(x, inputSize, first, n, steps, staging.x.data());
      if (perSample) {
        stage(timespans, 1, first, n, steps, staged.data());
      } else {
        Floats.read(
            timespans,
            timespanCount == 1 ? 0 : first,
            staged.data(),
            0,
            timespanCount == 1 ? 1 : n);
      }
      if (all) {
        team.run(
            n, staging.x, staged, staging.out, unstaging.ofSteps(out, layout, first, n, steps));
      } else {
        team.run(n, staging.x, staged, null, null);
      }
    }
    unstaging.to = null;
    if (!all) {
      last(out);
    }
  }

  /**
   * Copies steps first .. first + n - 1 of the caller's array to staging memory of the same layout.
   */
  private void stage(Object from, int width, int first, int n, int steps, MemorySegment to) {
    if (layout == SequenceLayout.TIME_FIRST) {
      Floats.read(from, (long) first * batch * width, to, 0, (long) n * batch * width);
      return;
    }
    for (int row = 0; row < batch; row++) {
      long at = ((long) row * steps + first) * width;
      Floats.read(from, at, to, (long) row * chunk * width, (long) n * width);
    }
  }

  private Staging staging(SequenceLayout order) {
    return order == SequenceLayout.BATCH_FIRST ? batchFirst : timeFirst;
  }

  /**
   * Copies outputs from the staging memory to the caller's, on the threads that have just computed
   * them: those of a batch of 64 took a tenth of the time of a step on their way from core to core.
   */
  private final class Unstaging implements Team.Receiver {
    private @Nullable Object to;
    private SequenceLayout order = SequenceLayout.TIME_FIRST;
    private int firstStep;
    private int n;
    private int steps;

    Unstaging ofStep(Object out) {
      return ofSteps(out, SequenceLayout.TIME_FIRST, 0, 1, 1);
    }

    /** Of the n staged steps, which begin with that one of the sequence. */
    Unstaging ofSteps(
        Object out, SequenceLayout newOrder, int newFirstStep, int newN, int newSteps) {
      to = out;
      order = newOrder;
      firstStep = newFirstStep;
      n = newN;
      steps = newSteps;
      return this;
    }

    @Override
    public boolean onAnyThread() {
      return Floats.onAnyThread(Objects.requireNonNull(to));
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
      Floats.write(
          staged.data(),
          staged.offset(row, step),
          Objects.requireNonNull(to),
          at,
          items * outputSize);
    }
  }

  private void last(Object out) {
    states.emit(0, batch, timeFirst.out, 0);
    Floats.write(timeFirst.out.data(), 0, out, 0, (long) batch * outputSize);
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

    void run(
        Object x, int steps, Object timespans, boolean @Nullable [] mask, Object out, boolean all) {
      Arrays.fill(begun, false);
      latest.data().fill((byte) 0);
      boolean one = Floats.length(timespans) == 1;
      Series staged = one ? oneTimespan : batchFirst.timespans;
      for (int first = 0; first < steps; first += chunk) {
        int n = Math.min(chunk, steps - first);
        for (int row = 0; row < batch; row++) {
          counts[row] = stage(row, x, timespans, mask, first, n, steps);
          begun[row] |= counts[row] > 0;
        }
        if (one) {
          Floats.read(timespans, 0, staged.data(), 0, 1);
        }
        team.run(counts, batchFirst.x, staged, all ? batchFirst.out : null);
        for (int row = 0; all && row < batch; row++) {
          unstage(row, mask, out, first, n, steps);
        }
      }
      if (!all) {
        lastOutputs(out);
      }
    }

    /** Returns how many items the row has among steps first .. first + n - 1. */
    private int stage(
        int row,
        Object x,
        Object timespans,
        boolean @Nullable [] mask,
        int first,
        int n,
        int steps) {
      long timespanCount = Floats.length(timespans);
      int count = 0;
      for (int step = first; step < first + n; step++) {
        int time = time(step, steps);
        long item = layout.item(row, time, batch, steps);
        if (mask == null || mask[(int) item]) {
          Series staged = batchFirst.x;
          Floats.read(x, item * inputSize, staged.data(), staged.offset(row, count), inputSize);
          if (timespanCount > 1) {
            staged = batchFirst.timespans;
            long at = timespanCount == steps ? time : item;
            Floats.read(timespans, at, staged.data(), staged.offset(row, count), 1);
          }
          count++;
        }
      }
      return count;
    }

    private void unstage(
        int row, boolean @Nullable [] mask, Object out, int first, int n, int steps) {
      Series staged = batchFirst.out;
      int count = 0;
      for (int step = first; step < first + n; step++) {
        long to = layout.item(row, step, batch, steps) * outputSize;
        if (mask == null || mask[(int) layout.item(row, time(step, steps), batch, steps)]) {
          Floats.write(staged.data(), staged.offset(row, count++), out, to, outputSize);
        } else if (zeroForMask) {
          Floats.write(zeros, 0, out, to, outputSize);
        } else if (count == 0) {
          Floats.write(latest.data(), latest.offset(row, 0), out, to, outputSize);
        } else {
          Floats.write(staged.data(), staged.offset(row, count - 1), out, to, outputSize);
        }
      }
      if (count > 0) {
        long at = staged.offset(row, count - 1);
        FloatSegments.copy(staged.data(), at, latest.data(), latest.offset(row, 0), outputSize);
      }
    }

    private void lastOutputs(Object out) {
      Series last = timeFirst.out;
      states.emit(0, batch, last, 0);
      for (int row = 0; row < batch; row++) {
        long to = (long) row * outputSize;
        if (begun[row]) {
          Floats.write(last.data(), last.offset(row, 0), out, to, outputSize);
        } else {
          Floats.write(zeros, 0, out, to, outputSize);
        }
      }
    }

    /** The time of a step: a sequence may be run from its end. */
    private int time(int step, int steps) {
      return backwards ? steps - 1 - step : step;
    }
  }

  // ---- state
  // ----------------------------------------------------------------------------------------------------

  /** Copies out the hidden state ({@code hx}), before any projection: [B, S]. */
  public float[] state() {
    return stored(0, stateSize);
  }

  /** Sets the hidden state of all rows from {@code hx} [B, S]. */
  public void state(float[] hx) {
    load("hx [B, S]", hx, 0, stateSize);
  }

  /** Copies out the memory ({@code c} of a pair with an LSTM): [B, M]. */
  public float[] memory() {
    return stored(stateSize, memorySize);
  }

  /** Sets the memory of all rows from {@code c} [B, M]. */
  public void memory(float[] c) {
    load("c [B, M]", c, stateSize, memorySize);
  }

  /** Copies out some floats of every row's state and memory. */
  private float[] stored(int first, int n) {
    float[] values;
    owner.enter();
    try {
      values = new float[Math.multiplyExact(batch, n)];
      for (int row = 0; row < batch; row++) {
        states.store(row, rowState, 0);
        Floats.write(rowState, first, values, (long) row * n, n);
      }
    } finally {
      owner.thread = null;
    }
    Reference.reachabilityFence(this);
    return values;
  }

  private void load(String name, float[] values, int first, int n) {
    owner.enter();
    try {
      Require.length(name, (long) batch * n, values.length);
      try {
        for (int row = 0; row < batch; row++) {
          states.store(row, rowState, 0);
          Floats.read(values, (long) row * n, rowState, first, n);
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
      rowState.fill((byte) 0);
      states.load(row, rowState, 0);
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
}
