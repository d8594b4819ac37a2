package io.github.elegans.cfc;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.internal.Crew;
import io.github.elegans.kernels.Accuracy;
import io.github.elegans.kernels.Activation;
import io.github.elegans.kernels.CfcKernels;
import io.github.elegans.kernels.CfcWorkspace;
import io.github.elegans.kernels.DenseWeights;
import io.github.elegans.kernels.Require;
import io.github.elegans.kernels.Series;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Cfc} on a batch of independent rows, and holds their hidden state from call to
 * call.
 *
 * <p>B is the batch, I, H and O the input, hidden and output sizes of the model, T the steps of a
 * sequence. All arrays are row-major float32, as {@code float[]} or as memory segments of any kind.
 * However a sequence is cut into calls, a batch into sessions or the work into threads, the results
 * have the same bits. A call that throws has changed nothing. After the first calls nothing is
 * allocated.
 *
 * <p>Timespans are the elapsed time of a step in the unit that the model was trained with (ncps's
 * default is 1 for every step); they must be finite and not negative, 0 is allowed.
 *
 * <p>A session is for one thread at a time. Closing it ends its helper threads, if it has any;
 * forgetting to close it ends them, too, once it is unreachable.
 */
public final class CfcSession implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  /**
   * Floats of a staging buffer, unless a single step needs more: well within the second-level
   * cache.
   */
  private static final int STAGING = 1 << 15;

  private final Cfc model;
  private final int batch;
  private final int inputSize;
  private final int hiddenSize;
  private final int outputSize;
  private final CfcWorkspace workspace;

  /** Steps that are staged in native memory at a time. */
  private final int chunk;

  private final Staging batchFirst;
  private final Staging timeFirst;
  private final Series oneTimespan;
  private final Series timespanPerStep;

  /** Hidden state after every step; with a projection always [T, B, H]. */
  private final MemorySegment hidden;

  private final @Nullable Projection projection;

  private SequenceLayout layout = SequenceLayout.BATCH_FIRST;
  private Team team;

  /** Native memory laid out as the caller's arrays are. */
  private record Staging(Series x, Series timespans, Series hidden) {}

  CfcSession(Cfc model, int batch) {
    Require.atLeast("batch", 1, batch);
    this.model = model;
    this.batch = batch;
    inputSize = model.configuration().inputSize();
    hiddenSize = model.configuration().hiddenSize();
    outputSize = model.configuration().outputSize();
    workspace = CfcWorkspace.of(model.weights(), batch);
    int widest = Math.max(inputSize, Math.max(hiddenSize, DenseWeights.roundUp(outputSize)));
    chunk = Math.toIntExact(Math.max(1, STAGING / ((long) batch * widest)));
    long rows = (long) chunk * batch;
    MemorySegment x = floats(rows * inputSize);
    MemorySegment timespans = floats(rows);
    hidden = floats(rows * hiddenSize);
    projection =
        model.projection().map(weights -> new Projection(weights, workspace, rows)).orElse(null);
    Series hiddenTimeFirst = new Series(hidden, hiddenSize, (long) batch * hiddenSize);
    batchFirst =
        new Staging(
            new Series(x, (long) chunk * inputSize, inputSize),
            new Series(timespans, chunk, 1),
            projection == null
                ? new Series(hidden, (long) chunk * hiddenSize, hiddenSize)
                : hiddenTimeFirst);
    timeFirst =
        new Staging(
            new Series(x, inputSize, (long) batch * inputSize),
            new Series(timespans, 1, batch),
            hiddenTimeFirst);
    oneTimespan = new Series(timespans, 0, 0);
    timespanPerStep = new Series(timespans, 0, 1);
    team = new Team(model.cell(), workspace, 1);
  }

  /** The model that this session runs. */
  public Cfc model() {
    return model;
  }

  /** B. */
  public int batch() {
    return batch;
  }

  /** Sets the order of the axes of sequences; batch-first by default. */
  public CfcSession layout(SequenceLayout newLayout) {
    layout = Objects.requireNonNull(newLayout, "layout");
    return this;
  }

  /**
   * Sets the number of threads, the caller's included; 1 by default. Rows are split among them, or,
   * when there are fewer than two rows a thread, the outputs of every layer; the bits stay the
   * same. Pays from steps of about a microsecond.
   */
  public CfcSession parallelism(int threads) {
    Require.between("parallelism", 1, 1024, threads);
    if (threads != team.size()) {
      team.close();
      team = new Team(model.cell(), workspace, threads);
      if (team.crew != null) {
        CLEANER.register(this, team.crew::close);
      }
    }
    return this;
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
    stepAll(x, x.length, timespan, out, out.length);
  }

  /** As {@link #step(float[], float, float[])}, from and to memory of any kind. */
  public void step(MemorySegment x, float timespan, MemorySegment out) {
    stepAll(x, length(x), timespan, out, length(out));
  }

  /**
   * One step of all rows, each with its own timespan.
   *
   * @param x [B, I]
   * @param timespansOfRows [B]
   * @param out receives the output [B, O]
   */
  public void step(float[] x, float[] timespansOfRows, float[] out) {
    checkStep(x.length, out.length);
    Require.length("timespans", batch, timespansOfRows.length);
    for (float timespan : timespansOfRows) {
      checkTimespan(timespan);
    }
    Series timespans = timeFirst.timespans;
    read(timespansOfRows, 0, timespans.data(), 0, batch);
    stepAll(x, timespans, out);
  }

  private void stepAll(Object x, long xLength, float timespan, Object out, long outLength) {
    checkStep(xLength, outLength);
    checkTimespan(timespan);
    oneTimespan.data().set(JAVA_FLOAT_UNALIGNED, 0, timespan);
    stepAll(x, oneTimespan, out);
  }

  private void checkStep(long xLength, long outLength) {
    Require.length("x [B, I]", (long) batch * inputSize, xLength);
    Require.length("out [B, O]", (long) batch * outputSize, outLength);
  }

  private void stepAll(Object x, Series timespans, Object out) {
    checkMemory("x", x, false);
    checkMemory("out", out, true);
    read(x, 0, timeFirst.x.data(), 0, (long) batch * inputSize);
    // One row is read from the state itself; the rows of a batch are gathered by the kernel.
    boolean direct = projection != null || batch == 1;
    team.advance(1, timeFirst.x, timespans, direct ? null : timeFirst.hidden);
    if (direct) {
      last(out);
    } else {
      write(hidden, 0, out, 0, (long) batch * outputSize);
    }
    Reference.reachabilityFence(this);
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
    runAll(x, x.length, steps, timespans, timespans.length, out, out.length, true);
  }

  /** As {@link #run(float[], int, float[], float[])}, from and to memory of any kind. */
  public void run(MemorySegment x, int steps, MemorySegment timespans, MemorySegment out) {
    runAll(x, length(x), steps, timespans, length(timespans), out, length(out), true);
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
    runAll(x, x.length, steps, timespans, timespans.length, out, out.length, false);
  }

  /** As {@link #runToLast(float[], int, float[], float[])}, from and to memory of any kind. */
  public void runToLast(MemorySegment x, int steps, MemorySegment timespans, MemorySegment out) {
    runAll(x, length(x), steps, timespans, length(timespans), out, length(out), false);
  }

  private void runAll(
      Object x,
      long xLength,
      int steps,
      Object timespans,
      long timespanCount,
      Object out,
      long outLength,
      boolean all) {
    Require.atLeast("steps", 1, steps);
    long items = (long) batch * steps;
    Require.length("x [B, T, I]", Math.multiplyExact(items, inputSize), xLength);
    Require.length(
        all ? "out [B, T, O]" : "out [B, O]",
        Math.multiplyExact(all ? items : batch, outputSize),
        outLength);
    if (timespanCount != 1 && timespanCount != steps && timespanCount != items) {
      throw new IllegalArgumentException(
          "timespans must have 1, T = %d or B T = %d elements, but has %d"
              .formatted(steps, items, timespanCount));
    }
    checkMemory("x", x, false);
    checkMemory("timespans", timespans, false);
    checkMemory("out", out, true);
    if (overlap(x, out) || overlap(timespans, out)) {
      throw new IllegalArgumentException("out must not overlap x or timespans");
    }
    for (long i = 0; i < timespanCount; i++) {
      checkTimespan(
          timespans instanceof float[] array
              ? array[(int) i]
              : ((MemorySegment) timespans).get(JAVA_FLOAT_UNALIGNED, i * Float.BYTES));
    }
    boolean perSample = timespanCount == items && timespanCount != steps;
    Staging staging = layout == SequenceLayout.BATCH_FIRST ? batchFirst : timeFirst;
    Series staged =
        perSample ? staging.timespans : timespanCount == 1 ? oneTimespan : timespanPerStep;
    for (int first = 0; first < steps; first += chunk) {
      int n = Math.min(chunk, steps - first);
      stage(x, inputSize, first, n, steps, staging.x.data());
      if (perSample) {
        stage(timespans, 1, first, n, steps, staged.data());
      } else {
        read(
            timespans,
            timespanCount == 1 ? 0 : first,
            staged.data(),
            0,
            timespanCount == 1 ? 1 : n);
      }
      team.advance(n, staging.x, staged, all ? staging.hidden : null);
      if (all) {
        unstage(out, first, n, steps);
      }
    }
    if (!all) {
      last(out);
    }
    Reference.reachabilityFence(this);
  }

  /**
   * Copies steps first .. first + n - 1 of the caller's array to staging memory of the same layout.
   */
  private void stage(Object from, int width, int first, int n, int steps, MemorySegment to) {
    if (layout == SequenceLayout.TIME_FIRST) {
      read(from, (long) first * batch * width, to, 0, (long) n * batch * width);
      return;
    }
    for (int row = 0; row < batch; row++) {
      long at = ((long) row * steps + first) * width;
      read(from, at, to, (long) row * chunk * width, (long) n * width);
    }
  }

  /** Copies the outputs of the staged steps to the caller's array. */
  private void unstage(Object out, int first, int n, int steps) {
    boolean timeMajor = layout == SequenceLayout.TIME_FIRST;
    if (projection != null) {
      projection.ofHidden(hidden, (long) n * batch);
      if (timeMajor) {
        projection.write(0, out, (long) first * batch, (long) n * batch);
        return;
      }
      for (int row = 0; row < batch; row++) {
        for (int step = 0; step < n; step++) {
          projection.write((long) step * batch + row, out, (long) row * steps + first + step, 1);
        }
      }
      return;
    }
    if (timeMajor) {
      long at = (long) first * batch * hiddenSize;
      write(hidden, 0, out, at, (long) n * batch * hiddenSize);
      return;
    }
    for (int row = 0; row < batch; row++) {
      long at = ((long) row * steps + first) * hiddenSize;
      write(hidden, (long) row * chunk * hiddenSize, out, at, (long) n * hiddenSize);
    }
  }

  private void last(Object out) {
    if (projection != null) {
      projection.ofState();
      projection.write(0, out, 0, batch);
      return;
    }
    for (int row = 0; row < batch; row++) {
      write(
          workspace.state(),
          workspace.hiddenStateOffset(row),
          out,
          (long) row * hiddenSize,
          hiddenSize);
    }
  }

  // ---- state
  // ----------------------------------------------------------------------------------------------------

  /** Copies out the hidden state ({@code hx}), before any projection: [B, H]. */
  public float[] state() {
    float[] hx = new float[Math.multiplyExact(batch, hiddenSize)];
    for (int row = 0; row < batch; row++) {
      write(
          workspace.state(),
          workspace.hiddenStateOffset(row),
          hx,
          (long) row * hiddenSize,
          hiddenSize);
    }
    Reference.reachabilityFence(this);
    return hx;
  }

  /** Sets the hidden state of all rows from {@code hx} [B, H]. */
  public void state(float[] hx) {
    Require.length("hx [B, H]", (long) batch * hiddenSize, hx.length);
    for (int row = 0; row < batch; row++) {
      read(
          hx,
          (long) row * hiddenSize,
          workspace.state(),
          workspace.hiddenStateOffset(row),
          hiddenSize);
    }
    Reference.reachabilityFence(this);
  }

  /** Sets the hidden state of all rows to zero. */
  public void reset() {
    workspace.state().fill((byte) 0);
    Reference.reachabilityFence(this);
  }

  /**
   * Sets the hidden state of one row to zero: a new sequence begins there while the others go on.
   */
  public void reset(int row) {
    Objects.checkIndex(row, batch);
    workspace
        .state()
        .asSlice(workspace.hiddenStateOffset(row) * Float.BYTES, (long) hiddenSize * Float.BYTES)
        .fill((byte) 0);
    Reference.reachabilityFence(this);
  }

  /** Ends the helper threads; the session works on with the caller's thread alone. */
  @Override
  public void close() {
    parallelism(1);
  }

  // ---- the output projection
  // ------------------------------------------------------------------------------------

  private final class Projection {
    private final DenseWeights weights;
    private final MemorySegment state;
    private final MemorySegment outputs;
    private final int stride;

    Projection(DenseWeights weights, CfcWorkspace workspace, long rows) {
      this.weights = weights;
      this.state = workspace.state().asSlice(workspace.hiddenStateOffset(0) * Float.BYTES);
      this.stride = DenseWeights.roundUp(weights.outputs());
      this.outputs = floats(rows * stride);
    }

    /** Projects the hidden state. */
    void ofState() {
      project(state, workspace.stateStride(), batch);
    }

    /** Projects hidden states, one after the other. */
    void ofHidden(MemorySegment states, long rows) {
      project(states, hiddenSize, Math.toIntExact(rows));
    }

    private void project(MemorySegment states, long stateStride, int rows) {
      model
          .kernels()
          .dense()
          .forward(
              weights,
              Activation.LINEAR,
              Accuracy.ACCURATE,
              states,
              stateStride,
              outputs,
              stride,
              rows);
    }

    /** Copies projected rows to rows of the caller's array. */
    void write(long row, Object out, long outRow, long rows) {
      for (long i = 0; i < rows; i++) {
        CfcSession.write(outputs, (row + i) * stride, out, (outRow + i) * outputSize, outputSize);
      }
    }
  }

  // ---- threads
  // --------------------------------------------------------------------------------------------------

  /** The threads of a session and how they share its work. */
  private static final class Team {
    /** Rows of a register tile: threads get whole ones. */
    private static final int TILE = 6;

    private final CfcKernels.Cell cell;
    private final CfcWorkspace[] workspaces;
    private final boolean byRows;
    final @Nullable Crew crew;

    // What the members work on while a call is under way.
    private int steps;
    private @Nullable Series x;
    private @Nullable Series timespans;
    private @Nullable Series out;
    private final Crew.Task rowsOf = this::rowsOf;
    private final Crew.Task panelsOf = this::panelsOf;

    Team(CfcKernels.Cell cell, CfcWorkspace workspace, int threads) {
      this.cell = cell;
      byRows = workspace.rows() >= 2 * threads || workspace.rows() > CfcWorkspace.CHUNK;
      workspaces = new CfcWorkspace[threads];
      workspaces[0] = workspace;
      for (int i = 1; i < threads; i++) {
        workspaces[i] = byRows ? workspace.forOtherRows() : workspace.forOtherPanels();
      }
      crew = threads == 1 ? null : new Crew(threads);
    }

    int size() {
      return workspaces.length;
    }

    void close() {
      if (crew != null) {
        crew.close();
      }
    }

    void advance(int newSteps, Series newX, Series newTimespans, @Nullable Series newOut) {
      if (crew == null) {
        cell.run(workspaces[0], 0, workspaces[0].rows(), newSteps, newX, newTimespans, newOut);
        return;
      }
      steps = newSteps;
      x = newX;
      timespans = newTimespans;
      out = newOut;
      crew.run(byRows ? rowsOf : panelsOf);
    }

    private void rowsOf(int member) {
      int rows = workspaces[0].rows();
      int tiles = (rows + TILE - 1) / TILE;
      // Without enough tiles for all, single rows are the better unit.
      int unit = tiles < size() ? 1 : TILE;
      int units = (rows + unit - 1) / unit;
      int first = Math.min(rows, share(units, member) * unit);
      int end = Math.min(rows, share(units, member + 1) * unit);
      cell.run(
          workspaces[member],
          first,
          end - first,
          steps,
          Objects.requireNonNull(x),
          Objects.requireNonNull(timespans),
          out);
    }

    private void panelsOf(int member) {
      CfcWorkspace workspace = workspaces[member];
      Series input = Objects.requireNonNull(x);
      Series elapsed = Objects.requireNonNull(timespans);
      Crew together = Objects.requireNonNull(crew);
      int rows = workspace.rows();
      for (int step = 0; step < steps; step++) {
        if (member == 0) {
          workspace.begin(0, rows, input, step);
        }
        together.barrier();
        for (int layer = 0; layer < workspace.weights().layerCount(); layer++) {
          int panels = workspace.weights().layer(layer).panelCount();
          int first = share(panels, member);
          int count = share(panels, member + 1) - first;
          cell.layer(workspace, 0, rows, layer, first, count, elapsed, step);
          together.barrier();
        }
        if (member == 0 && out != null) {
          workspace.emit(0, rows, out, step);
        }
      }
    }

    /** Where a member's share of n begins. */
    private int share(int n, int member) {
      return (int) ((long) n * member / size());
    }
  }

  // ---- the border
  // -----------------------------------------------------------------------------------------------

  private static MemorySegment floats(long n) {
    return Arena.ofAuto().allocate(Math.multiplyExact(n, Float.BYTES), DenseWeights.ALIGNMENT);
  }

  private static void checkTimespan(float timespan) {
    if (!(timespan >= 0 && timespan < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "timespans must be finite and not negative, but one is " + timespan);
    }
  }

  private static long length(MemorySegment segment) {
    if (segment.byteSize() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "a segment of float32 must have a multiple of 4 bytes, but has " + segment.byteSize());
    }
    return segment.byteSize() / Float.BYTES;
  }

  private static void checkMemory(String name, Object memory, boolean written) {
    if (memory instanceof MemorySegment segment) {
      if (!segment.scope().isAlive()) {
        throw new IllegalStateException(name + " is memory of a closed arena");
      }
      if (!segment.isAccessibleBy(Thread.currentThread())) {
        throw new WrongThreadException(name + " belongs to another thread");
      }
      if (written && segment.isReadOnly()) {
        throw new IllegalArgumentException(name + " must be writable, but is read-only");
      }
    }
  }

  private static boolean overlap(Object a, Object b) {
    return a == b
        || (a instanceof MemorySegment x
            && b instanceof MemorySegment y
            && x.asOverlappingSlice(y).isPresent());
  }

  /** Copies n floats from the caller's array or segment. */
  private static void read(Object from, long at, MemorySegment to, long toAt, long n) {
    if (from instanceof float[] array) {
      MemorySegment.copy(array, (int) at, to, JAVA_FLOAT_UNALIGNED, toAt * Float.BYTES, (int) n);
    } else {
      MemorySegment.copy(
          (MemorySegment) from, at * Float.BYTES, to, toAt * Float.BYTES, n * Float.BYTES);
    }
  }

  /** Copies n floats to the caller's array or segment. */
  private static void write(MemorySegment from, long at, Object to, long toAt, long n) {
    if (to instanceof float[] array) {
      MemorySegment.copy(from, JAVA_FLOAT_UNALIGNED, at * Float.BYTES, array, (int) toAt, (int) n);
    } else {
      MemorySegment.copy(
          from, at * Float.BYTES, (MemorySegment) to, toAt * Float.BYTES, n * Float.BYTES);
    }
  }
}
