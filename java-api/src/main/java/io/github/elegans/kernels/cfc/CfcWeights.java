package io.github.elegans.kernels.cfc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.InterleavedLayers;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Packed weights of a CfC cell (Hasani et al., Closed-form continuous-time neural networks, Nature
 * Machine Intelligence 4, 2022, eq. 4; as ncps on PyTorch has it).
 *
 * <p>The backbone is a stack of dense layers on [x | h]; without one the heads read [x | h]
 * themselves. The heads of the modes {@code default} and {@code no_gate} are one dense layer whose
 * outputs are interleaved by 16 units, {@code [unit / 16][ff1 | ff2 | time_a | time_b][unit % 16]},
 * so that one panel holds all that the gate of 16 units needs. In mode {@code pure} the only head
 * is ff1, in the plain order.
 *
 * @param inputSize I
 * @param hiddenSize H
 * @param activation of the backbone layers
 * @param headActivation of ff1 and ff2: one of {@link #HEAD_ACTIVATIONS}; in mode {@code pure}
 *     linear
 * @param backbone dense layers, the first of I + H inputs, all of the same number of outputs
 * @param heads the interleaved heads
 * @param decay in mode {@code pure} |w_tau| and then A, each of H floats padded to a multiple of
 *     16; otherwise empty
 */
public record CfcWeights(
    int inputSize,
    int hiddenSize,
    CfcMode mode,
    Activation activation,
    Activation headActivation,
    List<DenseWeights> backbone,
    DenseWeights heads,
    MemorySegment decay) {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int HEADS = 4;

  /** What CfC cells have on their heads, in one implementation or another. */
  public static final Set<Activation> HEAD_ACTIVATIONS =
      Set.of(Activation.TANH, Activation.LECUN_TANH, Activation.LINEAR);

  /**
   * Checks its components; copies the list and the decay.
   *
   * @throws IllegalArgumentException if a size is below 1 or does not fit, or the heads have an
   *     activation that the mode does not allow
   */
  public CfcWeights {
    Require.atLeast("inputSize", 1, inputSize);
    Require.atLeast("hiddenSize", 1, hiddenSize);
    if (mode == CfcMode.PURE
        ? headActivation != Activation.LINEAR
        : !HEAD_ACTIVATIONS.contains(headActivation)) {
      throw new IllegalArgumentException(
          "the heads' activation must be %s, but is %s"
              .formatted(
                  mode == CfcMode.PURE ? "linear in mode pure" : "tanh, lecun_tanh or linear",
                  headActivation.fieldName()));
    }
    backbone = List.copyOf(backbone);
    int inputs = Require.sum("inputs and units", inputSize, hiddenSize);
    for (DenseWeights layer : backbone) {
      Require.length("a backbone layer's inputs", inputs, layer.inputs());
      inputs = layer.outputs();
    }
    if (backbone.stream().mapToInt(DenseWeights::outputs).distinct().count() > 1) {
      throw new IllegalArgumentException("all backbone layers must have the same number of units");
    }
    Require.length("the heads' inputs", inputs, heads.inputs());
    Require.length(
        "the heads' outputs",
        mode == CfcMode.PURE ? hiddenSize : (long) HEADS * PanelLayout.roundUp(hiddenSize),
        heads.outputs());
    Require.length(
        "decay",
        mode == CfcMode.PURE ? 2L * PanelLayout.roundUp(hiddenSize) : 0,
        decay.byteSize() / Float.BYTES);
    // Kernels work on its address: it must be native, and nobody else's to free.
    MemorySegment copy = Arena.ofAuto().allocate(decay.byteSize(), PanelLayout.ALIGNMENT);
    decay = copy.copyFrom(decay).asReadOnly();
  }

  /** Packs a cell of the modes {@code default} and {@code no_gate}, with tanh on the heads. */
  public static CfcWeights gated(
      int inputSize,
      int hiddenSize,
      CfcMode mode,
      Activation activation,
      List<Linear> backbone,
      Linear ff1,
      Linear ff2,
      Linear timeA,
      Linear timeB) {
    if (mode == CfcMode.PURE) {
      throw new IllegalArgumentException("mode pure has no gate: expected default or no_gate");
    }
    List<DenseWeights> layers = packBackbone(inputSize, hiddenSize, backbone);
    int inputs = headInputs(inputSize, hiddenSize, layers);
    DenseWeights heads =
        InterleavedLayers.pack(
            inputs,
            hiddenSize,
            List.of("ff1", "ff2", "time_a", "time_b"),
            List.of(ff1, ff2, timeA, timeB));
    return new CfcWeights(
        inputSize,
        hiddenSize,
        mode,
        activation,
        Activation.TANH,
        layers,
        heads,
        MemorySegment.NULL);
  }

  /** Packs a cell of mode {@code pure}. */
  public static CfcWeights pure(
      int inputSize,
      int hiddenSize,
      Activation activation,
      List<Linear> backbone,
      Linear ff1,
      float[] wTau,
      float[] a) {
    List<DenseWeights> layers = packBackbone(inputSize, hiddenSize, backbone);
    int inputs = headInputs(inputSize, hiddenSize, layers);
    ff1.check("ff1", inputs, hiddenSize);
    Require.length("w_tau", hiddenSize, wTau.length);
    Require.length("A", hiddenSize, a.length);
    Require.finite("w_tau", wTau);
    Require.finite("A", a);
    int units = PanelLayout.roundUp(hiddenSize);
    MemorySegment decay = Arena.ofAuto().allocate(2L * units * Float.BYTES, PanelLayout.ALIGNMENT);
    for (int unit = 0; unit < hiddenSize; unit++) {
      decay.setAtIndex(ValueLayout.JAVA_FLOAT, unit, Math.abs(wTau[unit]));
      decay.setAtIndex(ValueLayout.JAVA_FLOAT, units + unit, a[unit]);
    }
    return new CfcWeights(
        inputSize,
        hiddenSize,
        CfcMode.PURE,
        activation,
        Activation.LINEAR,
        layers,
        DenseWeights.pack(inputs, hiddenSize, ff1.weight(), ff1.bias()),
        decay.asReadOnly());
  }

  private static List<DenseWeights> packBackbone(
      int inputSize, int hiddenSize, List<Linear> backbone) {
    int inputs = Require.sum("inputs and units", inputSize, hiddenSize);
    DenseWeights[] layers = new DenseWeights[backbone.size()];
    for (int i = 0; i < layers.length; i++) {
      Linear layer = backbone.get(i);
      layer.check("backbone layer " + i, inputs, layer.bias().length);
      layers[i] = DenseWeights.pack(inputs, layer.bias().length, layer.weight(), layer.bias());
      inputs = layer.bias().length;
    }
    return Arrays.asList(layers);
  }

  private static int headInputs(int inputSize, int hiddenSize, List<DenseWeights> backbone) {
    return backbone.isEmpty() ? inputSize + hiddenSize : backbone.getLast().outputs();
  }

  /** The same cell with another activation of the heads. */
  public CfcWeights withHeadActivation(Activation other) {
    return new CfcWeights(inputSize, hiddenSize, mode, activation, other, backbone, heads, decay);
  }

  /** The same cell with all its layers in another storage: {@link DenseWeights#withStorage}. */
  public CfcWeights withStorage(WeightStorage storage) {
    return new CfcWeights(
        inputSize,
        hiddenSize,
        mode,
        activation,
        headActivation,
        backbone.stream().map(layer -> layer.withStorage(storage)).toList(),
        heads.withStorage(storage),
        decay);
  }

  /** U, or 0 without a backbone. */
  public int backboneUnits() {
    return backbone.isEmpty() ? 0 : backbone.getFirst().outputs();
  }

  /** Number of dense layers of a step, the heads being the last: backbone layers + 1. */
  public int layerCount() {
    return backbone.size() + 1;
  }

  /** The dense layer of that index; the heads are the last. */
  public DenseWeights layer(int index) {
    return index < backbone.size() ? backbone.get(index) : heads;
  }

  /** The output of the interleaved heads that is a unit's ff1, ff2, time_a or time_b: 0 to 3. */
  public static int headOutput(int head, int unit) {
    return InterleavedLayers.output(HEADS, head, unit);
  }

  /** Units of the hidden state that one panel of the heads yields. */
  public int unitsPerPanel() {
    return mode == CfcMode.PURE ? PanelLayout.PANEL : BLOCK;
  }
}
