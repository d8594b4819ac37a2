package io.github.elegans.bench.jmh;

import io.github.elegans.cli.measuring.OdeWorkload;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.BenchmarkParams;

/** An ensemble of trajectories from begin to end; their solution is allocated anew every time. */
public class OdeBenchmark extends BackendState {
  private static final long COMPILATION_NANOS = 30_000_000_000L;

  @Param public OdeWorkload system = OdeWorkload.LORENZ_FIXED;

  @Param("256")
  public int trajectories;

  @Param("1")
  public int threads;

  private Solver solver;
  private Ensemble ensemble;

  @Setup
  public void setUp(BenchmarkParams params) {
    solver = system.solver(open()).threads(threads).build();
    ensemble = system.first(trajectories);
    if (params.getForks() > 0) {
      // The vector backend interprets the program until it is compiled.
      // More than all lanes that a backend may take at once: for fewer it may take another program.
      Ensemble some = system.first(Math.min(trajectories, 64));
      long deadline = System.nanoTime() + COMPILATION_NANOS;
      do {
        solver.solve(some);
      } while (!solver.isCompiled() && System.nanoTime() < deadline);
    }
    prepareAllocating(params, this::solve);
  }

  @Benchmark
  public Solution solve() {
    return solver.solve(ensemble);
  }
}
