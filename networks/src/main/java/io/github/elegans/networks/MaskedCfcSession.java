package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.threads.Owner;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

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
  /** Floats that are copied from the caller's memory at a time, unless a step needs more. */
  private static final int GIVEN = 1 << 12;

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

  /** Steps whose values are copied at a time. */
  private final int chunk;

  /** What the caller says of some steps, observed or not, in the caller's layout. */
  private final float[] given;

  private final MemorySegment givenMemory;

  private final Rows stored;
  private final Operation<MaskedCfcSession> run = new Run(true);
  private final Operation<MaskedCfcSession> runToLast = new Run(false);
  private final Operation<MaskedCfcSession> readState = new ReadState();
  private final Call<MaskedCfcSession, float[]> arrays =
      new Call<>(this, owner, CallerMemory.ARRAYS);
  private final Call<MaskedCfcSession, Floats> floats =
      new Call<>(this, owner, CallerMemory.FLOATS);

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
    chunk = Math.max(1, GIVEN / forwarded.length);
    given = new float[Require.elements("values of some steps [B, T, F]", chunk, forwarded.length)];
    givenMemory = MemorySegment.ofArray(given);
    stored = new Rows();
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
    arrays.run(run, x, steps, timespans, mask, out);
  }

  /** As {@link #run(float[], int, Timespans, boolean[], float[])}, with memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, boolean[] mask, Floats out) {
    floats.run(run, x, steps, timespans, mask, out);
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
    arrays.run(runToLast, x, steps, timespans, mask, out);
  }

  /** As {@link #runToLast(float[], int, Timespans, boolean[], float[])}, with any memory. */
  public void runToLast(Floats x, int steps, Timespans timespans, boolean[] mask, Floats out) {
    floats.run(runToLast, x, steps, timespans, mask, out);
  }

  private final class Run extends Operation<MaskedCfcSession> {
    private final boolean all;

    Run(boolean all) {
      this.all = all;
    }

    @Override
    <M> void prepare(Call<MaskedCfcSession, M> call) {
      Require.atLeast("steps", 1, call.number);
      long items = (long) batch * call.number;
      call.memory.requireReadable("x", "[B, T, F]", Require.product(items, features), call.in);
      Objects.requireNonNull(call.observed, "mask");
      Require.length("mask [B, T, W]", Require.product(items, maskSize), call.observed.length);
      Staging.check(call.timespans, batch, call.number);
      if (all) {
        call.memory.requireWritable(
            "out", "[B, T, O]", Require.product(items, outputSize), call.out);
        call.requireNoOverlap();
      } else {
        call.memory.requireWritable("out", "[B, O]", latched.length, call.out);
      }
    }

    @Override
    <M> void change(Call<MaskedCfcSession, M> call) {
      for (int step = 0; step < call.number; step++) {
        int inChunk = step % chunk;
        if (inChunk == 0) {
          int n = Math.min(chunk, call.number - step);
          Staging.copy(
              call.memory, call.in, features, layout, batch, step, n, call.number, givenMemory, n);
        }
        step(call, step, inChunk);
        if (all) {
          put(call, step);
        }
      }
      if (!all) {
        call.memory.write(latched, 0, call.out, 0, latched.length);
      }
    }
  }

  /** Writes the outputs of a step. */
  private <M> void put(Call<MaskedCfcSession, M> call, int step) {
    if (layout == SequenceLayout.TIME_FIRST) {
      call.memory.write(output, 0, call.out, (long) step * output.length, output.length);
      return;
    }
    for (int row = 0; row < batch; row++) {
      long to = layout.item(row, step, batch, call.number) * outputSize;
      call.memory.write(output, row * outputSize, call.out, to, outputSize);
    }
  }

  private <M> void step(Call<MaskedCfcSession, M> call, int step, int inChunk) {
    int n = Math.min(chunk, call.number - (step - inChunk));
    for (int row = 0; row < batch; row++) {
      elapsed[row] = call.timespans.get(layout, row, step, batch, call.number);
      take(
          row,
          (int) layout.item(row, inChunk, batch, n) * features,
          call.observed,
          (int) layout.item(row, step, batch, call.number) * maskSize);
    }
    session.step(input, elapsedOfRows, output);
    for (int row = 0; row < batch; row++) {
      if (anyObserved(call.observed, (int) layout.item(row, step, batch, call.number))) {
        System.arraycopy(output, row * outputSize, latched, row * outputSize, outputSize);
      }
    }
  }

  /** Puts together what the network reads for a row, from a position in each array. */
  private void take(int row, int values, boolean[] mask, int flags) {
    int to = row * inputSize;
    int masks = to + inputSize - maskSize;
    for (int i = 0; i < features; i++) {
      int at = row * features + i;
      boolean observed = (maskSize == 1 && features > 1) || mask[flags + i];
      if (observed) {
        forwarded[at] = given[values + i];
      }
      sinceUpdate[at] = observed ? 0 : sinceUpdate[at] + elapsed[row];
      input[to + i] = forwarded[at];
      if (network.readsTime()) {
        input[to + features + i] = sinceUpdate[at];
      }
    }
    for (int i = 0; i < maskSize; i++) {
      input[masks + i] = mask[flags + i] ? 1 : 0;
    }
  }

  private boolean anyObserved(boolean[] mask, int number) {
    for (int i = number * maskSize; i < (number + 1) * maskSize; i++) {
      if (mask[i]) {
        return true;
      }
    }
    return false;
  }

  /** Copies out the hidden state ({@code hx}), before any projection: [B, S]. */
  public float[] state() {
    float[] hx =
        new float[Require.elements("the states of all rows", batch, network.network().stateSize())];
    arrays.rows(readState, null, null, hx);
    return hx;
  }

  private static final class ReadState extends Operation<MaskedCfcSession> {
    @Override
    <M> void prepare(Call<MaskedCfcSession, M> call) {
      float[] hx = call.session.session.state();
      call.memory.write(hx, 0, call.out, 0, hx.length);
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
   * @param from [n, R], in the order of the list
   */
  public void writeRows(int[] rows, float[] from) {
    arrays.rows(stored.write, rows, from, null);
  }

  /** As {@link #writeRows(int[], float[])}, from memory of any kind. */
  public void writeRows(int[] rows, Floats from) {
    floats.rows(stored.write, rows, from, null);
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
    arrays.copy(stored.copy, rows, to, toRows);
  }

  /**
   * Sets all rows to a zero state with nothing observed. A session that a failed call broke works
   * again.
   */
  public void reset() {
    arrays.rows(stored.reset, null, null, null);
  }

  /** Sets one row to a zero state with nothing observed: a new sequence begins there. */
  public void reset(int row) {
    arrays.row(stored.clear, row);
  }

  /** As {@link #reset(int)}, of the listed rows, numbers from 0 to B - 1. */
  public void reset(int[] rows) {
    arrays.rows(stored.clearListed, rows, null, null);
  }

  /** All that the session holds of its rows, part by part. */
  private final class Rows extends StoredRows<MaskedCfcSession> {
    private final int stateSize;

    Rows() {
      super(batch, network.rowSize(), "[n, R]");
      stateSize = network.network().stateSize() + network.network().memorySize();
    }

    @Override
    void store(int row, MemorySegment to, long at) {
      session.stored.store(row, to, at);
      long next = put(forwarded, row, features, to, at + stateSize);
      next = put(sinceUpdate, row, features, to, next);
      put(latched, row, outputSize, to, next);
    }

    /** Writes a row of an array; returns where the next one begins. */
    private long put(float[] from, int row, int n, MemorySegment to, long at) {
      CallerMemory.ARRAYS.read(from, (long) row * n, to, at, n);
      return at + n;
    }

    @Override
    void load(int row, MemorySegment from, long at) {
      session.stored.load(row, from, at);
      long next = take(from, at + stateSize, forwarded, row, features);
      next = take(from, next, sinceUpdate, row, features);
      take(from, next, latched, row, outputSize);
    }

    /** Reads a row of an array; returns where the next one begins. */
    private long take(MemorySegment from, long at, float[] to, int row, int n) {
      CallerMemory.ARRAYS.write(from, at, to, (long) row * n, n);
      return at + n;
    }

    @Override
    void clear(int row) {
      session.reset(row);
      Arrays.fill(forwarded, row * features, (row + 1) * features, 0);
      Arrays.fill(sinceUpdate, row * features, (row + 1) * features, 0);
      Arrays.fill(latched, row * outputSize, (row + 1) * outputSize, 0);
    }

    @Override
    void clearAll() {
      session.reset();
      Arrays.fill(forwarded, 0);
      Arrays.fill(sinceUpdate, 0);
      Arrays.fill(latched, 0);
    }

    @Override
    StoredRows<MaskedCfcSession> of(MaskedCfcSession other) {
      return other.stored;
    }

    @Override
    Call<MaskedCfcSession, ?> into(MaskedCfcSession other) {
      return other.arrays;
    }

    @Override
    void checkFits(MaskedCfcSession other) {
      session.stored.checkFits(other.session);
      Require.length("the other session's features [F]", features, other.features);
      Require.length("the other session's outputs [O]", outputSize, other.outputSize);
    }
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
