package io.github.elegans.networks.cfc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.networks.statedict.MixedMemoryParameters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Fresh weights as the library of a dialect distributes them: ncps on PyTorch, or Keras's layers.
 */
final class CfcInitialisation {
  private final RandomGenerator random;
  private final boolean isKeras;
  private final Map<String, float[]> stateDict = new LinkedHashMap<>();

  private CfcInitialisation(CfcDialect dialect, long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    isKeras = dialect.isKeras();
  }

  static Map<String, float[]> stateDict(CfcConfiguration configuration, long seed) {
    CfcInitialisation fresh = new CfcInitialisation(configuration.dialect(), seed);
    int hidden = configuration.hiddenSize();
    int inputs = configuration.firstInputs();
    for (int i = 0; i < configuration.backboneLayers(); i++) {
      int units = configuration.backboneUnits();
      fresh.linear("backbone." + 2 * i, inputs, units, xavier(inputs, units));
      inputs = configuration.backboneUnits();
    }
    fresh.heads("", configuration.mode(), inputs, hidden);
    if (configuration.mixedMemory()) {
      fresh.lstm(configuration.inputSize(), hidden);
    }
    int outputs = configuration.projectionSize();
    if (outputs > 0) {
      // Outside the cell, and so with PyTorch's own default.
      double bound = fresh.isKeras ? xavier(hidden, outputs) : 1 / Math.sqrt(hidden);
      fresh.linear("fc", hidden, outputs, bound);
    }
    return fresh.stateDict;
  }

  static Map<String, float[]> stateDict(WiredCfcConfiguration configuration, long seed) {
    CfcInitialisation fresh = new CfcInitialisation(configuration.dialect(), seed);
    int layer = 0;
    int inputs = configuration.firstLayerInputs();
    for (int hidden : configuration.layerSizes()) {
      String prefix = "layer_" + layer++ + ".";
      fresh.heads(prefix, configuration.mode(), inputs + hidden, hidden);
      inputs = hidden;
    }
    if (configuration.mixedMemory()) {
      fresh.lstm(configuration.inputSize(), configuration.units());
    }
    return fresh.stateDict;
  }

  private void heads(String prefix, CfcMode mode, int inputs, int hidden) {
    boolean pure = mode == CfcMode.PURE;
    for (String head : pure ? List.of("ff1") : List.of("ff1", "ff2", "time_a", "time_b")) {
      linear(prefix + head, inputs, hidden, xavier(inputs, hidden));
    }
    if (pure) {
      float[] ones = new float[hidden];
      Arrays.fill(ones, 1);
      stateDict.put(prefix + "w_tau", new float[hidden]);
      stateDict.put(prefix + "A", ones);
    }
  }

  private void lstm(int inputs, int hidden) {
    stateDict.putAll(MixedMemoryParameters.initialised(random, inputs, hidden, isKeras));
  }

  private static double xavier(int inputs, int outputs) {
    return Math.sqrt(6.0 / (inputs + outputs));
  }

  private void linear(String name, int inputs, int outputs, double bound) {
    stateDict.put(
        name + ".weight", uniform(Require.elements(name + ".weight", outputs, inputs), bound));
    stateDict.put(name + ".bias", bias(outputs, 1 / Math.sqrt(inputs)));
  }

  private float[] bias(int n, double bound) {
    return isKeras ? new float[n] : uniform(n, bound);
  }

  private float[] uniform(int n, double bound) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }
}
