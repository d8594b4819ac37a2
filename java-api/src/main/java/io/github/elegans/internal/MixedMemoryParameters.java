package io.github.elegans.internal;

import io.github.elegans.kernels.CfcWeights.Linear;
import io.github.elegans.kernels.LstmWeights;

/** The LSTM of an ncps model with mixed memory. */
public final class MixedMemoryParameters {
  private static final String INPUT_MAP = "lstm.input_map";
  private static final String RECURRENT_MAP = "lstm.recurrent_map";
  private static final int GATES = 4;
  private static final int FORGET_GATE = 2;

  private MixedMemoryParameters() {}

  /** Whether the parameters have one. */
  public static boolean in(Parameters parameters) {
    return parameters.has(INPUT_MAP + ".weight");
  }

  /** Inputs of the LSTM. */
  public static int inputSize(Parameters parameters) {
    return parameters.matrix(INPUT_MAP + ".weight").columns();
  }

  /**
   * Takes {@code lstm.input_map.weight} [4 H, I] and {@code .bias} [4 H], {@code
   * lstm.recurrent_map.weight} [4 H, H], the gates in the order i, ig, fg, og.
   *
   * @param forgetBias a constant added to the forget gate: 1 in ncps
   */
  public static LstmWeights take(
      Parameters parameters, int inputSize, int hiddenSize, float forgetBias) {
    int rows = Math.multiplyExact(GATES, hiddenSize);
    float[] input = parameters.take(INPUT_MAP + ".weight", rows, inputSize);
    float[] bias = parameters.take(INPUT_MAP + ".bias", rows);
    float[] recurrent = parameters.take(RECURRENT_MAP + ".weight", rows, hiddenSize);
    int inputs = inputSize + hiddenSize;
    Linear[] gates = new Linear[GATES];
    for (int gate = 0; gate < GATES; gate++) {
      float[] w = new float[Math.multiplyExact(hiddenSize, inputs)];
      float[] b = new float[hiddenSize];
      for (int unit = 0; unit < hiddenSize; unit++) {
        int row = gate * hiddenSize + unit;
        System.arraycopy(input, row * inputSize, w, unit * inputs, inputSize);
        System.arraycopy(recurrent, row * hiddenSize, w, unit * inputs + inputSize, hiddenSize);
        b[unit] = bias[row] + (gate == FORGET_GATE ? forgetBias : 0);
      }
      gates[gate] = new Linear(w, b);
    }
    return LstmWeights.pack(inputSize, hiddenSize, gates[0], gates[1], gates[2], gates[3]);
  }
}
