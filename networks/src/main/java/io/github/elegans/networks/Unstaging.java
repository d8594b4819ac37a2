package io.github.elegans.networks;

import io.github.elegans.kernels.Series;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Copies outputs from the staging memory to the caller's, on the threads that have just computed
 * them: those of a batch of 64 took a tenth of the time of a step on their way from core to core.
 */
final class Unstaging implements ParallelSteps.Receiver {
  private final Staging staging;
  private final int batch;
  private final int outputSize;

  // What is copied while a call is under way.
  private @Nullable Call<?, ?> call;
  private SequenceLayout layout = SequenceLayout.TIME_FIRST;
  private int firstStep;
  private int n;
  private int steps;

  Unstaging(Staging staging, int batch, int outputSize) {
    this.staging = staging;
    this.batch = batch;
    this.outputSize = outputSize;
  }

  /** Of one step. */
  Unstaging ofStep(Call<?, ?> newCall) {
    return ofSteps(newCall, SequenceLayout.TIME_FIRST, 0, 1, 1);
  }

  /** Of the n staged steps, which begin with that one of the sequence. */
  Unstaging ofSteps(
      Call<?, ?> newCall, SequenceLayout newLayout, int newFirstStep, int newN, int newSteps) {
    call = newCall;
    layout = newLayout;
    firstStep = newFirstStep;
    n = newN;
    steps = newSteps;
    return this;
  }

  @Override
  public boolean onAnyThread() {
    return onAnyThread(Objects.requireNonNull(call));
  }

  private static <M> boolean onAnyThread(Call<?, M> call) {
    return call.memory.onAnyThread(call.out);
  }

  @Override
  public void receive(int firstRow, int rows) {
    Call<?, ?> current = Objects.requireNonNull(call);
    if (layout == SequenceLayout.BATCH_FIRST) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        take(current, row, 0, n);
      }
    } else if (rows == batch) {
      take(current, 0, 0, (long) n * batch);
    } else {
      for (int step = 0; step < n; step++) {
        take(current, firstRow, step, rows);
      }
    }
  }

  /** Items that follow each other on both sides. */
  private <M> void take(Call<?, M> current, int row, int step, long items) {
    Series staged = staging.in(layout).out();
    long at = layout.item(row, firstStep + step, batch, steps) * outputSize;
    current.memory.write(
        staged.data(), staged.offset(row, step), current.out, at, items * outputSize);
  }
}
