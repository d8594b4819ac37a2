package io.github.elegans.cfc;

import io.github.elegans.files.FileFormatException;
import io.github.elegans.files.Safetensors;
import io.github.elegans.kernels.Activation;
import io.github.elegans.kernels.CfcMode;
import io.github.elegans.kernels.CfcWeights;
import io.github.elegans.kernels.CfcWeights.Linear;
import io.github.elegans.kernels.DenseWeights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An ncps state dict of a CfC network: names, shapes, and what they say of the configuration. One
 * of Keras is brought into the form of PyTorch's.
 */
final class CfcStateDict {
  private static final String PREFIX = "rnn_cell.";
  private static final Pattern BACKBONE = Pattern.compile("backbone\\.(\\d{1,6})\\.(weight|bias)");
  private static final List<String> GATED_HEADS = List.of("ff1", "ff2", "time_a", "time_b");

  /** A parameter; without a shape only its number of elements is known. */
  private record Parameter(@Nullable List<Long> shape, long elements, Supplier<float[]> values) {

    static Parameter of(Safetensors.Tensor tensor) {
      return new Parameter(tensor.shape(), tensor.elements(), tensor::toFloats);
    }

    /** [in, out] as [out, in]; the values may be asked for if this is a matrix. */
    static Parameter transposed(Safetensors.Tensor tensor) {
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
  }

  private final String source;
  private final Map<String, Parameter> parameters;
  private final boolean keras;

  private CfcStateDict(String source, Map<String, Parameter> parameters, boolean keras) {
    this.source = source;
    this.parameters = parameters;
    this.keras = keras;
  }

  static CfcStateDict of(String source, Map<String, Safetensors.Tensor> tensors) {
    boolean keras = tensors.keySet().stream().anyMatch(KerasNames::isMatrix);
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          String key =
              keras
                  ? KerasNames.toTorch(name)
                  : name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
          Parameter previous =
              parameters.put(
                  key,
                  keras && KerasNames.isMatrix(name)
                      ? Parameter.transposed(tensor)
                      : Parameter.of(tensor));
          if (previous != null) {
            throw new FileFormatException(
                source,
                "parameter '" + key + "'",
                "once",
                keras
                    ? "under several names, one of them '" + name + "'"
                    : "both with and without the prefix '" + PREFIX + "'");
          }
        });
    return new CfcStateDict(source, parameters, keras);
  }

  static CfcStateDict of(Map<String, float[]> stateDict) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    stateDict.forEach(
        (name, values) -> parameters.put(name, new Parameter(null, values.length, () -> values)));
    return new CfcStateDict("state dict", parameters, false);
  }

  // ---- configuration from metadata and shapes
  // -------------------------------------------------------------------

  CfcConfiguration configuration(Map<String, String> metadata) {
    String cell = metadata.getOrDefault("cell", "cfc");
    if (!cell.equals("cfc")) {
      throw wrong("metadata cell", "cfc", cell);
    }
    if (metadata.containsKey("wiring")) {
      throw wrong("metadata wiring", "none, wired networks are not supported", "one");
    }
    if (Boolean.parseBoolean(metadata.get("mixed_memory"))
        || parameters.keySet().stream().anyMatch(name -> name.startsWith("lstm."))) {
      throw wrong("mixed memory", "none, it is not supported", "an LSTM");
    }
    List<Integer> layers = backboneIndices();
    boolean pure = parameters.containsKey("w_tau");
    Size head = matrix("ff1.weight");
    Size first = layers.isEmpty() ? head : matrix("backbone.0.weight");
    int inputSize = first.columns - head.rows;
    if (inputSize < 1) {
      throw wrong(
          "the first layer's inputs",
          "more than the hidden state's " + head.rows,
          String.valueOf(first.columns));
    }
    try {
      CfcDialect dialect =
          keras || metadata.containsKey("dialect")
              ? CfcConfiguration.dialect(told(metadata, "dialect"))
              : CfcDialect.NCPS_TORCH;
      CfcConfiguration configuration =
          new CfcConfiguration(
              inputSize,
              head.rows,
              CfcConfiguration.mode(pure ? "pure" : told(metadata, "mode")),
              layers.isEmpty() && !metadata.containsKey("activation")
                  ? Activation.LECUN_TANH
                  : CfcConfiguration.activation(told(metadata, "activation"), dialect),
              layers.isEmpty() ? 0 : first.rows,
              layers.size(),
              parameters.containsKey("fc.weight") ? matrix("fc.weight").rows : 0,
              dialect);
      check(metadata, "mode", configuration.mode().fieldName());
      check(metadata, "input_size", configuration.inputSize());
      check(metadata, "hidden_size", configuration.hiddenSize());
      check(metadata, "backbone_layers", configuration.backboneLayers());
      if (!layers.isEmpty()) {
        check(metadata, "backbone_units", configuration.backboneUnits());
      }
      check(metadata, "proj_size", configuration.projectionSize());
      return configuration;
    } catch (FileFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw wrong("configuration", "a CfC network", String.valueOf(e.getMessage()));
    }
  }

  private String told(Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw wrong(
          "metadata " + key,
          "a value, because the tensors cannot tell it (or a configuration given by the caller)",
          "none");
    }
    return value;
  }

  private void check(Map<String, String> metadata, String key, Object found) {
    String expected = metadata.get(key);
    if (expected != null && !expected.equals(found.toString())) {
      throw wrong("metadata " + key, found + " as the tensors have it", expected);
    }
  }

  private record Size(int rows, int columns) {}

  private Size matrix(String name) {
    Parameter parameter = parameter(name);
    List<Long> shape = parameter.shape;
    if (shape == null
        || shape.size() != 2
        || shape.stream().anyMatch(n -> n < 1 || n > Integer.MAX_VALUE)) {
      throw wrong("'" + name + "'", "a matrix", "shape " + shape);
    }
    return new Size(shape.get(0).intValue(), shape.get(1).intValue());
  }

  // ---- parameters
  // -----------------------------------------------------------------------------------------------

  /**
   * Packs the parameters, each checked against the configuration; none may be missing or left over.
   */
  Cfc model(CfcConfiguration configuration) {
    CfcDialect dialect = configuration.dialect();
    if (keras && !dialect.negatesTimeA()) {
      throw wrong(
          "dialect",
          "one of TensorFlow or Keras, as the parameters' names are",
          dialect.fieldName());
    }
    Map<String, Parameter> unused = new TreeMap<>(parameters);
    int hidden = configuration.hiddenSize();
    int inputs = configuration.firstInputs();
    List<Integer> indices = backboneIndices();
    if (indices.size() != configuration.backboneLayers()) {
      throw wrong(
          "backbone layers",
          String.valueOf(configuration.backboneLayers()),
          String.valueOf(indices.size()));
    }
    List<Linear> backbone = new ArrayList<>();
    for (int index : indices) {
      backbone.add(linear(unused, "backbone." + index, configuration.backboneUnits(), inputs));
      inputs = configuration.backboneUnits();
    }
    CfcWeights weights;
    if (configuration.mode() == CfcMode.PURE) {
      weights =
          CfcWeights.pure(
              configuration.inputSize(),
              hidden,
              configuration.activation(),
              backbone,
              linear(unused, "ff1", hidden, inputs),
              take(unused, "w_tau", 1, hidden),
              take(unused, "A", 1, hidden));
    } else {
      List<Linear> heads = new ArrayList<>();
      for (String head : GATED_HEADS) {
        heads.add(linear(unused, head, hidden, inputs));
      }
      weights =
          CfcWeights.gated(
                  configuration.inputSize(),
                  hidden,
                  configuration.mode(),
                  configuration.activation(),
                  backbone,
                  heads.get(0),
                  heads.get(1),
                  dialect.negatesTimeA() ? negated(heads.get(2)) : heads.get(2),
                  heads.get(3))
              .withHeadActivation(dialect.headActivation());
    }
    DenseWeights projection = null;
    if (configuration.projectionSize() > 0) {
      Linear fc = linear(unused, "fc", configuration.projectionSize(), hidden);
      projection =
          DenseWeights.pack(hidden, configuration.projectionSize(), fc.weight(), fc.bias());
    }
    if (!unused.isEmpty()) {
      throw wrong(
          "parameters",
          "no others for a CfC network of mode " + configuration.mode().fieldName(),
          unused.keySet().toString());
    }
    return Cfc.of(configuration, weights, projection);
  }

  /** Exact, as all sums of products are that change their sign. */
  private static Linear negated(Linear layer) {
    float[] weight = layer.weight().clone();
    float[] bias = layer.bias().clone();
    for (int i = 0; i < weight.length; i++) {
      weight[i] = -weight[i];
    }
    for (int i = 0; i < bias.length; i++) {
      bias[i] = -bias[i];
    }
    return new Linear(weight, bias);
  }

  private Linear linear(Map<String, Parameter> unused, String name, int rows, int columns) {
    return new Linear(
        take(unused, name + ".weight", rows, columns), take(unused, name + ".bias", rows));
  }

  private float[] take(Map<String, Parameter> unused, String name, int... shape) {
    Parameter parameter = parameter(name);
    List<Long> expected = IntStream.of(shape).asLongStream().boxed().toList();
    long elements = expected.stream().reduce(1L, Math::multiplyExact);
    if (parameter.shape != null
        ? !parameter.shape.equals(expected)
        : parameter.elements != elements) {
      throw wrong(
          "'" + name + "'",
          "shape " + expected,
          parameter.shape != null ? "shape " + parameter.shape : parameter.elements + " elements");
    }
    unused.remove(name);
    float[] values = parameter.values.get();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw wrong("'" + name + "'", "finite values", values[i] + " at element " + i);
      }
    }
    return values;
  }

  private Parameter parameter(String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw wrong("parameter '" + name + "'", "one", "only " + new TreeSet<>(parameters.keySet()));
    }
    return parameter;
  }

  /**
   * The backbone's layers have the indices 0, 2, 4, … in the sequence of modules; with dropout,
   * which stands after every layer but the first, 0, 2, 5, 8, …
   */
  private List<Integer> backboneIndices() {
    TreeSet<Integer> found = new TreeSet<>();
    for (String name : parameters.keySet()) {
      Matcher matcher = BACKBONE.matcher(name);
      if (matcher.matches()) {
        found.add(Integer.valueOf(matcher.group(1)));
      }
    }
    List<Integer> indices = List.copyOf(found);
    List<Integer> plain = IntStream.range(0, indices.size()).map(i -> 2 * i).boxed().toList();
    List<Integer> dropout =
        IntStream.range(0, indices.size()).map(i -> i == 0 ? 0 : 3 * i - 1).boxed().toList();
    if (!indices.equals(plain) && !indices.equals(dropout)) {
      throw wrong(
          "the backbone layers' numbers",
          plain + ", or with dropout " + dropout,
          indices.toString());
    }
    return indices;
  }

  private FileFormatException wrong(String thing, String expected, String found) {
    return new FileFormatException(source, thing, expected, found);
  }
}
