package io.github.elegans.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A call of a kernel of training: of a leaf's step, or of a whole optimiser's step. */
public class TrainingKernelBenchmark extends BackendState {
  @Param public TrainingKernel kernel = TrainingKernel.ADAM;

  private Runnable call = () -> {};

  @Setup
  public void setUp(BenchmarkParams params) {
    call = kernel.prepare(open());
    prepare(params, this::run);
  }

  @Benchmark
  public void run() {
    call.run();
  }
}
