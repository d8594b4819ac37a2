package io.github.elegans.networks.cfc;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.statedict.MixedMemoryParameters;
import io.github.elegans.networks.statedict.Parameters;
import io.github.elegans.networks.statedict.TensorNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An ncps state dict of a CfC network: names, shapes, and what they say of the configuration. One
 * of Keras is brought into the form of PyTorch's.
 */
final class CfcStateDict {
  private final Parameters parameters;
  private final boolean keras;

  private CfcStateDict(Parameters parameters, boolean keras) {
    this.parameters = parameters;
    this.keras = keras;
  }

  static CfcStateDict of(String source, Map<String, Safetensors.Tensor> tensors) {
    boolean keras = KerasNames.in(tensors.keySet());
    return new CfcStateDict(parameters(source, tensors), keras);
  }

  static CfcStateDict of(Map<String, float[]> stateDict) {
    return new CfcStateDict(Parameters.of(stateDict), false);
  }

  static Parameters parameters(String source, Map<String, Safetensors.Tensor> tensors) {
    return KerasNames.in(tensors.keySet())
        ? Parameters.of(source, tensors, KerasNames::toTorch, KerasNames::isMatrix)
        : Parameters.of(source, tensors, "rnn_cell.");
  }

  CfcConfiguration configuration(Map<String, String> metadata) {
    String cell = metadata.getOrDefault("cell", "cfc");
    if (!cell.equals("cfc")) {
      throw parameters.wrong("metadata cell", "cfc", cell);
    }
    if (metadata.containsKey("wiring")) {
      throw parameters.wrong(
          "metadata wiring", "none, or the cell wired_cfc", metadata.getOrDefault("wiring", ""));
    }
    List<Integer> layers = backboneIndices();
    Parameters.Size head = parameters.matrix(TensorNames.FF1 + ".weight");
    Parameters.Size first =
        layers.isEmpty() ? head : parameters.matrix(TensorNames.BACKBONE + ".0.weight");
    boolean mixed = MixedMemoryParameters.in(parameters);
    int inputSize =
        mixed ? MixedMemoryParameters.inputSize(parameters) : first.columns() - head.rows();
    if (inputSize < 1) {
      throw parameters.wrong(
          "the first layer's inputs",
          "more than the hidden state's " + head.rows(),
          String.valueOf(first.columns()));
    }
    try {
      CfcDialect dialect = dialect(parameters, metadata, keras);
      CfcConfiguration configuration =
          new CfcConfiguration(
              inputSize,
              head.rows(),
              mode(parameters, metadata, TensorNames.W_TAU),
              layers.isEmpty() && !metadata.containsKey("activation")
                  ? Activation.LECUN_TANH
                  : CfcConfiguration.activation(parameters.told(metadata, "activation"), dialect),
              layers.isEmpty() ? 0 : first.rows(),
              layers.size(),
              parameters.projectionSize(),
              mixed,
              dialect);
      parameters.check(metadata, "mode", configuration.mode().fieldName());
      parameters.check(metadata, "input_size", configuration.inputSize());
      parameters.check(metadata, "hidden_size", configuration.hiddenSize());
      parameters.check(metadata, "backbone_layers", configuration.backboneLayers());
      if (!layers.isEmpty()) {
        parameters.check(metadata, "backbone_units", configuration.backboneUnits());
      }
      parameters.check(metadata, "proj_size", configuration.projectionSize());
      parameters.check(metadata, "mixed_memory", configuration.mixedMemory());
      return configuration;
    } catch (FileFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw parameters.wrong("configuration", "a CfC network", String.valueOf(e.getMessage()));
    }
  }

  /** What the metadata says, or the presence of a parameter of mode pure. */
  static CfcMode mode(Parameters parameters, Map<String, String> metadata, String wTau) {
    return CfcConfiguration.mode(parameters.has(wTau) ? "pure" : parameters.told(metadata, "mode"));
  }

  static CfcDialect dialect(
      Parameters parameters, Map<String, String> metadata, boolean mustBeTold) {
    return mustBeTold || metadata.containsKey("dialect")
        ? CfcConfiguration.dialect(parameters.told(metadata, "dialect"))
        : CfcDialect.NCPS_TORCH;
  }

  /**
   * Packs the parameters, each checked against the configuration; none may be missing or left over.
   */
  Cfc model(CfcConfiguration configuration) {
    CfcDialect dialect = configuration.dialect();
    if (keras && !dialect.negatesTimeA()) {
      throw parameters.wrong(
          "dialect",
          "one of TensorFlow or Keras, as the parameters' names are",
          dialect.fieldName());
    }
    List<Integer> indices = backboneIndices();
    if (indices.size() != configuration.backboneLayers()) {
      throw parameters.wrong(
          "backbone layers",
          String.valueOf(configuration.backboneLayers()),
          String.valueOf(indices.size()));
    }
    int hidden = configuration.hiddenSize();
    int inputs = configuration.firstInputs();
    List<Linear> backbone = new ArrayList<>();
    for (int index : indices) {
      backbone.add(
          parameters.linear(
              TensorNames.BACKBONE + "." + index, configuration.backboneUnits(), inputs));
      inputs = configuration.backboneUnits();
    }
    CfcWeights weights =
        weights(
            parameters,
            "",
            configuration.cellInputSize(),
            hidden,
            configuration.mode(),
            configuration.activation(),
            backbone,
            inputs,
            null,
            dialect);
    LstmWeights lstm =
        configuration.mixedMemory()
            ? MixedMemoryParameters.take(parameters, configuration.inputSize(), hidden, 1)
            : null;
    DenseWeights projection =
        configuration.projectionSize() > 0 ? parameters.projection(hidden) : null;
    if (configuration.projectionSize() > 0 && projection == null) {
      throw parameters.wrong("parameter 'fc.weight'", "one", "none");
    }
    parameters.allTaken("a CfC network of mode " + configuration.mode().fieldName());
    if (projection != null && projection.outputs() != configuration.projectionSize()) {
      throw parameters.wrong(
          "'fc.weight'",
          "shape [%d, %d]".formatted(configuration.projectionSize(), hidden),
          "shape [%d, %d]".formatted(projection.outputs(), hidden));
    }
    return Cfc.of(configuration, parameters.taken(), weights, lstm, projection);
  }

  /**
   * Takes and packs a cell.
   *
   * @param prefix of its heads' names
   * @param mask [H, inputs], which ff1 and ff2 are multiplied with, and time_a and time_b are not,
   *     as ncps has it; null for none
   * @param inputs of the heads
   */
  static CfcWeights weights(
      Parameters parameters,
      String prefix,
      int inputSize,
      int hidden,
      CfcMode mode,
      Activation activation,
      List<Linear> backbone,
      int inputs,
      float @Nullable [] mask,
      CfcDialect dialect) {
    Linear ff1 = masked(parameters.linear(prefix + TensorNames.FF1, hidden, inputs), mask);
    if (mode == CfcMode.PURE) {
      float[] wTau = parameters.take(prefix + TensorNames.W_TAU, 1, hidden);
      float[] a = parameters.take(prefix + TensorNames.A, 1, hidden);
      return CfcWeights.pure(inputSize, hidden, activation, backbone, ff1, wTau, a);
    }
    Linear ff2 = masked(parameters.linear(prefix + TensorNames.FF2, hidden, inputs), mask);
    Linear timeA = parameters.linear(prefix + TensorNames.TIME_A, hidden, inputs);
    return CfcWeights.gated(
            inputSize,
            hidden,
            mode,
            activation,
            backbone,
            ff1,
            ff2,
            dialect.negatesTimeA() ? negated(timeA) : timeA,
            parameters.linear(prefix + TensorNames.TIME_B, hidden, inputs))
        .withHeadActivation(dialect.headActivation());
  }

  private static Linear masked(Linear layer, float @Nullable [] mask) {
    if (mask == null) {
      return layer;
    }
    float[] weight = layer.weight().clone();
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= mask[i];
    }
    return new Linear(weight, layer.bias());
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

  /**
   * The backbone's layers have the indices 0, 2, 4, … in the sequence of modules; with dropout,
   * which stands after every layer but the first, 0, 2, 5, 8, …
   */
  private List<Integer> backboneIndices() {
    List<Integer> indices = TensorNames.backboneIndices(parameters.names());
    List<Integer> plain = IntStream.range(0, indices.size()).map(i -> 2 * i).boxed().toList();
    List<Integer> dropout =
        IntStream.range(0, indices.size()).map(i -> i == 0 ? 0 : 3 * i - 1).boxed().toList();
    if (!indices.equals(plain) && !indices.equals(dropout)) {
      throw parameters.wrong(
          "the backbone layers' numbers",
          plain + ", or with dropout " + dropout,
          indices.toString());
    }
    return indices;
  }
}
