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
  private final Operation<BidirectionalSession> run = new Run(true);
  private final Operation<BidirectionalSession> runToLast = new Run(false);
  private final Operation<BidirectionalSession> reset = new Reset();
  private final Call<BidirectionalSession, float[]> arrays =
      new Call<>(this, owner, CallerMemory.ARRAYS);
  private final Call<BidirectionalSession, Floats> floats =
      new Call<>(this, owner, CallerMemory.FLOATS);
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
    arrays.run(run, x, steps, timespans, Mask.ALL, out);
  }

  /** As {@link #run(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Floats out) {
    floats.run(run, x, steps, timespans, Mask.ALL, out);
  }

  /**
   * As {@link #run(float[], int, Timespans, float[])}, of sequences in which rows have no input at
   * some steps.
   *
   * @param mask of B rows and T steps: a mask, or the lengths of padded sequences
   */
  public void run(float[] x, int steps, Timespans timespans, Mask mask, float[] out) {
    arrays.run(run, x, steps, timespans, mask, out);
  }

  /** As {@link #run(float[], int, Timespans, Mask, float[])}, from and to memory of any kind. */
  public void run(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    floats.run(run, x, steps, timespans, mask, out);
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
    arrays.run(runToLast, x, steps, timespans, Mask.ALL, out);
  }

  /** As {@link #runToLast(float[], int, Timespans, float[])}, from and to memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Floats out) {
    floats.run(runToLast, x, steps, timespans, Mask.ALL, out);
  }

  /** As {@link #runToLast(float[], int, Timespans, float[])}, with a mask. */
  public void runToLast(float[] x, int steps, Timespans timespans, Mask mask, float[] out) {
    arrays.run(runToLast, x, steps, timespans, mask, out);
  }

  /** As {@link #runToLast(float[], int, Timespans, Mask, float[])}, with memory of any kind. */
  public void runToLast(Floats x, int steps, Timespans timespans, Mask mask, Floats out) {
    floats.run(runToLast, x, steps, timespans, mask, out);
  }

  private final class Run extends Operation<BidirectionalSession> {
    private final boolean all;

    Run(boolean all) {
      this.all = all;
    }

    // Both sessions make the same checks and have what they need before the first one runs, so that
    // the second cannot refuse what the first has taken.

    @Override
    <M> void prepare(Call<BidirectionalSession, M> call) {
      Require.atLeast("steps", 1, call.number);
      int items = Require.elements("out", batch, all ? call.number : 1);
      call.memory.requireWritable(
          "out", all ? "[B, T, O]" : "[B, O]", (long) items * network.outputSize(), call.out);
      allocate(items);
      arrange(forward);
      arrange(backward);
      forward.prepare(call, call.memory.of(ofForward, forwardFloats), all);
      backward.prepare(call, call.memory.of(ofBackward, backwardFloats), all);
    }

    @Override
    <M> void change(Call<BidirectionalSession, M> call) {
      forward.run(call, call.memory.of(ofForward, forwardFloats), all);
      backward.run(call, call.memory.of(ofBackward, backwardFloats), all);
      merge(call.memory, call.out, all ? call.number : 1);
    }
  }

  /** Whoever has the session of one direction may have set another layout. */
  private void arrange(Session direction) {
    if (direction.layout != layout) {
      direction.layout(layout);
    }
  }

  private void allocate(int items) {
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
    int one = item * f;
    int two = other * b;
    long at = (long) item * network.outputSize();
    if (network.merge() == Bidirectional.Merge.CONCAT) {
      memory.write(ofForward, one, out, at, f);
      memory.write(ofBackward, two, out, at + f, b);
      return;
    }
    for (int i = 0; i < f; i++) {
      ofForward[one + i] = merged(ofForward[one + i], ofBackward[two + i]);
    }
    memory.write(ofForward, one, out, at, f);
  }

  private float merged(float one, float two) {
    return switch (network.merge()) {
      case SUM -> one + two;
      case MUL -> one * two;
      case AVE -> (one + two) / 2;
      case CONCAT -> throw new AssertionError();
    };
  }

  /** Sets the states of all rows to zero. A session that a failed call broke works again. */
  public void reset() {
    arrays.rows(reset, null, null, null);
  }

  private static final class Reset extends Operation<BidirectionalSession> {
    Reset() {
      super(true);
    }

    @Override
    <M> void change(Call<BidirectionalSession, M> call) {
      call.session.forward.reset();
      call.session.backward.reset();
      call.mended();
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
