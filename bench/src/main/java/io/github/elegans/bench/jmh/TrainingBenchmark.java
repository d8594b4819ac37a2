package io.github.elegans.bench.jmh;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.training.GradientSession;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A batch of sequences forward and back through a gradient session, without inputs' gradients. */
public class TrainingBenchmark extends BackendState {
  @Param public TrainingNetwork network = TrainingNetwork.CFC;

  @Param({"1", "16", "64", "512"})
  public int batch;

  @Param("1")
  public int threads;

  /** T. */
  @Param("32")
  public int steps;

  private GradientSession session;
  private float[] x = {};
  private float[] out = {};
  private float[] upstream = {};
  private final GradientSession.Upstream loss = this::copyUpstream;

  @Setup
  public void setUp(BenchmarkParams params) {
    Network model = network.network().on(open());
    session = GradientSession.builder(model).threads(threads).withoutInputGradients().build();
    int items = Math.multiplyExact(batch, steps);
    x = CfcState.inputs(items, model.inputSize());
    out = new float[Math.multiplyExact(items, model.outputSize())];
    upstream = upstream(items, model.outputSize());
    prepare(params, this::run);
  }

  /** Gradients of outputs, so small that those of the parameters are about one. */
  static float[] upstream(int items, int outputSize) {
    float[] upstream = CfcState.inputs(items, outputSize);
    float factor = (float) (1 / Math.sqrt(items));
    for (int i = 0; i < upstream.length; i++) {
      upstream[i] *= factor;
    }
    return upstream;
  }

  /** In place of a loss, which has benchmarks of its own. */
  private void copyUpstream(int first, int samples, float[] ofOutputs, float[] to) {
    int width = ofOutputs.length / batch;
    System.arraycopy(upstream, first * width, to, first * width, samples * width);
  }

  @TearDown
  public void tearDown() {
    session.close();
  }

  @Benchmark
  public void run() {
    session.clearGradients();
    session.forwardAndBackward(batch, steps, x, out, loss);
  }
}
