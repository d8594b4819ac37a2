package io.github.elegans.cfc;

import io.github.elegans.internal.Owner;
import io.github.elegans.kernels.Require;
import io.github.elegans.networks.SequenceLayout;
import io.github.elegans.networks.Session;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link MaskedCfc} on a batch of independent rows, and holds from call to call their hidden
 * state, what was last observed and when, and the last output. However a sequence is cut into
 * calls, the results have the same bits; after the first calls nothing is allocated. For one thread
 * at a time, and what a call that throws leaves behind: as a {@link Session}.
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
  private final float[] output;

  private SequenceLayout layout = SequenceLayout.BATCH_FIRST;

  MaskedCfcSession(MaskedCfc network, int batch) {
    this.network = network;
    this.batch = batch;
    session = network.network().session(batch);
    features = network.features();
    maskSize = network.maskSize();
    inputSize = network.network().cell().inputSize();
    outputSize = network.network().cell().outputSize();
    forwarded = new float[Math.multiplyExact(batch, features)];
    sinceUpdate = new float[forwarded.length];
    latched = new float[Math.multiplyExact(batch, outputSize)];
    input = new float[Math.multiplyExact(batch, inputSize)];
    elapsed = new float[batch];
    output = new float[latched.length];
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
   * Runs a sequence and returns the output after every step, whatever was observed.
   *
   * @param x [B, T, F], or [T, B, F] in time-first layout; values that are not observed have no
   *     influence, unless the mask is one for all features
   * @param steps T, at least 1
   * @param timespans one for all, [T] one per step, or one per sample and step, [B, T] or [T, B];
   *     finite and not negative
   * @param mask [B, T, W] or [T, B, W], true where a feature is observed; W is F, or 1 if the
   *     network takes one mask for all features
   * @param out receives [B, T, O] or [T, B, O]
   */
  public void run(float[] x, int steps, float[] timespans, boolean[] mask, float[] out) {
    owner.enter();
    try {
      check(x, steps, timespans, mask);
      Require.length("out [B, T, O]", (long) batch * steps * outputSize, out.length);
      if (out == x || out == timespans) {
        throw new IllegalArgumentException("out must not overlap x or timespans");
      }
      advance(x, steps, timespans, mask, out);
    } finally {
      owner.thread = null;
    }
  }

  /**
   * Runs a sequence and returns every row's output after the last step at which any of its features
   * was observed, in this call or an earlier one; 0 if there is none.
   *
   * @param x as for {@link #run}
   * @param steps T, at least 1
   * @param timespans as for {@link #run}
   * @param mask as for {@link #run}
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, float[] timespans, boolean[] mask, float[] out) {
    owner.enter();
    try {
      check(x, steps, timespans, mask);
      Require.length("out [B, O]", latched.length, out.length);
      advance(x, steps, timespans, mask, null);
      System.arraycopy(latched, 0, out, 0, latched.length);
    } finally {
      owner.thread = null;
    }
  }

  private void check(float[] x, int steps, float[] timespans, boolean[] mask) {
    Require.atLeast("steps", 1, steps);
    long items = (long) batch * steps;
    Require.length("x [B, T, F]", Math.multiplyExact(items, features), x.length);
    Require.length("mask [B, T, W]", Math.multiplyExact(items, maskSize), mask.length);
    if (timespans.length != 1 && timespans.length != steps && timespans.length != items) {
      throw new IllegalArgumentException(
          "timespans must have 1, T = %d or B T = %d elements, but has %d"
              .formatted(steps, items, timespans.length));
    }
    for (float timespan : timespans) {
      Require.timespan(timespan);
    }
  }

  /**
   * Runs all steps.
   *
   * @param out receives the output of every step; null to keep the last ones only
   */
  private void advance(
      float[] x, int steps, float[] timespans, boolean[] mask, float @Nullable [] out) {
    try {
      for (int step = 0; step < steps; step++) {
        step(x, step, steps, timespans, mask);
        for (int row = 0; out != null && row < batch; row++) {
          int at = (int) layout.item(row, step, batch, steps) * outputSize;
          System.arraycopy(output, row * outputSize, out, at, outputSize);
        }
      }
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    }
  }

  private void step(float[] x, int step, int steps, float[] timespans, boolean[] mask) {
    for (int row = 0; row < batch; row++) {
      int item = (int) layout.item(row, step, batch, steps);
      elapsed[row] = timespans[timespans.length == 1 ? 0 : timespans.length == steps ? step : item];
      prepare(row, x, item, mask);
    }
    session.step(input, elapsed, output);
    for (int row = 0; row < batch; row++) {
      int item = (int) layout.item(row, step, batch, steps);
      if (anyObserved(mask, item)) {
        System.arraycopy(output, row * outputSize, latched, row * outputSize, outputSize);
      }
    }
  }

  /** Puts together what the network reads for a row. */
  private void prepare(int row, float[] x, int item, boolean[] mask) {
    int to = row * inputSize;
    int masks = to + inputSize - maskSize;
    for (int i = 0; i < features; i++) {
      int at = row * features + i;
      boolean observed = maskSize == 1 && features > 1 || mask[item * maskSize + i];
      if (observed) {
        forwarded[at] = x[item * features + i];
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
