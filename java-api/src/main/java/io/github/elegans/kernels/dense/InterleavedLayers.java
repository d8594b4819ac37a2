package io.github.elegans.kernels.dense;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import java.util.List;

/**
 * Layers of as many units as one dense layer, interleaved by blocks of units, {@code [unit /
 * 16][layer][unit % 16]}, so that one panel holds all that 16 units need.
 */
public final class InterleavedLayers {
  private InterleavedLayers() {}

  /**
   * Packs layers.
   *
   * @param names what messages call them
   * @param layers each of so many units on the same inputs
   */
  public static DenseWeights pack(int inputs, int units, List<String> names, List<Linear> layers) {
    int outputs = Require.elements("units of all heads", layers.size(), PanelLayout.roundUp(units));
    float[] weight = new float[Require.elements("weights of all heads", outputs, inputs)];
    float[] bias = new float[outputs];
    for (int layer = 0; layer < layers.size(); layer++) {
      Linear source = layers.get(layer);
      source.check(names.get(layer), inputs, units);
      for (int unit = 0; unit < units; unit++) {
        int row = output(layers.size(), layer, unit);
        System.arraycopy(source.weight(), unit * inputs, weight, row * inputs, inputs);
        bias[row] = source.bias()[unit];
      }
    }
    return DenseWeights.pack(inputs, outputs, weight, bias);
  }

  /** The output that is a layer's unit. */
  public static int output(int layers, int layer, int unit) {
    return (unit / PanelLayout.BLOCK * layers + layer) * PanelLayout.BLOCK
        + unit % PanelLayout.BLOCK;
  }
}
