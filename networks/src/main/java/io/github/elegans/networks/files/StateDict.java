package io.github.elegans.networks.files;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters that a network was made of, by their names in ncps's PyTorch state dict without
 * the prefix {@code rnn_cell.}, or in that of the network's reference. Immutable; the arrays are
 * not copied, and nobody may change them.
 */
public final class StateDict {
  private final Map<String, Tensor> tensors;

  /**
   * A tensor.
   *
   * @param shape its dimensions
   * @param values row-major
   */
  public record Tensor(List<Integer> shape, float[] values) {
    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }
  }

  private StateDict(Map<String, Tensor> tensors) {
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /** From tensors in their order. */
  public static StateDict of(Map<String, Tensor> tensors) {
    return new StateDict(new LinkedHashMap<>(tensors));
  }

  /** The names, in their order. */
  public List<String> names() {
    return new ArrayList<>(tensors.keySet());
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * A tensor.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "there must be a parameter '%s', but there are only %s".formatted(name, names()));
    }
    return tensor;
  }

  /** The tensors whose names begin so, by the rest of their names. */
  public StateDict within(String prefix) {
    Map<String, Tensor> some = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            some.put(name.substring(prefix.length()), tensor);
          }
        });
    return new StateDict(some);
  }

  /** All values by name: what networks are built from. */
  public Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, tensor.values()));
    return values;
  }
}
