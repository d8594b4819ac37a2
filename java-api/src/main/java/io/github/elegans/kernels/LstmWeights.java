package io.github.elegans.kernels;

import io.github.elegans.kernels.CfcWeights.Linear;
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
  private static final int BLOCK = DenseWeights.BLOCK;

  public LstmWeights {
    Require.atLeast("inputSize", 1, inputSize);
    Require.atLeast("hiddenSize", 1, hiddenSize);
    Require.length("the gates' inputs", Math.addExact(inputSize, hiddenSize), gates.inputs());
    Require.length("the gates' outputs", 4L * DenseWeights.roundUp(hiddenSize), gates.outputs());
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
    int inputs = Math.addExact(inputSize, hiddenSize);
    int units = DenseWeights.roundUp(hiddenSize);
    List<Linear> heads = List.of(i, ig, fg, og);
    float[] weight = new float[Math.multiplyExact(heads.size() * units, inputs)];
    float[] bias = new float[heads.size() * units];
    for (int head = 0; head < heads.size(); head++) {
      Linear source = heads.get(head);
      Require.length("a gate's weight", (long) hiddenSize * inputs, source.weight().length);
      Require.length("a gate's bias", hiddenSize, source.bias().length);
      for (int unit = 0; unit < hiddenSize; unit++) {
        int row = (unit / BLOCK * heads.size() + head) * BLOCK + unit % BLOCK;
        System.arraycopy(source.weight(), unit * inputs, weight, row * inputs, inputs);
        bias[row] = source.bias()[unit];
      }
    }
    return new LstmWeights(
        inputSize, hiddenSize, DenseWeights.pack(inputs, bias.length, weight, bias));
  }

  /** The same weights in another storage. */
  public LstmWeights withStorage(WeightStorage storage) {
    return new LstmWeights(inputSize, hiddenSize, gates.withStorage(storage));
  }
}
