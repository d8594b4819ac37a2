package io.github.elegans.bench.jmh;

import io.github.elegans.bench.jmh.BenchmarkRun.Trial;
import io.github.elegans.bench.jmh.BenchmarkRun.TrialFailedException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;

/** A trial, and what its JVMs have found so far. */
final class TrialRuns {
  private final Trial trial;
  private @Nullable RunResult found;
  private boolean wantsMore = true;

  TrialRuns(Trial trial) {
    this.trial = trial;
  }

  Trial trial() {
    return trial;
  }

  /**
   * Measures in one more JVM.
   *
   * @return what all have found
   * @throws TrialFailedException if it came to no result; there will be no other
   */
  Measurement measure(BenchmarkRun run, PrintWriter out) throws TrialFailedException {
    wantsMore = false;
    RunResult latest = run.run(trial, out);
    List<BenchmarkResult> jvms = new ArrayList<>();
    if (found != null) {
      jvms.addAll(found.getBenchmarkResults());
    }
    jvms.addAll(latest.getBenchmarkResults());
    found = new RunResult(latest.getParams(), jvms);
    Measurement measurement = trial.measured(found);
    wantsMore = run.setting().wantsMore(measurement);
    return measurement;
  }

  /** Whether one more JVM should measure. */
  boolean wantsMore() {
    return wantsMore;
  }

  /** What JMH found in all JVMs; null if there is nothing. */
  @Nullable RunResult found() {
    return found;
  }
}
