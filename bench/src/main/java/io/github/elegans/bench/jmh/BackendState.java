package io.github.elegans.bench.jmh;

import com.sun.management.ThreadMXBean;
import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.measuring.Probe;
import io.github.elegans.cli.measuring.WarmUp;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * What all benchmarks share: the backend by its name, strictly, how they are run, and what is
 * measured beside JMH's times, for {@link RooflineProfiler} to collect.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class BackendState {
  private static final long WARM_UP_NANOS = 60_000_000_000L;

  /** Those of other libraries, which allocate, were steady after three quarters of it. */
  private static final long ALLOCATING_NANOS = 1_000_000_000;

  private static final int PIECES = 20;
  private static final long PIECES_NANOS = 10_000_000;

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private static volatile long allocatedBytes;
  private static volatile double bestNanos;

  /** The backend's name; one that cannot run here fails the benchmark with the reason. */
  @Param({"scalar", "vector", "native"})
  public String backend = "";

  private @Nullable Probe operation;
  private long bytesBefore;

  /** Opens the backend, and says once what it really is. */
  final Kernels open() {
    Kernels kernels = Backends.named(backend);
    RunningJvm.announce(kernels);
    return kernels;
  }

  /** Called at the end of the set-up: has the benchmark's operation compiled. */
  final void prepare(BenchmarkParams benchmark, Runnable newOperation) {
    prepare(benchmark, newOperation, false);
  }

  /** As {@link #prepare}, for an operation that allocates even when it is compiled. */
  final void prepareAllocating(BenchmarkParams benchmark, Runnable newOperation) {
    prepare(benchmark, newOperation, true);
  }

  private void prepare(BenchmarkParams benchmark, Runnable newOperation, boolean allocates) {
    operation = Probe.operation(newOperation);
    warmUp(benchmark, newOperation, allocates);
  }

  /** Runs an operation until it is compiled. */
  static void warmUp(BenchmarkParams benchmark, Runnable operation, boolean allocates) {
    if (benchmark.getForks() == 0) {
      // In the JVM that runs anyway only tests measure, and they need not wait.
      operation.run();
    } else if (allocates) {
      WarmUp.untilCompiled(operation, ALLOCATING_NANOS, WARM_UP_NANOS);
    } else {
      WarmUp.untilCompiled(operation, WARM_UP_NANOS);
    }
  }

  @Setup(Level.Iteration)
  public void beginIteration() {
    bytesBefore = THREADS.getTotalThreadAllocatedBytes();
  }

  @TearDown(Level.Iteration)
  public void endIteration() {
    allocatedBytes = THREADS.getTotalThreadAllocatedBytes() - bytesBefore;
    if (operation != null) {
      operation.sample(PIECES, PIECES_NANOS);
      bestNanos = 1 / operation.rate();
    }
  }

  /**
   * Heap memory that all threads of this JVM allocated in the last iteration's loop; JMH's own
   * allocations between the iterations are left out.
   */
  static long allocatedBytes() {
    return allocatedBytes;
  }

  /**
   * Nanoseconds of one operation in the best of many pieces of some tenths of a millisecond, as
   * short as those that the roofline is measured in.
   */
  static double bestNanos() {
    return bestNanos;
  }
}
