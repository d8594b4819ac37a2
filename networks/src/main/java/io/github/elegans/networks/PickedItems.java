package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.kernels.Series;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Sequences of a session whose items are picked, because some are masked or the last comes first.
 * The items that a row has stand together in the staging memory, as if there were no others.
 */
final class PickedItems {
  private final Session session;
  private final Staging staging;
  private final int batch;
  private final int inputSize;
  private final int outputSize;

  /** Items that the rows have in the staging memory. */
  private final int[] counts;

  /** Whether the rows have had an item since the call began. */
  private final boolean[] begun;

  /** The rows' latest outputs, [B, O]. */
  private final Series latest;

  private final MemorySegment zeros;

  PickedItems(Session session) {
    this.session = session;
    staging = session.staging;
    batch = session.batch();
    inputSize = session.network().inputSize();
    outputSize = session.network().outputSize();
    counts = new int[batch];
    begun = new boolean[batch];
    latest = new Series(Floats.allocate((long) batch * outputSize), outputSize, 0);
    zeros = Floats.allocate(outputSize);
  }

  <M> void run(Call<Session, M> call, boolean all) {
    Arrays.fill(begun, false);
    latest.data().fill((byte) 0);
    Staging.Steps staged = staging.batchFirst;
    // Those of steps stand together, too, as the steps do that a row has.
    Series timespans =
        call.timespans.shape().ofSteps
            ? staged.timespans()
            : staging.stageSequence(call.timespans, staged);
    int steps = call.number;
    for (int first = 0; first < steps; first += staging.chunk) {
      int end = Math.min(first + staging.chunk, steps);
      for (int row = 0; row < batch; row++) {
        counts[row] = stage(call, row, first, end);
        begun[row] |= counts[row] > 0;
      }
      session.parallel.run(counts, staged.x(), timespans, all ? staged.out() : null);
      for (int row = 0; all && row < batch; row++) {
        unstage(call, row, first, end);
      }
    }
    if (!all) {
      last(call);
    }
  }

  /** The time of a step: a sequence may be run from its end. */
  private int time(int step, int steps) {
    return session.backwards ? steps - 1 - step : step;
  }

  private boolean has(Call<?, ?> call, int row, int step) {
    int time = time(step, call.number);
    return call.mask.get(session.layout, row, time, batch, call.number);
  }

  /** The first of the steps from that one to the end at which the row has an item, or has none. */
  private int next(Call<?, ?> call, boolean present, int row, int step, int end) {
    int next = step;
    while (next < end && has(call, row, next) != present) {
      next++;
    }
    return next;
  }

  /** How many items a row has among some steps; they are copied to the staging memory. */
  private <M> int stage(Call<Session, M> call, int row, int first, int end) {
    boolean together = session.layout == SequenceLayout.BATCH_FIRST && !session.backwards;
    int count = 0;
    int step = next(call, true, row, first, end);
    while (step < end) {
      int after = together ? next(call, false, row, step + 1, end) : step + 1;
      stage(call, row, step, after - step, count);
      count += after - step;
      step = next(call, true, row, after, end);
    }
    return count;
  }

  /** Items that follow each other on both sides, with their timespans. */
  private <M> void stage(Call<Session, M> call, int row, int first, int n, int count) {
    int steps = call.number;
    SequenceLayout layout = session.layout;
    Series x = staging.batchFirst.x();
    long from = layout.item(row, time(first, steps), batch, steps) * inputSize;
    call.memory.read(call.in, from, x.data(), x.offset(row, count), (long) n * inputSize);
    if (call.timespans.shape().ofSteps) {
      Series staged = staging.batchFirst.timespans();
      for (int i = 0; i < n; i++) {
        float timespan = call.timespans.get(layout, row, time(first + i, steps), batch, steps);
        long to = staged.offset(row, count + i) * Float.BYTES;
        staged.data().set(JAVA_FLOAT_UNALIGNED, to, timespan);
      }
    }
  }

  /** Copies a row's outputs of some steps to the caller. */
  private <M> void unstage(Call<Session, M> call, int row, int first, int end) {
    boolean together = session.layout == SequenceLayout.BATCH_FIRST;
    Series staged = staging.batchFirst.out();
    int count = 0;
    int step = first;
    while (step < end) {
      int n = 1;
      if (has(call, row, step)) {
        n = together ? next(call, false, row, step + 1, end) - step : 1;
        write(call, staged.data(), staged.offset(row, count), row, step, n);
        count += n;
      } else if (session.zeroForMask) {
        write(call, zeros, 0, row, step, 1);
      } else if (count == 0) {
        write(call, latest.data(), latest.offset(row, 0), row, step, 1);
      } else {
        write(call, staged.data(), staged.offset(row, count - 1), row, step, 1);
      }
      step += n;
    }
    if (count > 0) {
      long at = staged.offset(row, count - 1);
      FloatSegments.copy(staged.data(), at, latest.data(), latest.offset(row, 0), outputSize);
    }
  }

  /** Writes a row's outputs of n steps. */
  private <M> void write(
      Call<Session, M> call, MemorySegment from, long at, int row, int step, int n) {
    long to = session.layout.item(row, step, batch, call.number) * outputSize;
    call.memory.write(from, at, call.out, to, (long) n * outputSize);
  }

  /** Every row's output after its last item. */
  private <M> void last(Call<Session, M> call) {
    Series last = staging.timeFirst.out();
    session.states.emit(0, batch, last, 0);
    for (int row = 0; row < batch; row++) {
      MemorySegment from = begun[row] ? last.data() : zeros;
      long at = begun[row] ? last.offset(row, 0) : 0;
      call.memory.write(from, at, call.out, (long) row * outputSize, outputSize);
    }
  }
}
