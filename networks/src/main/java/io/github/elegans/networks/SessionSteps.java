package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Single steps of a session: of all rows, or of listed ones. */
final class SessionSteps {
  /** Of all rows with one timespan, or with timespans. */
  final Operation<Session> step = new OfAll(true);

  final Operation<Session> stepWithTimespans = new OfAll(false);

  /** Of the listed rows. */
  final Operation<Session> stepListed = new OfListed(true);

  final Operation<Session> stepListedWithTimespans = new OfListed(false);

  private final Session session;
  private final Staging staging;
  private final int batch;
  private final int inputSize;
  private final int outputSize;

  SessionSteps(Session session) {
    this.session = session;
    staging = session.staging;
    batch = session.batch();
    inputSize = session.network().inputSize();
    outputSize = session.network().outputSize();
  }

  private final class OfAll extends Operation<Session> {
    private final boolean withOne;
    private @Nullable Series timespans;

    OfAll(boolean withOne) {
      this.withOne = withOne;
    }

    @Override
    <M> void prepare(Call<Session, M> call) {
      call.memory.requireReadable("x", "[B, I]", (long) batch * inputSize, call.in);
      call.memory.requireWritable("out", "[B, O]", (long) batch * outputSize, call.out);
      if (withOne) {
        Require.timespan(call.timespan);
        timespans = staging.stage(call.timespan);
      } else {
        Staging.check(call.timespans, batch, 1);
        timespans = staging.stage(call.timespans);
      }
      staging.stageStep(call.memory, call.in, batch);
    }

    @Override
    <M> void change(Call<Session, M> call) {
      Staging.Steps staged = staging.timeFirst;
      Series elapsed = Objects.requireNonNull(timespans);
      // Measured: the output of one row is best taken afterwards, that of a batch by the kernel.
      if (batch == 1) {
        session.parallel.run(1, staged.x(), elapsed, null, null);
        session.states.emit(0, 1, staged.out(), 0);
        call.memory.write(staged.out().data(), 0, call.out, 0, outputSize);
      } else {
        session.parallel.run(1, staged.x(), elapsed, staged.out(), session.unstaging.ofStep(call));
      }
    }
  }

  private final class OfListed extends Operation<Session> {
    private final boolean withOne;

    OfListed(boolean withOne) {
      this.withOne = withOne;
    }

    @Override
    <M> void prepare(Call<Session, M> call) {
      session.stored.checkListed("rows", call.rows);
      int n = call.rows.length;
      call.memory.requireReadable("x", "[n, I]", (long) n * inputSize, call.in);
      call.memory.requireWritable("out", "[n, O]", (long) n * outputSize, call.out);
      session.parallel.prepareGathers();
      if (withOne) {
        Require.timespan(call.timespan);
        staging.stageListed(call.timespan, n);
      } else {
        Staging.check(call.timespans, n, 1);
        staging.stageListed(call.timespans, n);
      }
      staging.stageStep(call.memory, call.in, n);
    }

    @Override
    <M> void change(Call<Session, M> call) {
      Staging.Steps staged = staging.timeFirst;
      session.parallel.step(
          call.rows,
          call.rows.length,
          staged.x(),
          staged.timespans(),
          staged.out(),
          session.unstaging.ofStep(call));
    }
  }
}
