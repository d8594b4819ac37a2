package io.github.elegans.bench.jmh;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** One step of a network through the public session API, a timespan for every sample. */
public class NetworkStepBenchmark extends NetworkState {
  private Session session;
  private float[] x = {};
  private Timespans timespans = Timespans.ONE;
  private float[] out = {};

  @Setup
  public void setUp(BenchmarkParams params) {
    Network model = model();
    session = model.session(batch);
    x = CfcState.inputs(batch, model.inputSize());
    float[] ofRows = new float[batch];
    Arrays.fill(ofRows, CfcState.TIMESPAN);
    timespans = Timespans.perRow(ofRows);
    out = new float[batch * model.outputSize()];
    prepare(params, this::step);
  }

  @TearDown
  public void tearDown() {
    session.close();
  }

  @Benchmark
  public void step() {
    session.step(x, timespans, out);
  }
}
