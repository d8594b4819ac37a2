package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.threads.Owner;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link MaskedCfc} on a batch of independent rows, and holds from call to call their hidden
 * state, what was last observed and when, and the last output. However a sequence is cut into
 * calls, the results have the same bits; after the first calls nothing is allocated. For one thread
 * at a time, and what a call that throws leaves behind: as a {@link Session}.
 *
 * <p>Sequences of different lengths are padded with steps at which nothing is observed: those do
 * not change the outputs of {@code runToLast}.
 */
public final class MaskedCfcSession implements AutoCloseable {
  private final Owner owner = new Owner("masked session");
  private final MaskedCfc network;
  private final Session session;
  private final int batch;
  private final int features;
  private final int maskSize;
  private final int inputSize;
  private final int outputSize;

  /** Last observed values, [B, F]. */
  private final float[] forwarded;

  /** Time since update, [B, F]. */
  private final float[] sinceUpdate;

  /** Output after the last step at which any feature was observed, [B, O]. */
  private final float[] latched;

  // One step of the network.
  private final float[] input;
  private final float[] elapsed;
  private final Timespans elapsedOfRows;
  private final float[] output;

  // One row on its way.
  private final int[] oneRow = new int[1];
  private final float[] hidden;
  private final float[] rowState;

  /** Of all rows, for copies within the session; made when first needed. */
  private float[] rowStates = {};

  private SequenceLayout layout = SequenceLayout.BATCH_FIRST;

  MaskedCfcSession(MaskedCfc network, int batch) {
    this.network = network;
    this.batch = batch;
    session = network.network().session(batch);
    features = network.features();
    maskSize = network.maskSize();
    inputSize = network.network().inputSize();
    outputSize = network.network().outputSize();
    forwarded = new float[Require.elements("last observed values [B, F]", batch, features)];
    sinceUpdate = new float[forwarded.length];
    latched = new float[Require.elements("last outputs [B, O]", batch, outputSize)];
    input = new float[Require.elements("inputs [B, I]", batch, inputSize)];
    elapsed = new float[batch];
    elapsedOfRows = Timespans.perRow(elapsed);
    output = new float[latched.length];
    hidden = new float[network.network().stateSize() + network.network().memorySize()];
    rowState = new float[network.rowSize()];
  }

  /** The network that this session runs. */
  public MaskedCfc network() {
    return network;
  }

  /** B. */
  public int batch() {
    return batch;
  }

  /** Sets the order of the axes of sequences; batch-first by default. */
  public MaskedCfcSession layout(SequenceLayout newLayout) {
    Objects.requireNonNull(newLayout, "layout");
    owner.enter();
    layout = newLayout;
    owner.thread = null;
    return this;
  }

  /** As {@link Session#parallelism(int)}. */
  public MaskedCfcSession parallelism(int threads) {
    owner.enterBroken();
    try {
      session.parallelism(threads);
    } finally {
      owner.thread = null;
    }
    return this;
  }

  /**
   * Runs a sequence with timespans of 1 and returns the output after every step, whatever was
   * observed.
   *
   * @param x [B, T, F], or [T, B, F] in time-first layout; values that are not observed have no
   *     influence, unless the mask is one for all features
   * @param steps T, at least 1
   * @param mask [B, T, W] or [T, B, W], true where a feature is observed; W is F, or 1 if the
   *     network takes one mask for all features
   * @param out receives [B, T, O] or [T, B, O]; must not overlap x
   */
  public void run(float[] x, int steps, boolean[] mask, float[] out) {
    run(x, steps, Timespans.ONE, mask, out);
  }

  /** As {@link #run(float[], int, boolean[], float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, boolean[] mask, Floats out) {
    run(x, steps, Timespans.ONE, mask, out);
  }

  /**
   * As {@link #run(float[], int, boolean[], float[])}, with timespans.
   *
   * @param timespans of B rows and T steps, in memory that out does not overlap
   */
  public void run(float[] x, int steps, Timespans timespans, boolean[] mask, float[] out) {
    runAll(CallerMemory.ARRAYS, x, steps, timespans, mask, out);
  }

  /** As {@link #run(float[], int, Timespans, boolean[], float[])}, with memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, boolean[] mask, Floats out) {
    runAll(CallerMemory.FLOATS, x, steps, timespans, mask, out);
  }

  /**
   * Runs a sequence with timespans of 1 and returns every row's output after the last step at which
   * any of its features was observed, in this call or an earlier one; 0 if there is none.
   *
   * @param x as for {@link #run(float[], int, boolean[], float[])}
   * @param steps T, at least 1
   * @param mask as for {@link #run(float[], int, boolean[], float[])}
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, boolean[] mask, float[] out) {
    runToLast(x, steps, Timespans.ONE, mask, out);
  }

  /** As {@link #runToLast(float[], int, boolean[], float[])}, from and to memory of any kind. */
  public void runToLast(Floats x, int steps, boolean[] mask, Floats out) {
    runToLast(x, steps, Timespans.ONE, mask, out);
  }

  /**
   * As {@link #runToLast(float[], int, boolean[], float[])}, with timespans.
   *
   * @param timespans of B rows and T steps
   */
  public void runToLast(float[] x, int steps, Timespans timespans, boolean[] mask, float[] out) {
    runAllToLast(CallerMemory.ARRAYS, x, steps, timespans, mask, out);
  }

  /** As {@link #runToLast(float[], int, Timespans, boolean[], float[])}, with any memory. */
  public void runToLast(Floats x, int steps, Timespans timespans, boolean[] mask, Floats out) {
    runAllToLast(CallerMemory.FLOATS, x, steps, timespans, mask, out);
  }

  private <M> void runAll(
      CallerMemory<M> memory, M x, int steps, Timespans timespans, boolean[] mask, M out) {
    owner.enter();
    try {
      check(memory, x, steps, timespans, mask);
      memory.requireWritable(
          "out", "[B, T, O]", Require.product((long) batch * steps, outputSize), out);
      if (memory.overlap(out, x) || memory.overlap(out, timespans.values())) {
        throw new IllegalArgumentException("out must not overlap x or timespans");
      }
      advance(memory, x, steps, timespans, mask, out);
    } finally {
      owner.thread = null;
    }
  }

  private <M> void runAllToLast(
      CallerMemory<M> memory, M x, int steps, Timespans timespans, boolean[] mask, M out) {
    owner.enter();
    try {
      check(memory, x, steps, timespans, mask);
      memory.requireWritable("out", "[B, O]", latched.length, out);
      advance(memory, x, steps, timespans, mask, null);
      try {
        for (int i = 0; i < latched.length; i++) {
          memory.set(out, i, latched[i]);
        }
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
  }

  private <M> void check(
      CallerMemory<M> memory, M x, int steps, Timespans timespans, boolean[] mask) {
    Require.atLeast("steps", 1, steps);
    long items = (long) batch * steps;
    memory.requireReadable("x", "[B, T, F]", Require.product(items, features), x);
    Objects.requireNonNull(mask, "mask");
    Require.length("mask [B, T, W]", Require.product(items, maskSize), mask.length);
    Objects.requireNonNull(timespans, "timespans").check(batch, steps);
  }

  /**
   * Runs all steps.
   *
   * @param out receives the output of every step; null to keep the last ones only
   */
  private <M> void advance(
      CallerMemory<M> memory,
      M x,
      int steps,
      Timespans timespans,
      boolean[] mask,
      @Nullable M out) {
    try {
      for (int step = 0; step < steps; step++) {
        step(memory, x, step, steps, timespans, mask);
        if (out != null) {
          put(memory, out, step, steps);
        }
      }
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    }
  }

  /** Writes the outputs of a step. */
  private <M> void put(CallerMemory<M> memory, M out, int step, int steps) {
    for (int row = 0; row < batch; row++) {
      put(output, row, outputSize, memory, out, layout.item(row, step, batch, steps) * outputSize);
    }
  }

  private <M> void step(
      CallerMemory<M> memory, M x, int step, int steps, Timespans timespans, boolean[] mask) {
    for (int row = 0; row < batch; row++) {
      elapsed[row] = timespans.get(layout, row, step, batch, steps);
      prepare(row, memory, x, (int) layout.item(row, step, batch, steps), mask);
    }
    session.step(input, elapsedOfRows, output);
    for (int row = 0; row < batch; row++) {
      int item = (int) layout.item(row, step, batch, steps);
      if (anyObserved(mask, item)) {
        System.arraycopy(output, row * outputSize, latched, row * outputSize, outputSize);
      }
    }
  }

  /** Puts together what the network reads for a row. */
  private <M> void prepare(int row, CallerMemory<M> memory, M x, int item, boolean[] mask) {
    int to = row * inputSize;
    int masks = to + inputSize - maskSize;
    for (int i = 0; i < features; i++) {
      int at = row * features + i;
      boolean observed = maskSize == 1 && features > 1 || mask[item * maskSize + i];
      if (observed) {
        forwarded[at] = memory.get(x, (long) item * features + i);
      }
      sinceUpdate[at] = observed ? 0 : sinceUpdate[at] + elapsed[row];
      input[to + i] = forwarded[at];
      if (network.readsTime()) {
        input[to + features + i] = sinceUpdate[at];
      }
    }
    for (int i = 0; i < maskSize; i++) {
      input[masks + i] = mask[item * maskSize + i] ? 1 : 0;
    }
  }

  private boolean anyObserved(boolean[] mask, int item) {
    for (int i = item * maskSize; i < (item + 1) * maskSize; i++) {
      if (mask[i]) {
        return true;
      }
    }
    return false;
  }

  /** Copies out the hidden state ({@code hx}), before any projection: [B, S]. */
  public float[] state() {
    owner.enter();
    try {
      return session.state();
    } finally {
      owner.thread = null;
    }
  }

  /**
   * Copies out all that the listed rows hold, so that streams can be kept elsewhere: the network's
   * hidden state and memory, the last observed values, the times since update, and the last output.
   *
   * @param rows n row numbers from 0 to B - 1
   * @param to receives [n, R], R as {@link MaskedCfc#rowSize()} says, in the order of the list
   */
  public void readRows(int[] rows, float[] to) {
    storeListed(CallerMemory.ARRAYS, rows, to);
  }

  /** As {@link #readRows(int[], float[])}, to memory of any kind. */
  public void readRows(int[] rows, Floats to) {
    storeListed(CallerMemory.FLOATS, rows, to);
  }

  private <M> void storeListed(CallerMemory<M> memory, int[] rows, M to) {
    owner.enter();
    try {
      session.checkNumbers("rows", rows);
      int width = network.rowSize();
      memory.requireWritable("to", "[n, R]", (long) rows.length * width, to);
      for (int i = 0; i < rows.length; i++) {
        store(rows[i], memory, to, (long) i * width);
      }
    } finally {
      owner.thread = null;
    }
  }

  private <M> void store(int row, CallerMemory<M> memory, M to, long start) {
    oneRow[0] = row;
    session.readRows(oneRow, hidden);
    long at = put(hidden, 0, hidden.length, memory, to, start);
    at = put(forwarded, row, features, memory, to, at);
    at = put(sinceUpdate, row, features, memory, to, at);
    put(latched, row, outputSize, memory, to, at);
  }

  /** Writes a row of an array; returns where the next one begins. */
  private static <M> long put(float[] from, int row, int n, CallerMemory<M> memory, M to, long at) {
    for (int i = 0; i < n; i++) {
      memory.set(to, at + i, from[row * n + i]);
    }
    return at + n;
  }

  /**
   * Sets all that the listed rows hold, from what {@link #readRows(int[], float[])} gave.
   *
   * @param rows n row numbers from 0 to B - 1 in any order, each at most once
   * @param from [n, R], in the order of the list
   */
  public void writeRows(int[] rows, float[] from) {
    loadListed(CallerMemory.ARRAYS, rows, from);
  }

  /** As {@link #writeRows(int[], float[])}, from memory of any kind. */
  public void writeRows(int[] rows, Floats from) {
    loadListed(CallerMemory.FLOATS, rows, from);
  }

  private <M> void loadListed(CallerMemory<M> memory, int[] rows, M from) {
    owner.enter();
    try {
      session.checkListed("rows", rows);
      int width = network.rowSize();
      memory.requireReadable("from", "[n, R]", (long) rows.length * width, from);
      try {
        for (int i = 0; i < rows.length; i++) {
          load(rows[i], memory, from, (long) i * width);
        }
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
  }

  private <M> void load(int row, CallerMemory<M> memory, M from, long start) {
    long at = take(memory, from, start, hidden, 0, hidden.length);
    oneRow[0] = row;
    session.writeRows(oneRow, hidden);
    at = take(memory, from, at, forwarded, row, features);
    at = take(memory, from, at, sinceUpdate, row, features);
    take(memory, from, at, latched, row, outputSize);
  }

  /** Reads a row of an array; returns where the next one begins. */
  private static <M> long take(
      CallerMemory<M> memory, M from, long at, float[] to, int row, int n) {
    for (int i = 0; i < n; i++) {
      to[row * n + i] = memory.get(from, at + i);
    }
    return at + n;
  }

  /**
   * Copies all that the listed rows hold to rows of a session, which may be this one: {@link
   * Session#copyRows}.
   *
   * @param rows n row numbers of this session
   * @param to a session of a network with the same sizes
   * @param toRows n row numbers of that session, each at most once
   */
  public void copyRows(int[] rows, MaskedCfcSession to, int[] toRows) {
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
  }

  private void copyTo(int[] rows, MaskedCfcSession to, int[] toRows) {
    session.checkCopy(rows, to.session, toRows);
    Require.length("the other session's features [F]", features, to.features);
    Require.length("the other session's outputs [O]", outputSize, to.outputSize);
    try {
      for (int i = 0; i < rows.length; i++) {
        store(rows[i], CallerMemory.ARRAYS, rowState, 0);
        to.load(toRows[i], CallerMemory.ARRAYS, rowState, 0);
      }
    } catch (Throwable e) {
      to.owner.broken = e;
      throw e;
    }
  }

  private void copyWithin(int[] rows, int[] toRows) {
    session.checkCopy(rows, session, toRows);
    int width = network.rowSize();
    if (rowStates.length == 0) {
      rowStates = new float[Require.elements("states of all rows", batch, width)];
    }
    for (int i = 0; i < rows.length; i++) {
      store(rows[i], CallerMemory.ARRAYS, rowStates, (long) i * width);
    }
    try {
      for (int i = 0; i < rows.length; i++) {
        load(toRows[i], CallerMemory.ARRAYS, rowStates, (long) i * width);
      }
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    }
  }

  /**
   * Sets all rows to a zero state with nothing observed. A session that a failed call broke works
   * again.
   */
  public void reset() {
    owner.enterBroken();
    try {
      session.reset();
      Arrays.fill(forwarded, 0);
      Arrays.fill(sinceUpdate, 0);
      Arrays.fill(latched, 0);
      owner.broken = null;
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    } finally {
      owner.thread = null;
    }
  }

  /** Sets one row to a zero state with nothing observed: a new sequence begins there. */
  public void reset(int row) {
    owner.enter();
    try {
      session.reset(row);
      try {
        clear(row);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
  }

  /** As {@link #reset(int)}, of the listed rows, numbers from 0 to B - 1. */
  public void reset(int[] rows) {
    owner.enter();
    try {
      session.reset(rows);
      try {
        for (int row : rows) {
          clear(row);
        }
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
  }

  private void clear(int row) {
    Arrays.fill(forwarded, row * features, (row + 1) * features, 0);
    Arrays.fill(sinceUpdate, row * features, (row + 1) * features, 0);
    Arrays.fill(latched, row * outputSize, (row + 1) * outputSize, 0);
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
