package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.Accuracy;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** One step of a network through the public session API, a timespan for every sample. */
public class NetworkBenchmark extends BackendState {
  @Param({"LTC_NCP", "LTC_FULL", "WIRED_CFC", "MIXED_CFC", "LSTM", "GRU", "CFC_BFLOAT16"})
  public NetworkKind network = NetworkKind.LTC_NCP;

  @Param({"1", "24", "64"})
  public int batch;

  @Param("ACCURATE")
  public Accuracy accuracy = Accuracy.ACCURATE;

  private Session session;
  private float[] x = {};
  private float[] timespans = {};
  private float[] out = {};

  @Setup
  public void setUp(BenchmarkParams params) {
    Network model = network.network().on(open()).with(accuracy);
    session = model.session(batch);
    x = CfcState.inputs(batch, model.cell().inputSize());
    timespans = new float[batch];
    Arrays.fill(timespans, CfcState.TIMESPAN);
    out = new float[batch * model.cell().outputSize()];
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
