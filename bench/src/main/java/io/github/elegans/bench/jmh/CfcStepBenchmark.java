package io.github.elegans.bench.jmh;

import io.github.elegans.networks.Session;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** One step of a CfC network through the public session API, from and to Java arrays. */
public class CfcStepBenchmark extends CfcState {
  private Session session;
  private float[] x = {};
  private float[] out = {};

  @Setup
  public void setUp(BenchmarkParams params) {
    CfcShape size = CfcShape.of(shape);
    session = session();
    x = inputs(batch, size.inputs());
    out = new float[batch * size.hiddenUnits()];
    prepare(params, this::step);
  }

  @TearDown
  public void tearDown() {
    session.close();
  }

  @Benchmark
  public void step() {
    session.step(x, TIMESPAN, out);
  }
}
