package io.github.elegans.networks.cfc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The shape of a CfC network, with ncps's names and defaults.
 *
 * @param inputSize I, at least 1
 * @param hiddenSize H ({@code units}), at least 1
 * @param mode the cell
 * @param activation of the backbone: silu, relu, tanh, gelu (the erf form), gelu_tanh (PyTorch's
 *     {@code approximate="tanh"}) or lecun_tanh, and what else the dialect knows
 * @param backboneUnits U, at least 1 unless there are no backbone layers
 * @param backboneLayers at least 0
 * @param projectionSize P ({@code proj_size}), or 0 for no projection: the output is the hidden
 *     state
 * @param mixedMemory whether an LSTM stands beside the cell ({@code mixed_memory}); in the scheme
 *     of the dialect
 * @param dialect whose CfC it is
 */
public record CfcConfiguration(
    int inputSize,
    int hiddenSize,
    CfcMode mode,
    Activation activation,
    int backboneUnits,
    int backboneLayers,
    int projectionSize,
    boolean mixedMemory,
    CfcDialect dialect) {

  /** The activations that a backbone of ncps on PyTorch can have. */
  public static final Set<Activation> ACTIVATIONS = CfcDialect.NCPS_TORCH.activations();

  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if a size is out of range, or the dialect does not know the
   *     activation
   */
  public CfcConfiguration {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(dialect, "dialect");
    Require.atLeast("input_size", 1, inputSize);
    Require.atLeast("hidden_size", 1, hiddenSize);
    Require.atLeast("backbone_layers", 0, backboneLayers);
    Require.atLeast("backbone_units", backboneLayers == 0 ? 0 : 1, backboneUnits);
    Require.atLeast("proj_size", 0, projectionSize);
    if (!dialect.activations().contains(activation)) {
      throw new IllegalArgumentException(
          "activation must be one of %s, but is %s"
              .formatted(names(dialect.activations()), activation.fieldName()));
    }
  }

  /** A network in the dialect of ncps on PyTorch. */
  public CfcConfiguration(
      int inputSize,
      int hiddenSize,
      CfcMode mode,
      Activation activation,
      int backboneUnits,
      int backboneLayers,
      int projectionSize) {
    this(
        inputSize,
        hiddenSize,
        mode,
        activation,
        backboneUnits,
        backboneLayers,
        projectionSize,
        false,
        CfcDialect.NCPS_TORCH);
  }

  /**
   * ncps's defaults: mode default, one backbone layer of 128 units with lecun_tanh, no projection.
   */
  public static CfcConfiguration of(int inputSize, int hiddenSize) {
    return new CfcConfiguration(
        inputSize, hiddenSize, CfcMode.DEFAULT, Activation.LECUN_TANH, 128, 1, 0);
  }

  /** This configuration with another cell. */
  public CfcConfiguration withMode(CfcMode newMode) {
    return new CfcConfiguration(
        inputSize,
        hiddenSize,
        newMode,
        activation,
        backboneUnits,
        backboneLayers,
        projectionSize,
        mixedMemory,
        dialect);
  }

  /** This configuration with another activation of the backbone. */
  public CfcConfiguration withActivation(Activation newActivation) {
    return new CfcConfiguration(
        inputSize,
        hiddenSize,
        mode,
        newActivation,
        backboneUnits,
        backboneLayers,
        projectionSize,
        mixedMemory,
        dialect);
  }

  /** This configuration with another backbone. */
  public CfcConfiguration withBackbone(int units, int layers) {
    return new CfcConfiguration(
        inputSize,
        hiddenSize,
        mode,
        activation,
        units,
        layers,
        projectionSize,
        mixedMemory,
        dialect);
  }

  /** This configuration with a projection of the output; 0 for none. */
  public CfcConfiguration withProjection(int size) {
    return new CfcConfiguration(
        inputSize,
        hiddenSize,
        mode,
        activation,
        backboneUnits,
        backboneLayers,
        size,
        mixedMemory,
        dialect);
  }

  /** This configuration with an LSTM beside the cell, or without. */
  public CfcConfiguration withMixedMemory(boolean mixed) {
    return new CfcConfiguration(
        inputSize,
        hiddenSize,
        mode,
        activation,
        backboneUnits,
        backboneLayers,
        projectionSize,
        mixed,
        dialect);
  }

  /** This configuration in another dialect. */
  public CfcConfiguration withDialect(CfcDialect newDialect) {
    return new CfcConfiguration(
        inputSize,
        hiddenSize,
        mode,
        activation,
        backboneUnits,
        backboneLayers,
        projectionSize,
        mixedMemory,
        newDialect);
  }

  /** Floats of an output: P with a projection, H without. */
  public int outputSize() {
    return projectionSize == 0 ? hiddenSize : projectionSize;
  }

  /** Inputs of the cell itself: I, or H where an LSTM takes the input's place. */
  public int cellInputSize() {
    return mixedMemory && dialect.memoryReplacesInput() ? hiddenSize : inputSize;
  }

  /** Inputs of the first layer: those of the cell and H. */
  int firstInputs() {
    return Require.sum("inputs and units", cellInputSize(), hiddenSize);
  }

  /** Inputs of the heads. */
  int headInputs() {
    return backboneLayers == 0 ? firstInputs() : backboneUnits;
  }

  /** Multiply-adds of one sample and step, projection included. */
  public long multiplyAdds() {
    long heads = mode == CfcMode.PURE ? 1 : 4;
    long backbone =
        backboneLayers == 0
            ? 0
            : (long) firstInputs() * backboneUnits
                + (backboneLayers - 1L) * backboneUnits * backboneUnits;
    long memory = mixedMemory ? 4L * hiddenSize * ((long) inputSize + hiddenSize) : 0;
    return memory
        + backbone
        + heads * headInputs() * hiddenSize
        + (long) projectionSize * hiddenSize;
  }

  /** Reads a mode by ncps's name. */
  static CfcMode mode(String name) {
    return choice("mode", name, Map.of(), EnumSet.allOf(CfcMode.class));
  }

  /** Reads a dialect by its name; {@code ncps_tensorflow} computes what {@code ncps_keras} does. */
  static CfcDialect dialect(String name) {
    return choice(
        "dialect",
        name,
        Map.of("ncps_tensorflow", CfcDialect.NCPS_KERAS),
        EnumSet.allOf(CfcDialect.class));
  }

  /**
   * Reads an activation by ncps's name ({@code lecun} is the name in the CfC authors' own
   * repository).
   */
  static Activation activation(String name, CfcDialect dialect) {
    return choice(
        "activation", name, Map.of("lecun", Activation.LECUN_TANH), dialect.activations());
  }

  private static <E extends Enum<E>> E choice(
      String what, String name, Map<String, E> aliases, Set<E> choices) {
    E alias = aliases.get(name);
    if (alias != null) {
      return alias;
    }
    return choices.stream()
        .filter(e -> name(e).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s must be one of %s, but is '%s'".formatted(what, names(choices), name)));
  }

  private static String names(Set<? extends Enum<?>> choices) {
    return choices.stream().map(CfcConfiguration::name).sorted().collect(Collectors.joining(", "));
  }

  private static String name(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }
}
