package io.github.elegans.bench.jmh;

import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.peers.PeerTask;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.infra.BenchmarkParams;

/** An ensemble of the Lorenz system, adaptive steps, from t = 0 to 1. */
public class LorenzBenchmark extends BackendState {
  static final int TRAJECTORIES = 1024;
  private static final double TOLERANCE = 1e-8;
  private static final double MOST_RHO = 21;

  @Param("1024")
  public int trajectories;

  private Peer.Operation solve;

  static PeerTask task(int trajectories) {
    double[] rho = new double[trajectories];
    for (int i = 0; i < trajectories; i++) {
      rho[i] = MOST_RHO * i / trajectories;
    }
    return new PeerTask.Lorenz(rho, TOLERANCE);
  }

  @Setup
  public void setUp(BenchmarkParams params) {
    solve = task(trajectories).by(open());
    prepare(params, () -> PeerBenchmark.run(solve));
  }

  @Benchmark
  public void solve() throws Exception {
    solve.run();
  }
}
