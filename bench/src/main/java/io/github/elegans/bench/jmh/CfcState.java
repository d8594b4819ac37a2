package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Param;

/** A session of a CfC network with fresh weights. */
public abstract class CfcState extends BackendState {
  /** The elapsed time of every step. */
  static final float TIMESPAN = 1;

  /** I,U,H. */
  @Param({"16-64-32", "16-128-64", "16-128-128", "16-256-256"})
  public String shape = "";

  @Param({"1", "24", "64"})
  public int batch;

  @Param("ACCURATE")
  public Accuracy accuracy = Accuracy.ACCURATE;

  @Param("1")
  public int threads;

  final Network network() {
    return Cfc.initialised(CfcShape.of(shape).configuration(), 1).on(open()).with(accuracy);
  }

  final Session session() {
    return network().session(batch).parallelism(threads);
  }

  /** Normalised inputs of that many samples. */
  static float[] inputs(int samples, int inputSize) {
    SplittableRandom random = new SplittableRandom(2);
    float[] x = new float[Math.multiplyExact(samples, inputSize)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-2, 2);
    }
    return x;
  }
}
