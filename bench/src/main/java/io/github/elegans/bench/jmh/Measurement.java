package io.github.elegans.bench.jmh;

import io.github.elegans.bench.report.BenchReport;
import io.github.elegans.bench.report.Numbers;
import io.github.elegans.cli.measuring.Machine;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * What a benchmark gave on a backend.
 *
 * @param what the benchmark and its parameters
 * @param backend the backend and its tier
 * @param mean nanoseconds of one operation: the mean of all iterations
 * @param lower the lower quartile of all iterations
 * @param median nanoseconds of one operation: the median of all iterations
 * @param upper the upper quartile of all iterations
 * @param best nanoseconds of one operation in the best of many pieces of some tenths of a
 *     millisecond: as undisturbed as the limits are
 * @param error half of the mean's 99.9 % confidence interval, as a share of the mean; NaN if there
 *     are too few iterations to tell
 * @param allocation what was allocated
 * @param limits what the machine can do, probed in the same forks
 * @param jvms those that measured it
 * @param iterations in all of them together
 * @param isPeer whether another library computed it, whose name stands in place of the backend
 */
record Measurement(
    BenchmarkCase what,
    String backend,
    double mean,
    double lower,
    double median,
    double upper,
    double best,
    double error,
    Allocation allocation,
    Limits limits,
    List<BenchReport.Jvm> jvms,
    int iterations,
    boolean isPeer) {
  private static final int ENOUGH_ITERATIONS = 3;

  /** The last cache that is the core's own. */
  private static final long OWN_CACHE = Machine.probe().cacheBytes(2).orElse(Long.MAX_VALUE);

  /** Whether calls may allocate: those of peers, and those that return what was solved. */
  boolean mayAllocate() {
    return isPeer || what.mayAllocate();
  }

  /**
   * The machine's limits through the backend, on one thread.
   *
   * @param clock GHz
   * @param peak GFLOP/s of fused multiply-adds
   * @param readL1 GB/s from half of the first-level cache
   * @param readL2 GB/s from half of the second-level cache
   * @param read GB/s from a working set as large as the benchmark's; 0 if it has none
   */
  record Limits(double clock, double peak, double readL1, double readL2, double read) {}

  /**
   * Heap memory that the whole JVM allocated in the iteration that allocated least per operation:
   * what is allocated in some iterations only, operations do not need.
   *
   * @param bytes all of it
   * @param operations of that iteration
   */
  record Allocation(double bytes, long operations) {
    /** The harness's own share: it starts the iteration, waits, and ends it. */
    private static final double HARNESS = 512;

    /** Bytes of an operation; 0 if nothing is left when the harness had its share. */
    double perOperation() {
      return bytes <= HARNESS ? 0 : bytes / operations;
    }
  }

  /** Reads JMH's result of a benchmark on that backend and tier, or on that peer. */
  static Measurement of(BenchmarkCase what, String backend, boolean isPeer, RunResult run) {
    Result<?> primary = run.getPrimaryResult();
    Statistics statistics = primary.getStatistics();
    return new Measurement(
        what,
        backend,
        primary.getScore(),
        statistics.getPercentile(25),
        statistics.getPercentile(50),
        statistics.getPercentile(75),
        best(run.getSecondaryResults(), statistics.getMin()),
        statistics.getN() < ENOUGH_ITERATIONS
            ? Double.NaN
            : primary.getScoreError() / primary.getScore(),
        allocation(run),
        limits(run.getSecondaryResults()),
        run.getBenchmarkResults().stream().map(Measurement::jvm).toList(),
        Math.toIntExact(statistics.getN()),
        isPeer);
  }

  /** The best piece, or where there are none, or they cost more, the best iteration. */
  @SuppressWarnings("rawtypes") // as JMH has it
  private static double best(Map<String, Result> results, double bestIteration) {
    double piece = score(results, RooflineProfiler.BEST);
    return piece > 0 ? Math.min(piece, bestIteration) : bestIteration;
  }

  private static BenchReport.Jvm jvm(BenchmarkResult fork) {
    double bestIteration = fork.getPrimaryResult().getStatistics().getMin();
    return new BenchReport.Jvm(
        best(fork.getSecondaryResults(), bestIteration),
        score(fork.getSecondaryResults(), RooflineProfiler.CLOCK),
        score(fork.getSecondaryResults(), RooflineProfiler.PEAK));
  }

  private static Allocation allocation(RunResult run) {
    Allocation least = new Allocation(Double.POSITIVE_INFINITY, 1);
    for (BenchmarkResult fork : run.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        Result<?> bytes = iteration.getSecondaryResults().get(RooflineProfiler.ALLOCATED);
        long operations = Math.max(1, iteration.getMetadata().getAllOps());
        if (bytes != null && bytes.getScore() / operations < least.bytes / least.operations) {
          least = new Allocation(bytes.getScore(), operations);
        }
      }
    }
    return least;
  }

  @SuppressWarnings("rawtypes") // as JMH has it
  private static Limits limits(Map<String, Result> results) {
    return new Limits(
        score(results, RooflineProfiler.CLOCK),
        score(results, RooflineProfiler.PEAK),
        score(results, RooflineProfiler.READ_L1),
        score(results, RooflineProfiler.READ_L2),
        score(results, RooflineProfiler.READ));
  }

  @SuppressWarnings("rawtypes") // as JMH has it
  private static double score(Map<String, Result> results, String label) {
    Result<?> result = results.get(label);
    return result == null ? 0 : result.getScore();
  }

  /** The work of one operation. */
  Workload workload() {
    return Workload.of(what.benchmark(), what.parameters()::get);
  }

  /** 10⁹ floating-point operations a second. */
  double gflops() {
    return workload().flops() / best;
  }

  /** Share of what all threads together can compute. */
  double shareOfPeak() {
    return gflops() / (limits.peak * workload().threads());
  }

  /** Share of the roofline: the least time that the machine needs by the time that it took. */
  double shareOfRoof() {
    return workload().leastNanos(limits.peak, limits.read) / best;
  }

  /** Cycles of the core's clock for one of the workload's items. */
  double cyclesPerItem() {
    return best * limits.clock / workload().items();
  }

  /** The time, and what it means, in a few words. */
  String summary() {
    String time = "%s, best %s".formatted(Numbers.time(median), Numbers.time(best));
    return switch (what.benchmark()) {
      case Workload.FLOAT32, Workload.FLOAT64, Workload.GRADIENT, Workload.TRAINING_KERNEL ->
          "%s: %s cycles/element".formatted(time, Numbers.digits(cyclesPerItem()));
      case Workload.DENSE,
          Workload.STEP,
          Workload.SEQUENCE,
          Workload.NETWORK,
          Workload.NETWORK_SEQUENCE,
          Workload.WEIGHT_GRADIENT,
          Workload.ODE ->
          "%s: %s of peak".formatted(time, Numbers.percent(shareOfPeak()));
      case Workload.TRAINING ->
          "%s: %s a step, %s of peak"
              .formatted(time, Numbers.time(nanosPerItem()), Numbers.percent(shareOfPeak()));
      default -> time;
    };
  }

  /** The same for a report. */
  BenchReport.Result result() {
    Workload work = workload();
    return new BenchReport.Result(
        what.benchmark(),
        MeasurementTables.heading(what.benchmark()),
        what.parameters(),
        what.kind(),
        what.title(),
        backend,
        isPeer,
        jvms,
        iterations,
        mean,
        Double.isNaN(error) ? 0 : error * mean,
        lower,
        median,
        upper,
        best,
        what.item(),
        work.items(),
        work.flops(),
        work.bytes(),
        work.workingSet(),
        work.threads(),
        coreBound(work),
        limits.clock,
        limits.peak,
        limits.read,
        allocation.perOperation(),
        mayAllocate());
  }

  /** Whether the core's clock decides, not the memory that all cores share. */
  private boolean coreBound(Workload work) {
    return work.workingSet() <= OWN_CACHE
        || work.leastNanos(limits.peak, Double.POSITIVE_INFINITY)
            >= work.leastNanos(Double.POSITIVE_INFINITY, limits.read);
  }

  /** Nanoseconds for one of the workload's items. */
  double nanosPerItem() {
    return best / workload().items();
  }
}
