package io.github.elegans.bench.jmh;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.measuring.Machine;
import io.github.elegans.cli.measuring.Probe;
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
import org.openjdk.jmh.runner.IterationType;

/**
 * Measures, in the benchmark's JVM and before and after every iteration, what the machine can do at
 * most through the benchmark's backend. The best of all that it measured are secondary metrics of
 * the last iteration; the heap memory that was allocated is one of every iteration.
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

  /** Heap memory that an iteration's loop allocated. */
  static final String ALLOCATED = "allocated";

  /** Nanoseconds of one operation in the best of many short pieces. */
  static final String BEST = "best";

  private static final int PIECES = 4;
  private static final long PIECES_NANOS = 20_000_000;
  private static final long TYPICAL_L1 = 32 << 10;
  private static final long TYPICAL_L2 = 1 << 20;

  /** All that is measured: what has no label serves the others only. */
  private final List<Probe> probes = new ArrayList<>();

  private final Map<String, Limit> limits = new LinkedHashMap<>();
  private int measured;

  private record Limit(String unit, Probe probe) {}

  @Override
  public String getDescription() {
    return "The machine's limits through the benchmark's backend";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (probes.isEmpty()) {
      open(benchmark);
      BackendState.warmUp(benchmark, this::sample, false);
    }
    sample();
  }

  private void open(BenchmarkParams benchmark) {
    Kernels kernels = Backends.named(benchmark.getParam("backend"));
    RunningJvm.announce(kernels);
    Machine machine = Machine.probe();
    Workload workload = Workload.of(benchmark.getBenchmark(), benchmark::getParam);
    add(CLOCK, "GHz", Probe.clock());
    add(PEAK, "GFLOP/s", Probe.peak(kernels.roofline()));
    Probe call = Probe.call(kernels.roofline());
    probes.add(call);
    addRead(READ_L1, machine.cacheBytes(1).orElse(TYPICAL_L1) / 2, kernels, call);
    addRead(READ_L2, machine.cacheBytes(2).orElse(TYPICAL_L2) / 2, kernels, call);
    if (workload.workingSet() > 0) {
      addRead(READ, workload.workingSet(), kernels, call);
    }
  }

  private void addRead(String label, long bytes, Kernels kernels, Probe call) {
    add(label, "GB/s", Probe.read(kernels.roofline(), bytes, call));
  }

  private void add(String label, String unit, Probe probe) {
    probes.add(probe);
    limits.put(label, new Limit(unit, probe));
  }

  private void sample() {
    probes.forEach(probe -> probe.sample(PIECES, PIECES_NANOS));
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    sample();
    List<ScalarResult> results = new ArrayList<>();
    results.add(
        new ScalarResult(
            ALLOCATED, BackendState.allocatedBytes(), "B/iteration", AggregationPolicy.MIN));
    results.add(new ScalarResult(BEST, BackendState.bestNanos(), "ns/op", AggregationPolicy.MIN));
    if (iteration.getType() == IterationType.MEASUREMENT && ++measured == iteration.getCount()) {
      // Only now: the earlier ones may still be too high where a call's own time is subtracted.
      limits.forEach(
          (label, limit) ->
              results.add(
                  new ScalarResult(label, limit.probe.rate(), limit.unit, AggregationPolicy.MAX)));
    }
    return results;
  }
}
