package io.github.elegans.kernels.lstm;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.InterleavedLayers;
import io.github.elegans.kernels.dense.Linear;
import java.util.List;

/**
 * Packed weights of an LSTM: one dense layer on [x | h] with four heads, interleaved by 16 units
 * {@code [unit / 16][i | ig | fg | og][unit % 16]}, so that one panel holds all that 16 units need.
 *
 * @param inputSize I
 * @param hiddenSize H
 * @param gates the interleaved layer of I + H inputs
 */
public record LstmWeights(int inputSize, int hiddenSize, DenseWeights gates) {
  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if a size is below 1, or the gates have not I + H inputs and 4
   *     outputs for each unit, H rounded up to a multiple of 16
   */
  public LstmWeights {
    Require.atLeast("inputSize", 1, inputSize);
    Require.atLeast("hiddenSize", 1, hiddenSize);
    Require.length(
        "the gates' inputs",
        Require.sum("inputs and units", inputSize, hiddenSize),
        gates.inputs());
    Require.length("the gates' outputs", 4L * PanelLayout.roundUp(hiddenSize), gates.outputs());
  }

  /**
   * Packs a cell.
   *
   * @param i what is remembered, before its tanh: weight [H, I + H] on [x | h], bias [H]
   * @param ig input gate, before its logistic function
   * @param fg forget gate; a constant that the model adds to it belongs in the bias
   * @param og output gate
   */
  public static LstmWeights pack(
      int inputSize, int hiddenSize, Linear i, Linear ig, Linear fg, Linear og) {
    int inputs = Require.sum("inputs and units", inputSize, hiddenSize);
    DenseWeights gates =
        InterleavedLayers.pack(
            inputs, hiddenSize, List.of("i", "ig", "fg", "og"), List.of(i, ig, fg, og));
    return new LstmWeights(inputSize, hiddenSize, gates);
  }

  /** The output of {@link #gates} that is a unit's i, ig, fg or og, gate 0 to 3. */
  public static int gateOutput(int gate, int unit) {
    return InterleavedLayers.output(4, gate, unit);
  }

  /** The same weights in another storage. */
  public LstmWeights withStorage(WeightStorage storage) {
    return new LstmWeights(inputSize, hiddenSize, gates.withStorage(storage));
  }
}
