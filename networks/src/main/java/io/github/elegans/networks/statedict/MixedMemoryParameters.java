package io.github.elegans.networks.statedict;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.lstm.LstmWeights;

/** The LSTM of an ncps model with mixed memory. */
public final class MixedMemoryParameters {
  private MixedMemoryParameters() {}

  /** Whether the parameters have one. */
  public static boolean in(Parameters parameters) {
    return parameters.has(TensorNames.INPUT_MAP + ".weight");
  }

  /** Inputs of the LSTM. */
  public static int inputSize(Parameters parameters) {
    return parameters.matrix(TensorNames.INPUT_MAP + ".weight").columns();
  }

  /**
   * Takes {@code lstm.input_map.weight} [4 H, I] and {@code .bias} [4 H], {@code
   * lstm.recurrent_map.weight} [4 H, H], the gates in the order i, ig, fg, og.
   *
   * @param forgetBias a constant added to the forget gate: 1 in ncps
   */
  public static LstmWeights take(
      Parameters parameters, int inputSize, int hiddenSize, float forgetBias) {
    int rows = Require.elements("gates", 4, hiddenSize);
    float[] input = parameters.take(TensorNames.INPUT_MAP + ".weight", rows, inputSize);
    float[] bias = parameters.take(TensorNames.INPUT_MAP + ".bias", rows);
    float[] recurrent = parameters.take(TensorNames.RECURRENT_MAP + ".weight", rows, hiddenSize);
    return new Packing.Gates(
            inputSize,
            hiddenSize,
            (o, i) -> input[o * inputSize + i],
            (o, i) -> recurrent[o * hiddenSize + i],
            bias)
        .lstm(0, 1, 2, 3, forgetBias);
  }
}
