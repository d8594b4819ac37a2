package io.github.elegans.networks;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.files.StateDict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Dense layers, a recurrent network, and dense layers again, as one network:
 *
 * <pre>{@code
 * Network network =
 *     Sequential.of(
 *         List.of(Dense.initialised(17, 32, Activation.RELU, 1)),
 *         Cfc.initialised(CfcConfiguration.of(32, 64), 2),
 *         List.of(Dense.initialised(64, 5, Activation.LINEAR, 3)));
 * }</pre>
 *
 * <p>Dense layers are applied to every step by itself: state and memory are those of the network in
 * the middle, timespans are for it alone.
 */
public final class Sequential implements Network {
  private final List<Dense> encoder;
  private final Network network;
  private final List<Dense> head;
  private final Cell cell;

  private Sequential(List<Dense> givenEncoder, Network givenNetwork, List<Dense> givenHead) {
    Require.noNull("encoder", givenEncoder);
    Objects.requireNonNull(givenNetwork, "network");
    Require.noNull("head", givenHead);
    // One within another is one with more layers: however deep they are nested, nothing recurses.
    List<Dense> before = new ArrayList<>(givenEncoder);
    List<Dense> behind = new ArrayList<>(givenHead);
    Network middle = givenNetwork;
    if (givenNetwork instanceof Sequential inner) {
      before.addAll(inner.encoder);
      middle = inner.network;
      behind.addAll(0, inner.head);
    }
    encoder = List.copyOf(before);
    network = middle;
    head = List.copyOf(behind);
    for (int i = 1; i < encoder.size(); i++) {
      checkInputs("encoder", i, encoder.get(i - 1).outputs(), "encoder", i - 1);
    }
    if (!encoder.isEmpty() && encoder.getLast().outputs() != network.inputSize()) {
      throw new IllegalArgumentException(
          "the network must have %d inputs, the outputs of layer %d of the encoder, but has %d"
              .formatted(encoder.getLast().outputs(), encoder.size() - 1, network.inputSize()));
    }
    for (int i = 0; i < head.size(); i++) {
      checkInputs(
          "head",
          i,
          i == 0 ? network.outputSize() : head.get(i - 1).outputs(),
          i == 0 ? "network" : "head",
          i - 1);
    }
    Cell all = network.cell();
    if (!encoder.isEmpty()) {
      all = new EncodedCell(encoder, all, network.kernels().dense(), network.accuracy());
    }
    for (Dense layer : head) {
      all =
          new ProjectedCell(
              all,
              layer.weights(),
              network.kernels().dense(),
              layer.activation(),
              network.accuracy());
    }
    cell = all;
  }

  private void checkInputs(String part, int number, int expected, String before, int numberBefore) {
    Dense layer = part.equals("head") ? head.get(number) : encoder.get(number);
    if (layer.inputs() != expected) {
      throw new IllegalArgumentException(
          "layer %d of the %s must have %d inputs, the outputs of %s, but has %d"
              .formatted(
                  number,
                  part,
                  expected,
                  before.equals("network")
                      ? "the network"
                      : "layer %d of the %s".formatted(numberBefore, before),
                  layer.inputs()));
    }
  }

  /**
   * Dense layers around a network, on its backend and tier.
   *
   * @param encoder the first one reads the input; may be empty
   * @param network reads the outputs of the encoder
   * @param head the first one reads the outputs of the network; may be empty
   * @throws IllegalArgumentException if a part does not have as many inputs as what is before it
   *     has outputs
   */
  public static Sequential of(List<Dense> encoder, Network network, List<Dense> head) {
    return new Sequential(encoder, network, head);
  }

  /** Dense layers before a network: as {@link #of(List, Network, List)} without a head. */
  public static Sequential before(Network network, Dense... encoder) {
    return new Sequential(
        listOf("encoder", encoder), Objects.requireNonNull(network, "network"), List.of());
  }

  /** Dense layers behind a network: as {@link #of(List, Network, List)} without an encoder. */
  public static Sequential behind(Network network, Dense... head) {
    return new Sequential(
        List.of(), Objects.requireNonNull(network, "network"), listOf("head", head));
  }

  private static List<Dense> listOf(String name, Dense[] layers) {
    return Arrays.asList(Objects.requireNonNull(layers, name));
  }

  /** The layers before the network, those of a network of this kind within it included. */
  public List<Dense> encoder() {
    return encoder;
  }

  /** The network in the middle, which is not of this kind. */
  public Network network() {
    return network;
  }

  /** The layers behind the network. */
  public List<Dense> head() {
    return head;
  }

  @Override
  public Cell cell() {
    return cell;
  }

  /**
   * {@code encoder.0.weight}, {@code encoder.0.bias}, …, {@code network.} before the names of the
   * network's, and {@code head.0.weight}, …
   */
  @Override
  public StateDict stateDict() {
    Map<String, StateDict.Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < encoder.size(); i++) {
      putAll(all, "encoder." + i + ".", encoder.get(i).stateDict());
    }
    putAll(all, "network.", network.stateDict());
    for (int i = 0; i < head.size(); i++) {
      putAll(all, "head." + i + ".", head.get(i).stateDict());
    }
    return StateDict.of(all);
  }

  private static void putAll(Map<String, StateDict.Tensor> all, String prefix, StateDict own) {
    own.names().forEach(name -> all.put(prefix + name, own.get(name)));
  }

  /**
   * {@code cell} {@code sequential}, {@code encoder_layers} and {@code head_layers}, their
   * activations as {@code encoder.0.activation}, …, and the network's behind {@code network.}.
   */
  @Override
  public Map<String, String> metadata() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cell", "sequential");
    all.put("encoder_layers", String.valueOf(encoder.size()));
    all.put("head_layers", String.valueOf(head.size()));
    for (int i = 0; i < encoder.size(); i++) {
      all.put("encoder." + i + ".activation", encoder.get(i).activation().fieldName());
    }
    network.metadata().forEach((key, value) -> all.put("network." + key, value));
    for (int i = 0; i < head.size(); i++) {
      all.put("head." + i + ".activation", head.get(i).activation().fieldName());
    }
    return Collections.unmodifiableMap(all);
  }

  @Override
  public Kernels kernels() {
    return network.kernels();
  }

  @Override
  public Accuracy accuracy() {
    return network.accuracy();
  }

  @Override
  public Sequential on(Kernels other) {
    return new Sequential(encoder, network.on(other), head);
  }

  @Override
  public Sequential with(Accuracy other) {
    return new Sequential(encoder, network.with(other), head);
  }

  @Override
  public Sequential with(WeightStorage storage) {
    Objects.requireNonNull(storage, "storage");
    UnaryOperator<Dense> change = layer -> layer.with(storage);
    return new Sequential(
        encoder.stream().map(change).toList(),
        network.with(storage),
        head.stream().map(change).toList());
  }

  @Override
  public long parameterCount() {
    return encoder.stream().mapToLong(Dense::parameterCount).sum()
        + network.parameterCount()
        + head.stream().mapToLong(Dense::parameterCount).sum();
  }

  /** What it is, in words: all that its speed depends on. */
  @Override
  public String toString() {
    List<Object> parts = new ArrayList<>(encoder);
    parts.add(network);
    parts.addAll(head);
    return "sequential of " + parts;
  }
}
