package io.github.elegans.networks.models;

import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.statedict.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The file of a network that consists of others: each has a prefix, in metadata and tensors. */
final class Parts {
  private static final String STACK = "stack";
  private static final String SEQUENTIAL = "sequential";

  /** Most parts in one another: what a file says is followed only so far. */
  private static final int DEEPEST = 64;

  private final String source;
  private final Map<String, String> metadata;
  private final boolean ignoringOthers;

  /** What no part has taken yet. */
  private final Map<String, Safetensors.Tensor> left = new TreeMap<>();

  /**
   * Of a file.
   *
   * @param ignoringOthers whether tensors may be left over
   */
  Parts(
      String source,
      Map<String, String> metadata,
      Map<String, Safetensors.Tensor> tensors,
      boolean ignoringOthers) {
    this.source = source;
    this.metadata = metadata;
    this.ignoringOthers = ignoringOthers;
    tensors.forEach((name, tensor) -> left.put(Parameters.unwrapped(name), tensor));
  }

  /** Whether a kind of cell is one of parts. */
  static boolean has(@Nullable String cell) {
    return STACK.equals(cell) || SEQUENTIAL.equals(cell);
  }

  /** All parts, as one network of that kind. */
  Network network(String cell) {
    for (String key : metadata.keySet()) {
      if (key.endsWith(".cell") && key.chars().filter(c -> c == '.').count() > DEEPEST) {
        throw new FileFormatException(
            source, "parts", "at most %d in one another".formatted(DEEPEST), "more");
      }
    }
    try {
      Network network = cell.equals(STACK) ? stack() : sequential();
      if (!ignoringOthers && !left.isEmpty()) {
        throw new FileFormatException(
            source, "parameters", "no others for a " + cell, left.keySet().toString());
      }
      return network;
    } catch (FileFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(
          source, "parts", "a " + cell + " of them", String.valueOf(e.getMessage()));
    }
  }

  private Stack stack() {
    List<Network> layers = new ArrayList<>();
    int n = number("layers");
    while (layers.size() < n) {
      layers.add(part(layers.size() + "."));
    }
    return Stack.of(layers);
  }

  private Sequential sequential() {
    return Sequential.of(
        layers("encoder", number("encoder_layers")),
        part("network."),
        layers("head", number("head_layers")));
  }

  private Network part(String prefix) {
    Map<String, Safetensors.Tensor> own = take(prefix);
    if (own.isEmpty()) {
      throw new FileFormatException(
          source, "tensors", "some that begin with '" + prefix + "'", "none");
    }
    return Models.of(source, Models.within(metadata, prefix), own, ignoringOthers);
  }

  private Map<String, Safetensors.Tensor> take(String prefix) {
    Map<String, Safetensors.Tensor> own = new LinkedHashMap<>();
    left.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), tensor);
          }
        });
    left.keySet().removeIf(name -> name.startsWith(prefix));
    return own;
  }

  private List<Dense> layers(String part, int n) {
    List<Dense> layers = new ArrayList<>();
    while (layers.size() < n) {
      String prefix = part + "." + layers.size() + ".";
      Parameters parameters = Parameters.of(source + ", " + prefix, take(prefix), "");
      Parameters.Size size = parameters.matrix("weight");
      String told = parameters.told(metadata, prefix + "activation");
      Activation activation =
          Arrays.stream(Activation.values())
              .filter(one -> one.fieldName().equals(told))
              .findFirst()
              .orElseThrow(
                  () ->
                      new FileFormatException(
                          source,
                          "metadata " + prefix + "activation",
                          "one of "
                              + Arrays.stream(Activation.values())
                                  .map(Activation::fieldName)
                                  .toList(),
                          "'" + told + "'"));
      layers.add(
          Dense.of(
              size.columns(),
              size.rows(),
              activation,
              parameters.take("weight", size.rows(), size.columns()),
              parameters.take("bias", size.rows())));
      if (!ignoringOthers) {
        parameters.allTaken("a dense layer");
      }
    }
    return layers;
  }

  private int number(String key) {
    String told = metadata.get(key);
    int number;
    try {
      number = Integer.parseInt(String.valueOf(told));
    } catch (NumberFormatException e) {
      number = -1;
    }
    if (number < 0) {
      throw new FileFormatException(
          source,
          "metadata " + key,
          "a number of layers",
          told == null ? "none" : "'" + told + "'");
    }
    return number;
  }
}
