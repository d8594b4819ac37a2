package io.github.elegans.bench.jmh;

import io.github.elegans.networks.Session;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A CfC network over whole sequences, from and to Java arrays [B, T, features]. */
public class CfcSequenceBenchmark extends CfcState {
  /** T. */
  @Param("100")
  public int steps;

  private Session session;
  private float[] x = {};
  private float[] timespans = {};
  private float[] out = {};

  @Setup
  public void setUp(BenchmarkParams params) {
    CfcShape size = CfcShape.of(shape);
    session = session();
    x = inputs(Math.multiplyExact(batch, steps), size.inputs());
    timespans = new float[steps];
    Arrays.fill(timespans, TIMESPAN);
    out = new float[Math.multiplyExact(batch * steps, size.hiddenUnits())];
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
