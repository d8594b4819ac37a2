package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.checks.Words;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.statedict.Parameters;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A fully connected layer with an activation, y = activation(W x + b): PyTorch's {@code Linear} and
 * what stands behind it, Keras's {@code Dense}. Stands before or behind a recurrent network in a
 * {@link Sequential}. Immutable.
 */
public final class Dense {
  private final Activation activation;
  private final StateDict stateDict;
  private final DenseWeights weights;

  private Dense(Activation activation, StateDict stateDict, DenseWeights weights) {
    this.activation = activation;
    this.stateDict = stateDict;
    this.weights = weights;
  }

  /**
   * A layer of these weights.
   *
   * @param inputs I, at least 1
   * @param outputs O, at least 1
   * @param activation of the outputs; {@link Activation#LINEAR} for none
   * @param weight W [O, I], row-major, as PyTorch has it; copied
   * @param bias b [O]; copied
   * @throws FileFormatException if a number of weights is wrong, or one of them is not finite
   */
  public static Dense of(
      int inputs, int outputs, Activation activation, float[] weight, float[] bias) {
    checkSizes(inputs, outputs, activation);
    Objects.requireNonNull(weight, "weight");
    Objects.requireNonNull(bias, "bias");
    Parameters parameters = Parameters.of(Map.of("weight", weight, "bias", bias));
    float[] ownWeight = parameters.take("weight", outputs, inputs);
    float[] ownBias = parameters.take("bias", outputs);
    return new Dense(
        activation, parameters.taken(), DenseWeights.pack(inputs, outputs, ownWeight, ownBias));
  }

  /**
   * A layer with fresh weights, distributed as PyTorch initialises its {@code Linear}: uniform
   * within ±1/√I.
   *
   * @param seed the same seed gives the same weights everywhere (not those of PyTorch's generator)
   */
  public static Dense initialised(int inputs, int outputs, Activation activation, long seed) {
    checkSizes(inputs, outputs, activation);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    double bound = 1 / Math.sqrt(inputs);
    float[] weight =
        uniform(random, Require.elements("weights of a dense layer", outputs, inputs), bound);
    return of(inputs, outputs, activation, weight, uniform(random, outputs, bound));
  }

  private static void checkSizes(int inputs, int outputs, Activation activation) {
    Require.atLeast("inputs of a dense layer", 1, inputs);
    Require.atLeast("outputs of a dense layer", 1, outputs);
    Objects.requireNonNull(activation, "activation");
  }

  private static float[] uniform(RandomGenerator random, int n, double bound) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /** I. */
  public int inputs() {
    return weights.inputs();
  }

  /** O. */
  public int outputs() {
    return weights.outputs();
  }

  /** The activation of the outputs. */
  public Activation activation() {
    return activation;
  }

  /** The packed weights. */
  public DenseWeights weights() {
    return weights;
  }

  /** The parameters: {@code weight} [O, I] and {@code bias} [O]. */
  public StateDict stateDict() {
    return stateDict;
  }

  /**
   * The same layer with its weights in another storage.
   *
   * @throws IllegalArgumentException if a weight is too large for the storage
   */
  public Dense with(WeightStorage storage) {
    return new Dense(activation, stateDict, weights.withStorage(storage));
  }

  /** Number of trainable parameters. */
  public long parameterCount() {
    return (inputs() + 1L) * outputs();
  }

  /** "dense layer of 3 inputs, 8 outputs (relu)". */
  @Override
  public String toString() {
    return "dense layer of %s, %s%s%s"
        .formatted(
            Words.count(inputs(), "input"),
            Words.count(outputs(), "output"),
            activation == Activation.LINEAR ? "" : " (" + activation.fieldName() + ")",
            Words.unless(WeightStorage.FLOAT32, weights.storage()));
  }
}
