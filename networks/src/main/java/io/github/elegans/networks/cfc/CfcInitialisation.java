package io.github.elegans.networks.cfc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.cfc.CfcMode;
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
    int rows = Require.elements("the gates of the LSTM", 4, hidden);
    stateDict.put(
        "lstm.input_map.weight",
        uniform(Require.elements("the gates of the LSTM", rows, inputs), xavier(inputs, rows)));
    stateDict.put("lstm.input_map.bias", bias(rows, 0.1));
    stateDict.put("lstm.recurrent_map.weight", orthogonal(random, rows, hidden));
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

  /** Orthonormal columns, by Gram and Schmidt from normal deviates. */
  private static float[] orthogonal(RandomGenerator random, int rows, int columns) {
    double[][] basis = new double[columns][rows];
    for (int column = 0; column < columns; column++) {
      double[] v = basis[column];
      Arrays.setAll(v, i -> random.nextGaussian());
      // Twice, so that rounding leaves nothing of the others.
      for (int pass = 0; pass < 2; pass++) {
        for (int other = 0; other < column; other++) {
          double along = dot(v, basis[other]);
          for (int i = 0; i < rows; i++) {
            v[i] -= along * basis[other][i];
          }
        }
      }
      double length = Math.sqrt(dot(v, v));
      for (int i = 0; i < rows; i++) {
        v[i] /= length;
      }
    }
    float[] matrix = new float[Require.elements("a recurrent weight", rows, columns)];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = (float) basis[i % columns][i / columns];
    }
    return matrix;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
