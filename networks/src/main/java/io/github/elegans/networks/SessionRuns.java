package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Sequences of a session. */
final class SessionRuns {
  /** Gives the output of every step. */
  final Operation<Session> run = new Run(true);

  /** Gives the output of the last step. */
  final Operation<Session> runToLast = new Run(false);

  /**
   * Throws what a run would throw before it changes anything, and gets the memory that it needs.
   */
  final Operation<Session> prepareRun = new Preparation(true);

  final Operation<Session> prepareRunToLast = new Preparation(false);

  private final Session session;
  private final Staging staging;
  private final int batch;
  private final int inputSize;
  private final int outputSize;

  /** Made when first needed. */
  private @Nullable PickedItems picked;

  SessionRuns(Session session) {
    this.session = session;
    staging = session.staging;
    batch = session.batch();
    inputSize = session.network().inputSize();
    outputSize = session.network().outputSize();
  }

  private boolean picks(Call<?, ?> call) {
    return call.mask != Mask.ALL || session.backwards;
  }

  private <M> void ready(Call<Session, M> call, boolean all) {
    int steps = call.number;
    Require.atLeast("steps", 1, steps);
    long items = (long) batch * steps;
    call.memory.requireReadable("x", "[B, T, I]", Require.product(items, inputSize), call.in);
    call.memory.requireWritable(
        "out",
        all ? "[B, T, O]" : "[B, O]",
        Require.product(all ? items : batch, outputSize),
        call.out);
    Staging.check(call.timespans, batch, steps);
    Objects.requireNonNull(call.mask, "mask").check(batch, steps);
    call.requireNoOverlap();
    if (picks(call) && picked == null) {
      picked = new PickedItems(session);
    }
    if (call.mask != Mask.ALL) {
      session.parallel.prepareGathers();
    }
  }

  private <M> void whole(Call<Session, M> call, boolean all) {
    int steps = call.number;
    SequenceLayout layout = session.layout;
    Staging.Steps staged = staging.in(layout);
    Series timespans = staging.stageSequence(call.timespans, staged);
    for (int first = 0; first < steps; first += staging.chunk) {
      int n = Math.min(staging.chunk, steps - first);
      staging.stageSteps(call, layout, first, n);
      if (all) {
        session.parallel.run(
            n,
            staged.x(),
            timespans,
            staged.out(),
            session.unstaging.ofSteps(call, layout, first, n, steps));
      } else {
        session.parallel.run(n, staged.x(), timespans, null, null);
      }
    }
    if (!all) {
      Series last = staging.timeFirst.out();
      session.states.emit(0, batch, last, 0);
      call.memory.write(last.data(), 0, call.out, 0, (long) batch * outputSize);
    }
  }

  private final class Run extends Preparation {
    Run(boolean all) {
      super(all);
    }

    @Override
    <M> void change(Call<Session, M> call) {
      if (picks(call)) {
        Objects.requireNonNull(picked).run(call, all);
      } else {
        whole(call, all);
      }
    }
  }

  private class Preparation extends Operation<Session> {
    final boolean all;

    Preparation(boolean all) {
      this.all = all;
    }

    @Override
    <M> void prepare(Call<Session, M> call) {
      ready(call, all);
    }
  }
}
