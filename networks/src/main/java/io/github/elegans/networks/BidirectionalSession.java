package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.threads.Owner;
import java.util.Objects;

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
  private Floats forwardFloats = Floats.of(ofForward);
  private Floats backwardFloats = Floats.of(ofBackward);

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
   * Runs sequences with timespans of 1 and returns the merged outputs for every input.
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param out receives [B, T, O] or [T, B, O]
   */
  public void run(float[] x, int steps, float[] out) {
    run(x, steps, Timespans.ONE, out);
  }

  /** As {@link #run(float[], int, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Floats out) {
    run(x, steps, Timespans.ONE, out);
  }

  /** As {@link #run(float[], int, float[])}, with timespans of B rows and T steps. */
  public void run(float[] x, int steps, Timespans timespans, float[] out) {
    runAll(x, steps, timespans, Mask.ALL, out, true);
  }

  /** As {@link #run(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Floats out) {
    runAll(x, steps, timespans, Mask.ALL, out, true);
  }

  /**
   * As {@link #run(float[], int, Timespans, float[])}, of sequences in which rows have no input at
   * some steps.
   *
   * @param mask of B rows and T steps: a mask, or the lengths of padded sequences
   */
  public void run(float[] x, int steps, Timespans timespans, Mask mask, float[] out) {
    runAll(x, steps, timespans, mask, out, true);
  }

  /** As {@link #run(float[], int, Timespans, Mask, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    runAll(x, steps, timespans, mask, out, true);
  }

  /**
   * Runs sequences with timespans of 1 and returns the merged last outputs: the forward network's
   * after the end of the sequences, the backward network's after their beginning.
   *
   * @param x [B, T, I], or [T, B, I] in time-first layout
   * @param steps T, at least 1
   * @param out receives [B, O]
   */
  public void runToLast(float[] x, int steps, float[] out) {
    runToLast(x, steps, Timespans.ONE, out);
  }

  /** As {@link #runToLast(float[], int, float[])}, from and to memory of any kind. */
  public void runToLast(Floats x, int steps, Floats out) {
    runToLast(x, steps, Timespans.ONE, out);
  }

  /** As {@link #runToLast(float[], int, float[])}, with timespans of B rows and T steps. */
  public void runToLast(float[] x, int steps, Timespans timespans, float[] out) {
    runAll(x, steps, timespans, Mask.ALL, out, false);
  }

  /** As {@link #runToLast(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Floats out) {
    runAll(x, steps, timespans, Mask.ALL, out, false);
  }

  /** As {@link #runToLast(float[], int, Timespans, float[])}, with a mask. */
  public void runToLast(float[] x, int steps, Timespans timespans, Mask mask, float[] out) {
    runAll(x, steps, timespans, mask, out, false);
  }

  /** As {@link #runToLast(float[], int, Timespans, Mask, float[])}, with memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    runAll(x, steps, timespans, mask, out, false);
  }

  // Both sessions make the same checks and have what they need before the first one runs, so that
  // the second cannot refuse what the first has taken.

  private void runAll(
      float[] x, int steps, Timespans timespans, Mask mask, float[] out, boolean all) {
    owner.enter();
    try {
      prepare(CallerMemory.ARRAYS, steps, out, all);
      forward.prepare(x, steps, timespans, mask, ofForward, all);
      backward.prepare(x, steps, timespans, mask, ofBackward, all);
      try {
        if (all) {
          forward.run(x, steps, timespans, mask, ofForward);
          backward.run(x, steps, timespans, mask, ofBackward);
        } else {
          forward.runToLast(x, steps, timespans, mask, ofForward);
          backward.runToLast(x, steps, timespans, mask, ofBackward);
        }
        merge(CallerMemory.ARRAYS, out, all ? steps : 1);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
  }

  private void runAll(
      Floats x, int steps, Timespans timespans, Mask mask, Floats out, boolean all) {
    owner.enter();
    try {
      prepare(CallerMemory.FLOATS, steps, out, all);
      forward.prepare(x, steps, timespans, mask, forwardFloats, all);
      backward.prepare(x, steps, timespans, mask, backwardFloats, all);
      try {
        if (all) {
          forward.run(x, steps, timespans, mask, forwardFloats);
          backward.run(x, steps, timespans, mask, backwardFloats);
        } else {
          forward.runToLast(x, steps, timespans, mask, forwardFloats);
          backward.runToLast(x, steps, timespans, mask, backwardFloats);
        }
        merge(CallerMemory.FLOATS, out, all ? steps : 1);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      owner.thread = null;
    }
  }

  private <M> void prepare(CallerMemory<M> memory, int steps, M out, boolean all) {
    Require.atLeast("steps", 1, steps);
    int items = Require.elements("out", batch, all ? steps : 1);
    memory.requireWritable(
        "out", all ? "[B, T, O]" : "[B, O]", (long) items * network.outputSize(), out);
    int f =
        Require.elements("outputs of the forward network", items, network.forward().outputSize());
    int b =
        Require.elements("outputs of the backward network", items, network.backward().outputSize());
    if (ofForward.length != f || ofBackward.length != b) {
      ofForward = new float[f];
      ofBackward = new float[b];
      forwardFloats = Floats.of(ofForward);
      backwardFloats = Floats.of(ofBackward);
    }
    forward.layout(layout);
    backward.layout(layout);
  }

  private <M> void merge(CallerMemory<M> memory, M out, int steps) {
    for (int row = 0; row < batch; row++) {
      for (int step = 0; step < steps; step++) {
        merge(
            (int) layout.item(row, step, batch, steps),
            (int) layout.item(row, steps - 1 - step, batch, steps),
            memory,
            out);
      }
    }
  }

  /** Merges item {@code item} of the forward with item {@code other} of the backward outputs. */
  private <M> void merge(int item, int other, CallerMemory<M> memory, M out) {
    int f = network.forward().outputSize();
    int b = network.backward().outputSize();
    long at = (long) item * network.outputSize();
    if (network.merge() == Bidirectional.Merge.CONCAT) {
      for (int i = 0; i < f; i++) {
        memory.set(out, at + i, ofForward[item * f + i]);
      }
      for (int i = 0; i < b; i++) {
        memory.set(out, at + f + i, ofBackward[other * b + i]);
      }
      return;
    }
    for (int i = 0; i < f; i++) {
      float one = ofForward[item * f + i];
      float two = ofBackward[other * b + i];
      memory.set(
          out,
          at + i,
          switch (network.merge()) {
            case SUM -> one + two;
            case MUL -> one * two;
            case AVE -> (one + two) / 2;
            case CONCAT -> throw new AssertionError();
          });
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
