package io.github.elegans.bench.jmh;

import io.github.elegans.bench.Machine;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Measures, in the benchmark's JVM and before and after every iteration, what the machine can do at
 * most through the benchmark's backend. The results are secondary metrics, of which the best
 * counts; so is the heap memory that the iteration allocated.
 */
public final class RooflineProfiler implements InternalProfiler {
  /** The core's clock in GHz. */
  static final String CLOCK = "roofline.clock";

  /** 10⁹ float32 operations a second in fused multiply-adds. */
  static final String PEAK = "roofline.peak";

  /** 10⁹ bytes a second from half of the first-level cache. */
  static final String READ_L1 = "roofline.read.l1";

  /** 10⁹ bytes a second from half of the second-level cache. */
  static final String READ_L2 = "roofline.read.l2";

  /** 10⁹ bytes a second from memory as large as what the benchmark reads. */
  static final String READ = "roofline.read.workload";

  /** Calls of all probes that suffice to have them compiled. */
  private static final long WARM_UP_CALLS = 50;

  private static final long NANOS = 1_000_000;
  private static final long CALL_NANOS = 5_000_000;
  private static final long TYPICAL_L1 = 32 << 10;
  private static final long TYPICAL_L2 = 1 << 20;

  private final Map<String, Limit> limits = new LinkedHashMap<>();

  /** Nanoseconds of a call of the backend that reads next to nothing. */
  private double call;

  private static final class Limit {
    private final String unit;
    private final Probe probe;
    private double best;

    Limit(String unit, Probe probe) {
      this.unit = unit;
      this.probe = probe;
    }
  }

  @Override
  public String getDescription() {
    return "The machine's limits through the benchmark's backend";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (limits.isEmpty()) {
      open(benchmark);
    }
    for (Limit limit : limits.values()) {
      limit.best = limit.probe.best(NANOS);
    }
  }

  private void open(BenchmarkParams benchmark) {
    Kernels kernels = Backends.named(benchmark.getParam("backend"));
    RunningJvm.announce(kernels);
    Machine machine = Machine.probe();
    Workload workload = Workload.of(benchmark.getBenchmark(), benchmark::getParam);
    limits.put(CLOCK, new Limit("GHz", Probe.clock()));
    limits.put(PEAK, new Limit("GFLOP/s", Probe.peak(kernels.roofline())));
    read(READ_L1, kernels, machine.cacheBytes(1).orElse(TYPICAL_L1) / 2);
    read(READ_L2, kernels, machine.cacheBytes(2).orElse(TYPICAL_L2) / 2);
    if (workload.workingSet() > 0) {
      read(READ, kernels, workload.workingSet());
    }
    Probe calls = Probe.call(kernels.roofline());
    WarmUp.untilCompiled(
        benchmark,
        () -> {
          limits.forEach((label, limit) -> limit.probe.piece());
          calls.piece();
        },
        WARM_UP_CALLS);
    call = 1 / calls.best(CALL_NANOS);
  }

  private void read(String label, Kernels kernels, long bytes) {
    limits.put(label, new Limit("GB/s", Probe.read(kernels.roofline(), bytes, () -> call)));
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    List<ScalarResult> results = new ArrayList<>();
    results.add(
        new ScalarResult(Allocations.LABEL, Allocations.last(), "B", AggregationPolicy.MIN));
    limits.forEach(
        (label, limit) ->
            results.add(
                new ScalarResult(
                    label,
                    Math.max(limit.best, limit.probe.best(NANOS)),
                    limit.unit,
                    AggregationPolicy.MAX)));
    return results;
  }
}
