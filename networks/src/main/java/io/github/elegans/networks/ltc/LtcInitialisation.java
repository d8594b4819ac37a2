package io.github.elegans.networks.ltc;

import io.github.elegans.networks.statedict.MixedMemoryParameters;
import io.github.elegans.networks.wiring.Wiring;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Fresh parameters as ncps distributes them. */
final class LtcInitialisation {
  private final RandomGenerator random;
  private final Map<String, float[]> stateDict = new LinkedHashMap<>();

  private LtcInitialisation(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  static Map<String, float[]> stateDict(LtcConfiguration configuration, Wiring wiring, long seed) {
    LtcInitialisation of = new LtcInitialisation(seed);
    int inputs = wiring.inputSize();
    int units = wiring.units();
    of.uniform("gleak", units, 0.001, 1);
    of.uniform("vleak", units, -0.2, 0.2);
    of.uniform("cm", units, 0.4, 0.6);
    of.synapses("", units * units, wiring.adjacency());
    of.synapses("sensory_", inputs * units, wiring.sensoryAdjacency());
    of.map("input", configuration.inputMapping(), inputs);
    of.map("output", configuration.outputMapping(), configuration.outputSize());
    if (configuration.mixedMemory()) {
      of.stateDict.putAll(MixedMemoryParameters.initialised(of.random, inputs, units, false));
    }
    return of.stateDict;
  }

  private void synapses(String kind, int n, float[] adjacency) {
    uniform(kind + "w", n, 0.001, 1);
    uniform(kind + "sigma", n, 3, 8);
    uniform(kind + "mu", n, 0.3, 0.8);
    stateDict.put(kind + "erev", adjacency);
    float[] mask = new float[n];
    for (int i = 0; i < n; i++) {
      mask[i] = Math.abs(adjacency[i]);
    }
    stateDict.put(kind + "sparsity_mask", mask);
  }

  private void map(String name, LtcMapping mapping, int n) {
    if (mapping != LtcMapping.NONE) {
      float[] ones = new float[n];
      Arrays.fill(ones, 1);
      stateDict.put(name + "_w", ones);
    }
    if (mapping == LtcMapping.AFFINE) {
      stateDict.put(name + "_b", new float[n]);
    }
  }

  private void uniform(String name, int n, double least, double most) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(least, most);
    }
    stateDict.put(name, values);
  }
}
