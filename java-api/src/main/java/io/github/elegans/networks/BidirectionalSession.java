package io.github.elegans.networks;

import io.github.elegans.internal.Owner;
import io.github.elegans.kernels.Require;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs both networks of a {@link Bidirectional} on a batch of whole sequences; each goes on from
 * the state that its last call left, unless it is reset. After the first calls with sequences of a
 * length nothing is allocated. For one thread at a time, and what a call that throws leaves behind:
 * as a {@link Session}.
 *
 * <p>Timespans and masks belong to the inputs: with either direction an input comes with its own.
 * Outputs at masked steps are 0, as in Keras.
 */
public final class BidirectionalSession implements AutoCloseable {
  private final Owner owner = new Owner("bidirectional session");
  private final Bidirectional network;
  private final Session forward;
  private final Session backward;
  private final int batch;
  private SequenceLayout layout = SequenceLayout.BATCH_FIRST;

  // Outputs before they are merged.
  private float[] ofForward = {};
  private float[] ofBackward = {};

  BidirectionalSession(Bidirectional network, int batch) {
    this.network = network;
    this.batch = batch;
    forward = network.forward().session(batch).zeroOutputForMask(true);
    backward = network.backward().session(batch).zeroOutputForMask(true).goBackwards(true);
  }

  /** The networks that this session runs. */
  public Bidirectional network() {
    return network;
  }

  /** The session of the forward network, for its state. */
  public Session forward() {
    return forward;
  }

  /** The session of the backward network, for its state. */
  public Session backward() {
    return backward;
  }

  /** Sets the order of the axes of sequences; batch-first by default. */
  public BidirectionalSession layout(SequenceLayout newLayout) {
    Objects.requireNonNull(newLayout, "layout");
    owner.enter();
    layout = newLayout;
    owner.thread = null;
    return this;
  }

  /** As {@link Session#parallelism(int)}. */
  public BidirectionalSession parallelism(int threads) {
    owner.enterBroken();
    try {
      forward.parallelism(threads);
      backward.parallelism(threads);
    } finally {
      owner.thread = null;
    }
    return this;
  }

  /**
   * Runs sequences and returns the merged outputs for every input.
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param timespans one for all, [T] one per step, or one per sample and step
   * @param out receives [B, T, O] or [T, B, O]
   */
  public void run(float[] x, int steps, float[] timespans, float[] out) {
    runAll(x, steps, timespans, null, out, true);
  }

  /**
   * As {@link #run(float[], int, float[], float[])}, with a mask.
   *
   * @param mask [B, T] or [T, B], false where there is no input
   */
  public void run(float[] x, int steps, float[] timespans, boolean[] mask, float[] out) {
    runAll(x, steps, timespans, Objects.requireNonNull(mask, "mask"), out, true);
  }

  /**
   * Runs sequences and returns the merged last outputs: the forward network's after the end of the
   * sequences, the backward network's after their beginning.
   *
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, float[] timespans, float[] out) {
    runAll(x, steps, timespans, null, out, false);
  }

  /** As {@link #runToLast(float[], int, float[], float[])}, with a mask. */
  public void runToLast(float[] x, int steps, float[] timespans, boolean[] mask, float[] out) {
    runAll(x, steps, timespans, Objects.requireNonNull(mask, "mask"), out, false);
  }

  private void runAll(
      float[] x,
      int steps,
      float[] timespans,
      boolean @Nullable [] mask,
      float[] out,
      boolean all) {
    owner.enter();
    try {
      Require.atLeast("steps", 1, steps);
      int items = Math.multiplyExact(batch, all ? steps : 1);
      Require.length(
          all ? "out [B, T, O]" : "out [B, O]", (long) items * network.outputSize(), out.length);
      ofForward = sized(ofForward, items, network.forward());
      ofBackward = sized(ofBackward, items, network.backward());
      // Both make the same checks and have what they need, so that the second cannot refuse what
      // the first has taken.
      prepare(forward, x, steps, timespans, mask, ofForward, all);
      prepare(backward, x, steps, timespans, mask, ofBackward, all);
      try {
        run(forward, x, steps, timespans, mask, ofForward, all);
        run(backward, x, steps, timespans, mask, ofBackward, all);
        merge(all ? steps : 1, out);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
  }

  private void merge(int steps, float[] out) {
    for (int row = 0; row < batch; row++) {
      for (int step = 0; step < steps; step++) {
        merge(
            (int) layout.item(row, step, batch, steps),
            (int) layout.item(row, steps - 1 - step, batch, steps),
            out);
      }
    }
  }

  private static float[] sized(float[] memory, int items, Network network) {
    int n = Math.multiplyExact(items, network.cell().outputSize());
    return memory.length == n ? memory : new float[n];
  }

  private void prepare(
      Session session,
      float[] x,
      int steps,
      float[] timespans,
      boolean @Nullable [] mask,
      float[] out,
      boolean all) {
    session.layout(layout).prepare(x, steps, timespans, mask, out, all);
  }

  private static void run(
      Session session,
      float[] x,
      int steps,
      float[] timespans,
      boolean @Nullable [] mask,
      float[] out,
      boolean all) {
    if (all && mask == null) {
      session.run(x, steps, timespans, out);
    } else if (all) {
      session.run(x, steps, timespans, mask, out);
    } else if (mask == null) {
      session.runToLast(x, steps, timespans, out);
    } else {
      session.runToLast(x, steps, timespans, mask, out);
    }
  }

  /** Merges item {@code item} of the forward with item {@code other} of the backward outputs. */
  private void merge(int item, int other, float[] out) {
    int f = network.forward().cell().outputSize();
    int b = network.backward().cell().outputSize();
    int at = item * network.outputSize();
    if (network.merge() == Bidirectional.Merge.CONCAT) {
      System.arraycopy(ofForward, item * f, out, at, f);
      System.arraycopy(ofBackward, other * b, out, at + f, b);
      return;
    }
    for (int i = 0; i < f; i++) {
      float one = ofForward[item * f + i];
      float two = ofBackward[other * b + i];
      out[at + i] =
          switch (network.merge()) {
            case SUM -> one + two;
            case MUL -> one * two;
            case AVE -> (one + two) / 2;
            case CONCAT -> throw new AssertionError();
          };
    }
  }

  /** Sets the states of all rows to zero. A session that a failed call broke works again. */
  public void reset() {
    owner.enterBroken();
    try {
      forward.reset();
      backward.reset();
      owner.broken = null;
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    } finally {
      owner.thread = null;
    }
  }

  /**
   * Ends the helper threads.
   *
   * @throws java.util.ConcurrentModificationException if another thread is inside; nothing ends
   */
  @Override
  public void close() {
    parallelism(1);
  }
}
