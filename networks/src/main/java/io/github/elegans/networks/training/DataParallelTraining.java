package io.github.elegans.networks.training;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.checks.Require;
import io.github.elegans.networks.Network;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Training whose leaves are computed elsewhere, by as many as there are, with the bits of {@link
 * Training#fit(Sequences)}: a batch is cut into leaves of 16 consecutive samples in the order of
 * {@link #order}. Each leaf goes to a worker, which has the parameters and {@link #gradient}; one
 * coordinator adds the leaves in their order and makes the optimiser's {@link #step}. Both are
 * objects of this class, of equal networks and trainings ({@link Training#dataParallel}).
 *
 * <p>For one thread at a time.
 */
public final class DataParallelTraining implements AutoCloseable {
  /** Samples of a leaf; the last one of a batch may have fewer. */
  public static final int LEAF = LeafRows.SAMPLES;

  private final Training training;
  private final TrainingLoop loop;
  private final ParameterBlock ofLeaf;

  /**
   * What a worker has made of a leaf.
   *
   * @param losses of its samples, summed over their targets
   * @param gradient as long as {@link #parameters()}, in an order of its own
   */
  public record Leaf(double[] losses, float[] gradient) {
    /** Takes the arrays as they are. */
    public Leaf {
      Objects.requireNonNull(losses, "losses");
      Objects.requireNonNull(gradient, "gradient");
    }
  }

  DataParallelTraining(Training training, TrainingLoop loop) {
    this.training = training;
    this.loop = loop;
    ofLeaf = new ParameterBlock(loop.model().layout());
  }

  /**
   * The order in which an epoch goes through samples.
   *
   * @param epoch from 0
   * @param n how many samples there are
   */
  public int[] order(int epoch, int n) {
    Require.atLeast("epoch", 0, epoch);
    Require.atLeast("samples", 1, n);
    return training.order(epoch, n);
  }

  /**
   * The weight of each sample's targets in the loss; the loss of a batch is divided by their sum,
   * added in the order of its samples. A batch whose sum is 0 is to be passed over.
   *
   * @throws IllegalArgumentException if the samples do not fit the network or the loss
   */
  public double[] weights(Sequences samples) {
    return loop.weights(Objects.requireNonNull(samples, "samples"));
  }

  /**
   * The gradient of a leaf, with the parameters as they are.
   *
   * @param samples of the leaf, 1 to {@link #LEAF}
   * @param number of the leaf in its batch, from 0
   * @param weight of the whole batch
   * @param step of the optimiser that it is for, from 0: dropout follows it
   * @throws IllegalArgumentException if the samples do not fit the network or the loss
   */
  public Leaf gradient(Sequences samples, int number, double weight, long step) {
    Objects.requireNonNull(samples, "samples");
    Require.between("samples of a leaf", 1, LEAF, samples.samples());
    Require.atLeast("leaf", 0, number);
    loop.check(samples);
    double[] losses = loop.learnLeaf(samples, number, weight, step, ofLeaf);
    return new Leaf(losses, floats(ofLeaf));
  }

  /**
   * Adds the leaves of a batch and updates the parameters.
   *
   * @param leaves of the batch, all and in their order
   * @param weight of the batch
   * @param epoch from 0, for messages
   * @param batch of the epoch, from 0, for messages
   * @return the mean loss before the step
   * @throws IllegalArgumentException if a gradient is not as long as the parameters
   * @throws TrainingDivergedException if the loss or a gradient is not finite; nothing has changed
   */
  public double step(List<Leaf> leaves, double weight, int epoch, int batch) {
    Require.noNull("leaves", leaves);
    for (Leaf leaf : leaves) {
      Require.length("gradient of a leaf", loop.model().layout().floats(), leaf.gradient.length);
    }
    double sum = 0;
    for (Leaf leaf : leaves) {
      for (double loss : leaf.losses) {
        sum += loss;
      }
    }
    double mean = sum / loop.divisor(weight);
    if (!Double.isFinite(mean)) {
      throw new TrainingDivergedException(epoch, batch, "the loss");
    }
    loop.sum(leaves.stream().map(Leaf::gradient).toList());
    if (!Double.isFinite(loop.update().step())) {
      throw new TrainingDivergedException(
          epoch, batch, "the gradient of " + loop.update().notFinite());
    }
    return mean;
  }

  /** All parameters, in an order of their own. */
  public float[] parameters() {
    return floats(loop.model().parameters());
  }

  /**
   * Sets all parameters, as {@link #parameters()} gave them.
   *
   * @throws IllegalArgumentException if there are more or fewer
   */
  public void parameters(float[] values) {
    Objects.requireNonNull(values, "values");
    MemorySegment memory = loop.model().parameters().memory();
    Require.length("parameters", loop.model().layout().floats(), values.length);
    MemorySegment.copy(values, 0, memory, JAVA_FLOAT, 0, values.length);
    loop.model().refresh();
  }

  private float[] floats(ParameterBlock block) {
    float[] values = new float[Math.toIntExact(loop.model().layout().floats())];
    MemorySegment.copy(block.memory(), JAVA_FLOAT, 0, values, 0, values.length);
    return values;
  }

  /** The network with the parameters as they are now. */
  public Network network() {
    return loop.model().trained().network();
  }

  @Override
  public void close() {
    loop.close();
  }
}
