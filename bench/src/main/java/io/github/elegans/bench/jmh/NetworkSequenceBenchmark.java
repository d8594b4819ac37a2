package io.github.elegans.bench.jmh;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A network over whole sequences, from and to Java arrays [B, T, features]. */
public class NetworkSequenceBenchmark extends NetworkState {
  /** T. */
  @Param("100")
  public int steps;

  private Session session;
  private float[] x = {};
  private float[] timespans = {};
  private float[] out = {};

  @Setup
  public void setUp(BenchmarkParams params) {
    Network model = model();
    session = model.session(batch);
    int items = Math.multiplyExact(batch, steps);
    x = CfcState.inputs(items, model.cell().inputSize());
    timespans = new float[steps];
    Arrays.fill(timespans, CfcState.TIMESPAN);
    out = new float[Math.multiplyExact(items, model.cell().outputSize())];
    prepare(params, this::run);
  }

  @TearDown
  public void tearDown() {
    session.close();
  }

  @Benchmark
  public void run() {
    session.run(x, steps, timespans, out);
  }
}
