package io.github.elegans.bench.workers;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.SplittableRandom;

/** The network that all of these measurements step: a CfC (16, 128, 64), one sample at a time. */
final class Subject {
  /** What it is, for people. */
  static final String TITLE = "CfC 16,128,64, batch 1";

  private static final int INPUTS = 16;
  private static final int SAMPLES = 64;

  private final Session session;
  private final float[][] samples = new float[SAMPLES][INPUTS];
  private final float[] out;
  private int next;

  Subject(Network network) {
    session = network.session(1);
    out = new float[network.outputSize()];
    SplittableRandom random = new SplittableRandom(2);
    for (float[] sample : samples) {
      for (int i = 0; i < INPUTS; i++) {
        sample[i] = (float) random.nextDouble(-2, 2);
      }
    }
  }

  /** The backend, named strictly. */
  static Kernels kernels(String backend) {
    return Backends.named(backend);
  }

  static Network network(Kernels kernels) {
    return Cfc.initialised(CfcConfiguration.of(INPUTS, 64).withBackbone(128, 1), 1).on(kernels);
  }

  /** The next sample, in an array of its own, as one that has just arrived. */
  float[] sample() {
    next = (next + 1) % SAMPLES;
    return samples[next].clone();
  }

  void step(float[] sample) {
    session.step(sample, 1, out);
  }

  /** A step of the next sample, which allocates nothing. */
  void step() {
    next = (next + 1) % SAMPLES;
    session.step(samples[next], 1, out);
  }
}
