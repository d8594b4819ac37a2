package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.Kernels;
import java.util.concurrent.TimeUnit;
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

/** What all benchmarks share: the backend by its name, strictly, and how they are run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 12, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public abstract class BackendState {
  /** The backend's name; one that cannot run here fails the benchmark with the reason. */
  @Param({"scalar", "vector", "native"})
  public String backend = "";

  @Setup(Level.Iteration)
  public void beginIteration() {
    Allocations.begin();
  }

  @TearDown(Level.Iteration)
  public void endIteration() {
    Allocations.end();
  }

  /** Opens the backend, and says once what it really is. */
  final Kernels open() {
    Kernels kernels = Backends.named(backend);
    RunningJvm.announce(kernels);
    return kernels;
  }
}
