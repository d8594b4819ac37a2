package io.github.elegans.bench.jmh;

import io.github.elegans.bench.jmh.BenchmarkRun.Trial;
import io.github.elegans.bench.jmh.BenchmarkRun.TrialFailedException;
import io.github.elegans.bench.jmh.Schedule.Outcome;
import io.github.elegans.bench.jmh.Schedule.Part;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;

/** A trial, and what its JVMs have found so far. */
final class TrialRuns {
  private final Trial trial;
  private @Nullable RunResult found;

  TrialRuns(Trial trial) {
    this.trial = trial;
  }

  /**
   * Measures in one more JVM, each time, until they agree.
   *
   * @param measured takes what all have found so far
   */
  Part part(BenchmarkRun run, PrintWriter out, Consumer<Measurement> measured) {
    Setting setting = run.setting();
    return new Part(
        trial.what().title(),
        trial.label(),
        setting.leastJvms(),
        setting.seconds(),
        () -> {
          Measurement measurement = measure(run, out);
          measured.accept(measurement);
          return new Outcome(measurement.summary(), setting.wantsMore(measurement));
        });
  }

  private Measurement measure(BenchmarkRun run, PrintWriter out) throws TrialFailedException {
    RunResult latest = run.run(trial, out);
    List<BenchmarkResult> jvms = new ArrayList<>();
    if (found != null) {
      jvms.addAll(found.getBenchmarkResults());
    }
    jvms.addAll(latest.getBenchmarkResults());
    found = new RunResult(latest.getParams(), jvms);
    return trial.measured(found);
  }

  /** What JMH found in all JVMs; null if there is nothing. */
  @Nullable RunResult found() {
    return found;
  }
}
