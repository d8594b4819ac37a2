package io.github.elegans.networks.statedict;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.lstm.LstmWeights;

/** Dense layers from the parameters that the cells' frameworks store. */
public final class Packing {
  private Packing() {}

  /** The weight from an input to an output. */
  public interface Weight {
    /** Its value. */
    float of(int output, int input);
  }

  /** A dense layer of those weights. */
  public static DenseWeights pack(int inputs, int outputs, Weight weight, float[] bias) {
    float[] weights = new float[Require.elements("weights", outputs, inputs)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = weight.of(i / inputs, i % inputs);
    }
    return DenseWeights.pack(inputs, outputs, weights, bias);
  }

  /** A dense layer of Keras: {@code .kernel} [in, out] and {@code .bias} [out]. */
  public static DenseWeights keras(Parameters parameters, String name, int inputs, int outputs) {
    float[] kernel = parameters.take(name + ".kernel", inputs, outputs);
    float[] bias = parameters.take(name + ".bias", outputs);
    return pack(inputs, outputs, (o, i) -> kernel[i * outputs + o], bias);
  }

  /** A linear layer of PyTorch: {@code .weight} [out, in] and {@code .bias} [out]. */
  public static DenseWeights torch(Parameters parameters, String name, int inputs, int outputs) {
    float[] weight = parameters.take(name + ".weight", outputs, inputs);
    return pack(
        inputs,
        outputs,
        (o, i) -> weight[o * inputs + i],
        parameters.take(name + ".bias", outputs));
  }

  /**
   * Gates on [x | h], as frameworks store them: chunks of H outputs, kernels on x and on h.
   *
   * @param inputSize I
   * @param units H
   * @param input from x
   * @param recurrent from h
   * @param bias of all chunks
   */
  public record Gates(int inputSize, int units, Weight input, Weight recurrent, float[] bias) {

    /** Keras: {@code kernel} [I, n H], {@code recurrent} [H, n H], {@code bias} [n H]. */
    public static Gates keras(
        Parameters parameters, String prefix, String kernelName, int inputSize, int units, int n) {
      int outputs = Require.elements("gates", n, units);
      float[] kernel = parameters.take(prefix + kernelName, inputSize, outputs);
      float[] recurrent = parameters.take(prefix + "recurrent_kernel", units, outputs);
      return new Gates(
          inputSize,
          units,
          (o, i) -> kernel[i * outputs + o],
          (o, i) -> recurrent[i * outputs + o],
          parameters.take(prefix + "bias", outputs));
    }

    /** PyTorch: {@code weight_ih} [n H, I], {@code weight_hh} [n H, H] and two biases [n H]. */
    public static Gates torch(
        Parameters parameters, String prefix, String suffix, int inputSize, int units, int n) {
      int outputs = Require.elements("gates", n, units);
      float[] input = parameters.take(prefix + "weight_ih" + suffix, outputs, inputSize);
      float[] recurrent = parameters.take(prefix + "weight_hh" + suffix, outputs, units);
      float[] bias = parameters.take(prefix + "bias_ih" + suffix, outputs).clone();
      float[] second = parameters.take(prefix + "bias_hh" + suffix, outputs);
      for (int i = 0; i < outputs; i++) {
        bias[i] += second[i];
      }
      return new Gates(
          inputSize,
          units,
          (o, i) -> input[o * inputSize + i],
          (o, i) -> recurrent[o * units + i],
          bias);
    }

    /**
     * A layer of some of the chunks.
     *
     * @param added to the bias of each chosen chunk
     */
    public DenseWeights layer(int[] chunks, float... added) {
      Linear layer = linear(chunks, added);
      return DenseWeights.pack(
          inputSize + units, chunks.length * units, layer.weight(), layer.bias());
    }

    /**
     * An LSTM, whose gates are these chunks.
     *
     * @param forgetBias a constant added to the forget gate
     */
    public LstmWeights lstm(int i, int ig, int fg, int og, float forgetBias) {
      return LstmWeights.pack(
          inputSize,
          units,
          linear(new int[] {i}, 0),
          linear(new int[] {ig}, 0),
          linear(new int[] {fg}, forgetBias),
          linear(new int[] {og}, 0));
    }

    private Linear linear(int[] chunks, float... added) {
      int inputs = inputSize + units;
      float[] biases = new float[chunks.length * units];
      float[] weights = new float[Require.elements("weights of the gates", biases.length, inputs)];
      for (int o = 0; o < biases.length; o++) {
        int output = chunks[o / units] * units + o % units;
        biases[o] = bias[output] + added[o / units];
        for (int i = 0; i < inputs; i++) {
          weights[o * inputs + i] =
              i < inputSize ? input.of(output, i) : recurrent.of(output, i - inputSize);
        }
      }
      return new Linear(weights, biases);
    }
  }
}
