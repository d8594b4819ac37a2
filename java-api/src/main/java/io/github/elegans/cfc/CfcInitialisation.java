package io.github.elegans.cfc;

import io.github.elegans.kernels.CfcMode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Fresh weights as ncps distributes them. */
final class CfcInitialisation {
  private CfcInitialisation() {}

  static Map<String, float[]> stateDict(CfcConfiguration configuration, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Map<String, float[]> stateDict = new LinkedHashMap<>();
    int hidden = configuration.hiddenSize();
    int inputs = configuration.firstInputs();
    for (int i = 0; i < configuration.backboneLayers(); i++) {
      int units = configuration.backboneUnits();
      linear(stateDict, "backbone." + 2 * i, inputs, units, xavier(inputs, units), random);
      inputs = configuration.backboneUnits();
    }
    boolean pure = configuration.mode() == CfcMode.PURE;
    for (String head : pure ? List.of("ff1") : List.of("ff1", "ff2", "time_a", "time_b")) {
      linear(stateDict, head, inputs, hidden, xavier(inputs, hidden), random);
    }
    if (pure) {
      float[] ones = new float[hidden];
      Arrays.fill(ones, 1);
      stateDict.put("w_tau", new float[hidden]);
      stateDict.put("A", ones);
    }
    if (configuration.projectionSize() > 0) {
      // Outside the cell, and so with PyTorch's own default.
      linear(
          stateDict, "fc", hidden, configuration.projectionSize(), 1 / Math.sqrt(hidden), random);
    }
    return stateDict;
  }

  private static double xavier(int inputs, int outputs) {
    return Math.sqrt(6.0 / (inputs + outputs));
  }

  private static void linear(
      Map<String, float[]> stateDict,
      String name,
      int inputs,
      int outputs,
      double bound,
      RandomGenerator random) {
    stateDict.put(name + ".weight", uniform(random, Math.multiplyExact(inputs, outputs), bound));
    stateDict.put(name + ".bias", uniform(random, outputs, 1 / Math.sqrt(inputs)));
  }

  private static float[] uniform(RandomGenerator random, int n, double bound) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }
}
