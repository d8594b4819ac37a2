package io.github.elegans.networks;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.files.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Two networks over the same whole sequences, one from their beginning and one from their end, with
 * the outputs of both merged (Keras's {@code Bidirectional}).
 *
 * <p>It is trained as a network is; files hold the two networks, each one by itself.
 *
 * @param backward may be the same network
 */
public record Bidirectional(Network forward, Network backward, Merge merge) {

  /** How the outputs f of the forward and b of the backward network become one. */
  public enum Merge {
    /** [f, b]. */
    CONCAT,
    /** f + b. */
    SUM,
    /** f b. */
    MUL,
    /** (f + b) / 2. */
    AVE
  }

  /**
   * Checks that the networks fit each other.
   *
   * @throws IllegalArgumentException if they have other numbers of inputs, or of outputs if these
   *     are not concatenated
   */
  public Bidirectional {
    Objects.requireNonNull(forward, "forward");
    Objects.requireNonNull(backward, "backward");
    Objects.requireNonNull(merge, "merge");
    Require.length("inputs of the backward network", forward.inputSize(), backward.inputSize());
    if (merge != Merge.CONCAT) {
      Require.length(
          "outputs of the backward network", forward.outputSize(), backward.outputSize());
    }
  }

  /** I: floats of an input item. */
  public int inputSize() {
    return forward.inputSize();
  }

  /** O: floats of an output item. */
  public int outputSize() {
    int size = forward.outputSize();
    return merge == Merge.CONCAT
        ? Require.sum("outputs of both networks", size, backward.outputSize())
        : size;
  }

  /** The same networks on another backend. */
  public Bidirectional on(Kernels other) {
    return map(network -> network.on(other));
  }

  /** The same networks with another tier of their elementwise functions. */
  public Bidirectional with(Accuracy other) {
    return map(network -> network.with(other));
  }

  /** As {@link Network#with(WeightStorage)}, of both networks. */
  public Bidirectional with(WeightStorage storage) {
    return map(network -> network.with(storage));
  }

  @SuppressWarnings("ReferenceEquality") // One network stays one.
  private Bidirectional map(UnaryOperator<Network> change) {
    Network changed = change.apply(forward);
    return new Bidirectional(
        changed, backward == forward ? changed : change.apply(backward), merge);
  }

  /** Those of the networks, each name behind {@code forward.} or {@code backward.}. */
  public StateDict stateDict() {
    Map<String, StateDict.Tensor> all = new LinkedHashMap<>();
    StateDict own = forward.stateDict();
    own.names().forEach(name -> all.put("forward." + name, own.get(name)));
    StateDict other = backward.stateDict();
    other.names().forEach(name -> all.put("backward." + name, other.get(name)));
    return StateDict.of(all);
  }

  /** A session for a batch of that many rows, with zero states. */
  public BidirectionalSession session(int batch) {
    return new BidirectionalSession(this, batch);
  }
}
