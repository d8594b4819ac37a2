package io.github.elegans.kernels.dense;

import io.github.elegans.checks.Require;

/** A Linear layer as PyTorch stores it: weight [out, in] row-major and bias [out]. */
public record Linear(float[] weight, float[] bias) {

  /**
   * Checks sizes and values.
   *
   * @param name what messages call it
   */
  public void check(String name, int inputs, int outputs) {
    Require.length(name + ".bias", outputs, bias.length);
    Require.length(name + ".weight", (long) outputs * inputs, weight.length);
    Require.finite(name + ".weight", weight);
    Require.finite(name + ".bias", bias);
  }
}
