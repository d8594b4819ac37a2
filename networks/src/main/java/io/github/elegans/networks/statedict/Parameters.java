package io.github.elegans.networks.statedict;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The named parameters of a model on their way into it: each is taken once and checked, none may be
 * left over.
 */
public final class Parameters {
  private static final Pattern WRAPPERS =
      Pattern.compile("^(?:module\\.|_orig_mod\\.)++|(?<=\\.)(?:_orig_mod\\.)++");

  /** A parameter; without a shape only its number of elements is known. */
  private record Parameter(@Nullable List<Long> shape, long elements, Supplier<float[]> values) {
    String size() {
      return shape != null ? "shape " + shape : elements + " elements";
    }
  }

  /**
   * The size of a matrix.
   *
   * @param rows first dimension
   * @param columns second dimension
   */
  public record Size(int rows, int columns) {}

  private final String source;
  private final Map<String, Parameter> all;
  private final Map<String, Parameter> left;
  private final Map<String, StateDict.Tensor> taken = new LinkedHashMap<>();

  private Parameters(String source, Map<String, Parameter> all) {
    this.source = Objects.requireNonNull(source, "source");
    this.all = all;
    this.left = new TreeMap<>(all);
  }

  /**
   * From a file.
   *
   * @param source what messages call the origin of the tensors
   * @param prefix what names may begin with or not
   */
  public static Parameters of(
      String source, Map<String, Safetensors.Tensor> tensors, String prefix) {
    return of(
        source,
        tensors,
        name -> name.startsWith(prefix) ? name.substring(prefix.length()) : name,
        name -> false);
  }

  /**
   * From a file with other names.
   *
   * @param source what messages call the origin of the tensors
   * @param rename gives a tensor's name here
   * @param transposed whether a tensor, by its own name, is a matrix [in, out] that is [out, in]
   *     here
   */
  public static Parameters of(
      String source,
      Map<String, Safetensors.Tensor> tensors,
      UnaryOperator<String> rename,
      Predicate<String> transposed) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          String key = rename.apply(unwrapped(name));
          boolean turned = transposed.test(name) && tensor.shape().size() == 2;
          Parameter parameter = turned ? transposed(tensor) : plain(tensor);
          if (parameters.put(key, parameter) != null) {
            throw new FileFormatException(
                source,
                "parameter '" + key + "'",
                "once",
                "under several names, one of them '" + name + "'");
          }
        });
    return new Parameters(source, parameters);
  }

  /**
   * A tensor's name without what PyTorch's wrappers of modules add to it: {@code _orig_mod.} of
   * {@code torch.compile} at any depth, {@code module.} of {@code DataParallel} before all.
   */
  public static String unwrapped(String name) {
    return WRAPPERS.matcher(name).replaceAll("");
  }

  private static Parameter plain(Safetensors.Tensor tensor) {
    return new Parameter(tensor.shape(), tensor.elements(), tensor::toFloats);
  }

  private static Parameter transposed(Safetensors.Tensor tensor) {
    List<Long> shape = tensor.shape();
    return new Parameter(
        shape.reversed(),
        tensor.elements(),
        () -> transpose(tensor.toFloats(), shape.get(0).intValue(), shape.get(1).intValue()));
  }

  private static float[] transpose(float[] matrix, int rows, int columns) {
    float[] transposed = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[column * rows + row] = matrix[row * columns + column];
      }
    }
    return transposed;
  }

  /** From arrays, row-major. */
  public static Parameters of(Map<String, float[]> stateDict) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    stateDict.forEach(
        (name, values) -> parameters.put(name, new Parameter(null, values.length, values::clone)));
    return new Parameters("state dict", parameters);
  }

  /** All names. */
  public Set<String> names() {
    return all.keySet();
  }

  /** Elements of all parameters. */
  public long elements() {
    return all.values().stream().mapToLong(Parameter::elements).sum();
  }

  /** Whether there is a parameter of that name. */
  public boolean has(String name) {
    return all.containsKey(name);
  }

  /** The size of a parameter that must be a matrix. */
  public Size matrix(String name) {
    Parameter parameter = parameter(name);
    List<Long> shape = parameter.shape;
    if (shape == null
        || shape.size() != 2
        || shape.stream().anyMatch(n -> n < 1 || n > Integer.MAX_VALUE)) {
      throw wrong("'" + name + "'", "a matrix", parameter.size());
    }
    return new Size(shape.get(0).intValue(), shape.get(1).intValue());
  }

  /** The number of elements of a parameter. */
  public int length(String name) {
    long elements = parameter(name).elements;
    if (elements > Integer.MAX_VALUE) {
      throw wrong("'" + name + "'", "at most 2³¹ - 1 elements", elements + " elements");
    }
    return (int) elements;
  }

  /** Takes a parameter of that shape whose values are finite. */
  public float[] take(String name, int... shape) {
    Parameter parameter = parameter(name);
    List<Long> expected = IntStream.of(shape).asLongStream().boxed().toList();
    long elements = expected.stream().reduce(1L, Require::product);
    if (parameter.shape != null
        ? !parameter.shape.equals(expected)
        : parameter.elements != elements) {
      throw wrong("'" + name + "'", "shape " + expected, parameter.size());
    }
    left.remove(name);
    float[] values = parameter.values.get();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw wrong("'" + name + "'", "finite values", values[i] + " at element " + i);
      }
    }
    taken.put(name, new StateDict.Tensor(IntStream.of(shape).boxed().toList(), values));
    return values;
  }

  /** What has been taken so far. */
  public StateDict taken() {
    return StateDict.of(taken);
  }

  /** Takes a linear layer: {@code .weight} [outputs, inputs] and {@code .bias} [outputs]. */
  public Linear linear(String name, int outputs, int inputs) {
    return new Linear(take(name + ".weight", outputs, inputs), take(name + ".bias", outputs));
  }

  /** Takes and packs the output projection {@code fc}, if there is one. */
  public @Nullable DenseWeights projection(int inputs) {
    if (!has(TensorNames.PROJECTION + ".weight")) {
      return null;
    }
    int outputs = length(TensorNames.PROJECTION + ".bias");
    Linear fc = linear(TensorNames.PROJECTION, outputs, inputs);
    return DenseWeights.pack(inputs, outputs, fc.weight(), fc.bias());
  }

  /** Outputs of the projection, or 0 without one. */
  public int projectionSize() {
    return has(TensorNames.PROJECTION + ".weight") ? length(TensorNames.PROJECTION + ".bias") : 0;
  }

  /** Throws if a parameter has not been taken. */
  public void allTaken(String by) {
    if (!left.isEmpty()) {
      throw wrong("parameters", "no others for " + by, left.keySet().toString());
    }
  }

  private Parameter parameter(String name) {
    Parameter parameter = all.get(name);
    if (parameter == null) {
      throw wrong("parameter '" + name + "'", "one", "only " + new TreeSet<>(all.keySet()));
    }
    return parameter;
  }

  /** A value of the metadata that must be there. */
  public String told(Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw wrong(
          "metadata " + key,
          "a value, because the tensors cannot tell it (callers can: by a configuration,"
              + " LoadOptions, or --metadata "
              + key
              + "=VALUE)",
          "none");
    }
    return value;
  }

  /**
   * Takes a sparsity mask. In a file that has none, the metadata must tell {@code sparsity_mask}
   * {@code none}: ncps saves a mask with every wiring, so that one that is missing was lost.
   *
   * @param lost whether it counts as lost where nothing tells that there is none
   * @return null if all synapses exist
   */
  public float @Nullable [] mask(String name, boolean lost, int... shape) {
    if (has(name)) {
      return take(name, shape);
    }
    if (lost) {
      throw wrong(
          "parameter '" + name + "'",
          "one, or the metadata sparsity_mask = none where all synapses exist",
          "neither");
    }
    return null;
  }

  /** Throws if the metadata has another value than the tensors have it. */
  public void check(Map<String, String> metadata, String key, Object found) {
    String expected = metadata.get(key);
    if (expected != null && !expected.equals(found.toString())) {
      throw wrong("metadata " + key, found + " as the tensors have it", expected);
    }
  }

  /** What is wrong with the source. */
  public FileFormatException wrong(String thing, String expected, String found) {
    return new FileFormatException(source, thing, expected, found);
  }
}
