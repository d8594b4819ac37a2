package io.github.elegans.networks;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Steps of a network, to be measured. */
final class NetworkSteps {
  private NetworkSteps() {}

  /** On one line: steps that take another time have another name. */
  static String name(Network network, int batch) {
    return "%s, %s, batch of %d"
        .formatted(network, network.accuracy().name().toLowerCase(Locale.ROOT), batch);
  }

  /** Makes a step of all rows, on noise, for each backend: all that takes time happens there. */
  static Function<Kernels, Runnable> of(Network network, int batch) {
    Require.atLeast("batch", 1, batch);
    return kernels -> {
      Session session = network.on(kernels).session(batch);
      float[] x = noise(Require.elements("x [B, I]", batch, network.inputSize()));
      float[] out = new float[Require.elements("out [B, O]", batch, network.outputSize())];
      return () -> session.step(x, 1, out);
    };
  }

  private static float[] noise(int n) {
    float[] noise = new float[n];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < n; i++) {
      noise[i] = (float) random.nextDouble(-1, 1);
    }
    return noise;
  }
}
