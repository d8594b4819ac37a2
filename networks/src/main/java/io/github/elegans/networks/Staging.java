package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.kernels.Series;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Native memory of a session, where inputs, timespans and outputs of some steps of all rows stand
 * as the caller's do.
 */
final class Staging {
  /** Floats, unless a single step needs more: well within the second-level cache. */
  private static final int SIZE = 1 << 15;

  /** The memory in one layout. */
  record Steps(Series x, Series timespans, Series out) {}

  /** Steps that are staged at a time. */
  final int chunk;

  final Steps batchFirst;
  final Steps timeFirst;

  private final int batch;
  private final int inputSize;
  private final Series oneTimespan;
  private final Series timespanPerStep;
  private final Series timespanPerRow;

  Staging(Network network, int batch) {
    this.batch = batch;
    inputSize = network.inputSize();
    int outputSize = network.outputSize();
    int widest = Math.max(inputSize, Math.max(network.stateSize(), outputSize));
    chunk = Math.toIntExact(Math.max(1, SIZE / ((long) batch * widest)));
    long rows = (long) chunk * batch;
    MemorySegment x = Floats.allocate(rows * inputSize);
    MemorySegment timespans = Floats.allocate(rows);
    MemorySegment out = Floats.allocate(rows * outputSize);
    batchFirst =
        new Steps(
            new Series(x, (long) chunk * inputSize, inputSize),
            new Series(timespans, chunk, 1),
            new Series(out, (long) chunk * outputSize, outputSize));
    timeFirst =
        new Steps(
            new Series(x, inputSize, (long) batch * inputSize),
            new Series(timespans, 1, batch),
            new Series(out, outputSize, (long) batch * outputSize));
    oneTimespan = new Series(timespans, 0, 0);
    timespanPerStep = new Series(timespans, 0, 1);
    timespanPerRow = new Series(timespans, 1, 0);
  }

  Steps in(SequenceLayout layout) {
    return layout == SequenceLayout.BATCH_FIRST ? batchFirst : timeFirst;
  }

  /** Throws unless they are of that many rows and steps. */
  static void check(Timespans timespans, int rows, int steps) {
    Objects.requireNonNull(timespans, "timespans").check(rows, steps);
  }

  /** Stages the inputs of one step of n rows. */
  <M> void stageStep(CallerMemory<M> memory, M x, int n) {
    memory.read(x, 0, timeFirst.x.data(), 0, (long) n * inputSize);
  }

  /** Stages a timespan for one step of all rows. */
  Series stage(float timespan) {
    oneTimespan.data().set(JAVA_FLOAT_UNALIGNED, 0, timespan);
    return oneTimespan;
  }

  /** Stages timespans for one step of all rows. */
  Series stage(Timespans timespans) {
    boolean ofRows = timespans.shape().ofRows;
    Series staged = ofRows ? timeFirst.timespans : oneTimespan;
    timespans.values().read(0, staged.data(), 0, ofRows ? batch : 1);
    return staged;
  }

  /** Stages a timespan for one step of n listed rows, for each of them. */
  Series stageListed(float timespan, int n) {
    for (int i = 0; i < n; i++) {
      timeFirst.timespans.data().set(JAVA_FLOAT_UNALIGNED, (long) i * Float.BYTES, timespan);
    }
    return timeFirst.timespans;
  }

  /** Stages timespans for one step of n listed rows. */
  Series stageListed(Timespans timespans, int n) {
    if (!timespans.shape().ofRows) {
      return stageListed(timespans.values().get(0), n);
    }
    timespans.values().read(0, timeFirst.timespans.data(), 0, n);
    return timeFirst.timespans;
  }

  /**
   * Where the timespans of a sequence are staged; those that do not change from step to step
   * already are.
   */
  Series stageSequence(Timespans timespans, Steps steps) {
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
      case PER_ROW_AND_STEP -> steps.timespans;
    };
  }

  /** Stages steps first .. first + n - 1 of a sequence, with the timespans that change. */
  <M> void stageSteps(Call<?, M> call, SequenceLayout layout, int first, int n) {
    int steps = call.number;
    Steps staged = in(layout);
    copy(call.memory, call.in, inputSize, layout, batch, first, n, steps, staged.x.data(), chunk);
    Floats timespans = call.timespans.values();
    switch (call.timespans.shape()) {
      case ONE, PER_ROW -> {
        // Staged before the first step.
      }
      case PER_STEP -> timespans.read(first, timespanPerStep.data(), 0, n);
      case PER_ROW_AND_STEP ->
          copy(
              CallerMemory.FLOATS,
              timespans,
              1,
              layout,
              batch,
              first,
              n,
              steps,
              staged.timespans.data(),
              chunk);
    }
  }

  /**
   * Copies steps first .. first + n - 1 of so many to memory of the same layout, in which rows have
   * room for a chunk of steps.
   */
  static <M> void copy(
      CallerMemory<M> memory,
      M from,
      int width,
      SequenceLayout layout,
      int batch,
      int first,
      int n,
      int steps,
      MemorySegment to,
      int chunk) {
    if (layout == SequenceLayout.TIME_FIRST) {
      memory.read(from, (long) first * batch * width, to, 0, (long) n * batch * width);
      return;
    }
    for (int row = 0; row < batch; row++) {
      long at = ((long) row * steps + first) * width;
      memory.read(from, at, to, (long) row * chunk * width, (long) n * width);
    }
  }
}
