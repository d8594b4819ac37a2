package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** What a call costs that computes nothing, or next to nothing. */
public class EmptyCallBenchmark extends BackendState {
  private MathKernels math;
  private MemorySegment memory = MemorySegment.NULL;

  @Setup
  public void setUp(BenchmarkParams params) {
    math = open().math();
    memory = Arena.ofAuto().allocate(PanelLayout.ALIGNMENT, PanelLayout.ALIGNMENT);
    // Not prepared: in a loop of our own a compiler may find out that nothing is done.
    warmUp(params, this::math, false);
  }

  /** The checks and the way to the kernel and back: a function of no elements. */
  @Benchmark
  public void math() {
    math.apply(Activation.TANH, Accuracy.ACCURATE, memory, memory, 0);
  }

  /** A step of the smallest network. */
  @Benchmark
  public void step(SmallestNetwork network) {
    network.session.step(network.x, CfcState.TIMESPAN, network.out);
  }

  /** A network of one input, one backbone unit and one hidden unit. */
  @State(Scope.Benchmark)
  public static class SmallestNetwork {
    /** With more than one, the step costs their meeting at the barriers, too. */
    @Param({"1", "2"})
    public int threads;

    private final float[] x = {1};
    private final float[] out = new float[1];
    private Session session;

    @Setup
    public void setUp(EmptyCallBenchmark benchmark, BenchmarkParams params) {
      session =
          Cfc.initialised(new CfcShape(1, 1, 1).configuration(), 1)
              .on(benchmark.open())
              .session(1)
              .parallelism(threads);
      benchmark.prepare(params, () -> benchmark.step(this));
    }

    @TearDown
    public void tearDown() {
      session.close();
    }
  }
}
