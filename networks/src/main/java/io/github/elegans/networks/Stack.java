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
 * Recurrent networks one upon the other, as one network: the output of one is the input of the next
 * at the same step, with the same timespan. State and memory are those of the layers one after the
 * other.
 */
public final class Stack implements Network {
  private final List<Network> layers;
  private final Cell cell;

  private Stack(List<? extends Network> given) {
    Require.noNull("layers", given);
    // A stack in a stack is its layers: however deep they are nested, nothing recurses.
    List<Network> layers = new ArrayList<>();
    for (Network layer : given) {
      layers.addAll(layer instanceof Stack stack ? stack.layers : List.of(layer));
    }
    this.layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("a stack must have at least 1 layer, but has 0");
    }
    for (int i = 1; i < layers.size(); i++) {
      Network below = layers.get(i - 1);
      Network layer = layers.get(i);
      if (layer.inputSize() != below.outputSize()) {
        throw new IllegalArgumentException(
            "layer %d must have %d inputs, the outputs of layer %d, but has %d"
                .formatted(i, below.outputSize(), i - 1, layer.inputSize()));
      }
      if (layer.kernels() != below.kernels() || layer.accuracy() != below.accuracy()) {
        throw new IllegalArgumentException(
            "layer %d must be on the backend and tier of layer %d (%s, %s), but is on %s, %s"
                .formatted(i, i - 1, name(below), below.accuracy(), name(layer), layer.accuracy()));
      }
    }
    cell =
        layers.size() == 1
            ? layers.getFirst().cell()
            : new StackedCell(layers.stream().map(Network::cell).toList());
  }

  private static String name(Network network) {
    return network.kernels().backend() + " " + network.kernels().tier();
  }

  /**
   * Stacks networks of one backend and tier.
   *
   * @param layers the first one reads the input
   */
  public static Stack of(Network... layers) {
    return new Stack(Arrays.asList(Objects.requireNonNull(layers, "layers")));
  }

  /** As {@link #of(Network...)}. */
  public static Stack of(List<? extends Network> layers) {
    return new Stack(layers);
  }

  /** The networks, those of a stack in their place; the first one reads the input. */
  public List<Network> layers() {
    return layers;
  }

  @Override
  public Cell cell() {
    return cell;
  }

  /** Those of the layers, each name behind the layer's number and a dot. */
  @Override
  public StateDict stateDict() {
    Map<String, StateDict.Tensor> all = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      StateDict own = layers.get(i).stateDict();
      for (String name : own.names()) {
        all.put(i + "." + name, own.get(name));
      }
    }
    return StateDict.of(all);
  }

  /**
   * {@code cell} {@code stack}, {@code layers}, and those of the layers, each key behind the
   * layer's number and a dot.
   */
  @Override
  public Map<String, String> metadata() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cell", "stack");
    all.put("layers", String.valueOf(layers.size()));
    for (int i = 0; i < layers.size(); i++) {
      String prefix = i + ".";
      layers.get(i).metadata().forEach((key, value) -> all.put(prefix + key, value));
    }
    return Collections.unmodifiableMap(all);
  }

  @Override
  public Kernels kernels() {
    return layers.getFirst().kernels();
  }

  @Override
  public Accuracy accuracy() {
    return layers.getFirst().accuracy();
  }

  @Override
  public Stack on(Kernels other) {
    return map(layer -> layer.on(other));
  }

  @Override
  public Stack with(Accuracy other) {
    return map(layer -> layer.with(other));
  }

  @Override
  public Stack with(WeightStorage storage) {
    return map(layer -> layer.with(storage));
  }

  private Stack map(UnaryOperator<Network> change) {
    return new Stack(layers.stream().map(change).toList());
  }

  @Override
  public long parameterCount() {
    return layers.stream().mapToLong(Network::parameterCount).sum();
  }

  @Override
  public String toString() {
    return "stack of " + layers;
  }
}
