package io.github.elegans.networks.statedict;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.lstm.LstmWeights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

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

  /**
   * Fresh parameters with the names and shapes of {@link #take}: a Xavier-uniform input map, a
   * recurrent map with orthonormal columns, and a bias within 0.1 as of ncps on PyTorch, or of
   * zeros as Keras's.
   */
  public static Map<String, float[]> initialised(
      RandomGenerator random, int inputSize, int hiddenSize, boolean zeroBias) {
    int rows = Require.elements("the gates of the LSTM", 4, hiddenSize);
    int inputs = Require.elements("the gates of the LSTM", rows, inputSize);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    tensors.put(
        TensorNames.INPUT_MAP + ".weight",
        uniform(random, inputs, Math.sqrt(6.0 / (inputSize + rows))));
    tensors.put(
        TensorNames.INPUT_MAP + ".bias", zeroBias ? new float[rows] : uniform(random, rows, 0.1));
    tensors.put(TensorNames.RECURRENT_MAP + ".weight", orthogonal(random, rows, hiddenSize));
    return tensors;
  }

  private static float[] uniform(RandomGenerator random, int n, double bound) {
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
