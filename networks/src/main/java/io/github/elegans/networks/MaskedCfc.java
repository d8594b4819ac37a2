package io.github.elegans.networks;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A network for series whose features are not all observed at every step, fed as the CfC authors do
 * it ({@code Cfc.forward} with a mask in {@code torch_cfc.py} of the CfC repository, its dialect).
 *
 * <p>With F features, the network reads at every step, by its input size I:
 *
 * <ul>
 *   <li>I = 2 F: [forwarded; mask], the last observed value of every feature (0 before the first)
 *       and 1 or 0 for whether it is observed now;
 *   <li>I = 3 F: [forwarded; time since update; mask], where the time since a feature was observed
 *       is the sum of the timespans of the steps that did not, including this one's, and 0 at a
 *       step that did;
 *   <li>I = F + 1, with F above 1: [x; mask], one mask for all features and x as it is.
 * </ul>
 *
 * <p>The hidden state advances at every step, whatever is observed; the last output is that of the
 * last step at which any feature was.
 *
 * @param network a CfC usually
 * @param features F
 */
public record MaskedCfc(Network network, int features) {

  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if features is below 1, or the network has neither 2 F nor 3 F
   *     nor F + 1 inputs, or if a row would be of more than 2³¹ - 1 floats
   */
  public MaskedCfc {
    Objects.requireNonNull(network, "network");
    Require.atLeast("features", 1, features);
    long inputs = network.inputSize();
    if (inputs != 2L * features && inputs != 3L * features && inputs != features + 1L) {
      throw new IllegalArgumentException(
          "the network must have 2 F = %d, 3 F = %d or F + 1 = %d inputs, but has %d"
              .formatted(2L * features, 3L * features, features + 1L, inputs));
    }
    rowSize(network, features);
  }

  /** W: elements of a step's mask, F, or 1 if it is for all features. */
  public int maskSize() {
    return network.inputSize() >= 2L * features ? features : 1;
  }

  /** O: floats of an output item. */
  public int outputSize() {
    return network.outputSize();
  }

  /**
   * R: floats of all that a session holds of a row, S + M + 2 F + O with the sizes of the network's
   * state and memory.
   */
  public int rowSize() {
    return rowSize(network, features);
  }

  private static int rowSize(Network network, int features) {
    String what = "floats of a row, S + M + 2 F + O,";
    int size = Require.sum(what, network.stateSize(), network.memorySize());
    size = Require.sum(what, size, features);
    size = Require.sum(what, size, features);
    return Require.sum(what, size, network.outputSize());
  }

  /** The same network on another backend. */
  public MaskedCfc on(Kernels other) {
    return map(n -> n.on(other));
  }

  /** The same network with another tier of its elementwise functions. */
  public MaskedCfc with(Accuracy other) {
    return map(n -> n.with(other));
  }

  /** As {@link Network#with(WeightStorage)}. */
  public MaskedCfc with(WeightStorage storage) {
    return map(n -> n.with(storage));
  }

  private MaskedCfc map(UnaryOperator<Network> change) {
    return new MaskedCfc(change.apply(network), features);
  }

  /** Whether the network reads the time since update. */
  boolean readsTime() {
    return network.inputSize() == 3L * features;
  }

  /** A session for a batch of that many rows, with a zero state and nothing observed. */
  public MaskedCfcSession session(int batch) {
    return new MaskedCfcSession(this, batch);
  }
}
