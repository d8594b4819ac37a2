package io.github.elegans.networks.cfc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.cfc.CfcMode;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The shape of a CfC network with a wiring: one cell without backbone for each layer of neurons.
 *
 * @param inputSize I, at least 1
 * @param layerSizes neurons of each layer: of an NCP inter, command and motor neurons
 * @param mode the cells
 * @param mixedMemory whether an LSTM stands beside the cells
 * @param projectionSize P, or 0 for no projection: the output is the last layer's state
 * @param dialect whose CfC it is
 */
public record WiredCfcConfiguration(
    int inputSize,
    List<Integer> layerSizes,
    CfcMode mode,
    boolean mixedMemory,
    int projectionSize,
    CfcDialect dialect) {

  /**
   * Checks its components; copies the list.
   *
   * @throws IllegalArgumentException if a size is out of range, or there is no layer
   */
  public WiredCfcConfiguration {
    Require.noNull("layerSizes", layerSizes);
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(dialect, "dialect");
    Require.atLeast("input_size", 1, inputSize);
    layerSizes = List.copyOf(layerSizes);
    Require.atLeast("layers", 1, layerSizes.size());
    layerSizes.forEach(size -> Require.atLeast("neurons of a layer", 1, size));
    Require.atLeast("proj_size", 0, projectionSize);
  }

  /** A network in the dialect of ncps on PyTorch without mixed memory and projection. */
  public static WiredCfcConfiguration of(int inputSize, CfcMode mode, Integer... layerSizes) {
    return new WiredCfcConfiguration(
        inputSize,
        Arrays.asList(Objects.requireNonNull(layerSizes, "layerSizes")),
        mode,
        false,
        0,
        CfcDialect.NCPS_TORCH);
  }

  /** Neurons of all layers: the size of the state. */
  public int units() {
    return layerSizes.stream().reduce(0, (a, b) -> Require.sum("neurons of all layers", a, b));
  }

  /** Inputs of the first layer: I, or all states where an LSTM takes the input's place. */
  public int firstLayerInputs() {
    return mixedMemory && dialect.memoryReplacesInput() ? units() : inputSize;
  }
}
