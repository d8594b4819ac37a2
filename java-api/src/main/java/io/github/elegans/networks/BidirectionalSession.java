package io.github.elegans.networks;

import io.github.elegans.kernels.Require;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs both networks of a {@link Bidirectional} on a batch of whole sequences; each goes on from
 * the state that its last call left, unless it is reset. After the first calls with sequences of a
 * length nothing is allocated. For one thread at a time; a call that throws has changed nothing.
 *
 * <p>Timespans and masks belong to the inputs: with either direction an input comes with its own.
 * Outputs at masked steps are 0, as in Keras.
 */
public final class BidirectionalSession implements AutoCloseable {
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
    layout = Objects.requireNonNull(newLayout, "layout");
    return this;
  }

  /** As {@link Session#parallelism(int)}. */
  public BidirectionalSession parallelism(int threads) {
    forward.parallelism(threads);
    backward.parallelism(threads);
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
    Require.atLeast("steps", 1, steps);
    int items = Math.multiplyExact(batch, all ? steps : 1);
    Require.length(
        all ? "out [B, T, O]" : "out [B, O]", (long) items * network.outputSize(), out.length);
    ofForward = sized(ofForward, items, network.forward());
    ofBackward = sized(ofBackward, items, network.backward());
    // Both make the same checks, so that the second cannot refuse what the first has taken.
    run(forward, x, steps, timespans, mask, ofForward, all);
    run(backward, x, steps, timespans, mask, ofBackward, all);
    int stepsOut = all ? steps : 1;
    for (int row = 0; row < batch; row++) {
      for (int step = 0; step < stepsOut; step++) {
        merge(
            (int) layout.item(row, step, batch, stepsOut),
            (int) layout.item(row, stepsOut - 1 - step, batch, stepsOut),
            out);
      }
    }
  }

  private static float[] sized(float[] memory, int items, Network network) {
    int n = Math.multiplyExact(items, network.cell().outputSize());
    return memory.length == n ? memory : new float[n];
  }

  private void run(
      Session session,
      float[] x,
      int steps,
      float[] timespans,
      boolean @Nullable [] mask,
      float[] out,
      boolean all) {
    session.layout(layout);
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

  /** Sets the states of all rows to zero. */
  public void reset() {
    forward.reset();
    backward.reset();
  }

  /** Ends the helper threads. */
  @Override
  public void close() {
    forward.close();
    backward.close();
  }
}
