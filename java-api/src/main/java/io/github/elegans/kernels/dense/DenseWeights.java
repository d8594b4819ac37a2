package io.github.elegans.kernels.dense;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Weights and bias of a fully connected layer, packed once for all instruction sets: panels of
 * {@value PanelLayout#PANEL} outputs (the last one narrower, a multiple of {@value
 * PanelLayout#BLOCK}), each the biases and then K rows of weights; outputs beyond N are zeros.
 * Weights below 2⁻¹⁰⁰ in magnitude are flushed to zero, which keeps subnormals out of the kernels.
 *
 * <ul>
 *   <li>{@link WeightStorage#FLOAT32}: {@code [1 + K][panel width]} floats, row 0 the bias.
 *   <li>{@link WeightStorage#BFLOAT16}: the panel width is padded to a multiple of 32; after the
 *       float32 biases, K rows of lines of 64 bytes. A line holds 32 outputs as 16 words: output i
 *       in the lower half of word i, output 16 + i in its upper half. So one load, one shift and
 *       one mask widen two vectors, of any width.
 * </ul>
 *
 * <p>Immutable, but for a {@link #view}. The memory lives as long as this object or a segment of it
 * is reachable.
 */
public final class DenseWeights {
  private final int inputs;
  private final int outputs;
  private final WeightStorage storage;
  private final MemorySegment panels;

  private DenseWeights(int inputs, int outputs, WeightStorage storage, MemorySegment panels) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.storage = storage;
    this.panels = panels.asReadOnly();
  }

  /** Packs a layer as float32: {@link #pack(int, int, float[], float[], WeightStorage)}. */
  public static DenseWeights pack(int inputs, int outputs, float[] weights, float[] bias) {
    return pack(inputs, outputs, weights, bias, WeightStorage.FLOAT32);
  }

  /**
   * Packs a layer.
   *
   * @param weights [N, K] row-major, as PyTorch stores a Linear layer: one row per output
   * @param bias N values
   * @param storage of the weights; biases are float32 in all
   * @throws IllegalArgumentException if a size does not fit, or a value is not finite as given or
   *     as stored
   */
  public static DenseWeights pack(
      int inputs, int outputs, float[] weights, float[] bias, WeightStorage storage) {
    FloatingPoint.check();
    Require.atLeast("inputs", 1, inputs);
    Require.atLeast("outputs", 1, outputs);
    Require.length("weights", (long) inputs * outputs, weights.length);
    Require.length("bias", outputs, bias.length);
    Require.finite("weights", weights);
    Require.finite("bias", bias);
    storage.require("weights", weights);
    long padded = Math.ceilDiv((long) outputs, storage.block()) * storage.block();
    long floats = Require.product(padded, inputs + 1L);
    if (storage == WeightStorage.BFLOAT16) {
      floats = Require.product(padded, inputs + 2L) / 2;
    }
    MemorySegment panels =
        Arena.ofAuto()
            .allocate(
                Require.bytes("the packed layer", floats, Float.BYTES), PanelLayout.ALIGNMENT);
    DenseWeights packed = new DenseWeights(inputs, outputs, storage, panels);
    for (int n = 0; n < outputs; n++) {
      panels.setAtIndex(JAVA_FLOAT, packed.biasOffset(n), PanelLayout.flush(bias[n]));
      for (int k = 0; k < inputs; k++) {
        float weight = PanelLayout.flush(weights[n * inputs + k]);
        switch (storage) {
          case FLOAT32 -> panels.setAtIndex(JAVA_FLOAT, packed.weightOffset(n, k), weight);
          case BFLOAT16 -> {
            long word = packed.weightOffset(n, k);
            int half = WeightStorage.toBfloat16(weight) << upperHalf(n);
            panels.setAtIndex(JAVA_INT, word, panels.getAtIndex(JAVA_INT, word) | half);
          }
        }
      }
    }
    return packed;
  }

  /**
   * Weights that training updates: float32 over memory of the caller's, which is not copied and may
   * change between calls. Nothing is flushed.
   *
   * @param panels packed as {@link #panels}, {@link #panelFloats} of them, at a multiple of {@value
   *     PanelLayout#ALIGNMENT} bytes; memory that lives as long as it is reachable, so of an
   *     automatic or the global arena
   * @throws IllegalArgumentException if a size or the memory does not fit
   */
  public static DenseWeights view(int inputs, int outputs, MemorySegment panels) {
    long floats = panelFloats(inputs, outputs);
    MemoryChecks.check("panels", panels, floats, Float.BYTES);
    if (panels.address() % PanelLayout.ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "panels must be aligned to %d bytes, but begin %d behind"
              .formatted(PanelLayout.ALIGNMENT, panels.address() % PanelLayout.ALIGNMENT));
    }
    if (!Staging.stays(panels)) {
      throw new IllegalArgumentException(
          "panels must be memory of an automatic or the global arena, for they are used as long as"
              + " they are reachable");
    }
    MemorySegment own = panels.asSlice(0, floats * Float.BYTES);
    return new DenseWeights(inputs, outputs, WeightStorage.FLOAT32, own);
  }

  /**
   * How many floats the float32 panels of a layer take.
   *
   * @throws IllegalArgumentException if a size is not positive, or no memory has so many
   */
  public static long panelFloats(int inputs, int outputs) {
    Require.atLeast("inputs", 1, inputs);
    Require.atLeast("outputs", 1, outputs);
    long floats = Require.product(PanelLayout.roundUp(outputs), inputs + 1L);
    Require.bytes("the packed layer", floats, Float.BYTES);
    return floats;
  }

  /**
   * Index of a weight in float32 panels, or with input -1 of a bias.
   *
   * @param columns outputs, rounded up
   */
  static long weightOffset(int inputs, int columns, int output, int input) {
    int first = output & -PanelLayout.PANEL;
    int width = Math.min(PanelLayout.PANEL, columns - first);
    return first * (inputs + 1L) + (input + 1L) * width + output % PanelLayout.PANEL;
  }

  /**
   * The same layer in another storage. Rounding loses what it loses: float32 made from bfloat16
   * holds the rounded weights.
   */
  public DenseWeights withStorage(WeightStorage other) {
    if (Objects.requireNonNull(other, "storage") == storage) {
      return this;
    }
    float[] weights = new float[inputs * outputs];
    float[] bias = new float[outputs];
    for (int n = 0; n < outputs; n++) {
      bias[n] = bias(n);
      for (int k = 0; k < inputs; k++) {
        weights[n * inputs + k] = weight(n, k);
      }
    }
    return pack(inputs, outputs, weights, bias, other);
  }

  /** The bias of an output. */
  public float bias(int output) {
    return panels.getAtIndex(JAVA_FLOAT, biasOffset(output));
  }

  /** The weight from an input to an output, widened to float32. */
  public float weight(int output, int input) {
    long at = weightOffset(output, input);
    return switch (storage) {
      case FLOAT32 -> panels.getAtIndex(JAVA_FLOAT, at);
      case BFLOAT16 ->
          Float.intBitsToFloat(panels.getAtIndex(JAVA_INT, at) >>> upperHalf(output) << 16);
    };
  }

  private long biasOffset(int output) {
    return panelOffset(output / PanelLayout.PANEL) + output % PanelLayout.PANEL;
  }

  /** Index of the float, or of the word of two bfloat16. */
  private long weightOffset(int output, int input) {
    int panel = output / PanelLayout.PANEL;
    int column = output % PanelLayout.PANEL;
    return switch (storage) {
      case FLOAT32 -> panelOffset(panel) + (input + 1L) * panelWidth(panel) + column;
      case BFLOAT16 ->
          // Biases take as much as two rows of half as many words.
          panelOffset(panel)
              + (input + 2L) * (paddedWidth(panel) / 2)
              + (long) (column / (2 * PanelLayout.BLOCK)) * PanelLayout.BLOCK
              + column % PanelLayout.BLOCK;
    };
  }

  /** Bits by which an output's bfloat16 is shifted in its word. */
  private static int upperHalf(int output) {
    return output & PanelLayout.BLOCK;
  }

  /** K. */
  public int inputs() {
    return inputs;
  }

  /** N. */
  public int outputs() {
    return outputs;
  }

  /** How the weights are stored. */
  public WeightStorage storage() {
    return storage;
  }

  /** Number of panels. */
  public int panelCount() {
    return (outputs + PanelLayout.PANEL - 1) / PanelLayout.PANEL;
  }

  /**
   * Width of a panel: {@value PanelLayout#PANEL}, or for the last one what remains of N rounded up
   * to a multiple of {@value PanelLayout#BLOCK}.
   */
  public int panelWidth(int panel) {
    return Math.min(PanelLayout.PANEL, PanelLayout.roundUp(outputs) - panel * PanelLayout.PANEL);
  }

  /** Width of a panel in memory: {@link #panelWidth} padded to whole lines. */
  public int paddedWidth(int panel) {
    return Math.ceilDiv(panelWidth(panel), storage.block()) * storage.block();
  }

  /** Index of the panel's first float (its first bias) in {@link #panels()}. */
  public long panelOffset(int panel) {
    return switch (storage) {
      case FLOAT32 -> (long) panel * PanelLayout.PANEL * (inputs + 1L);
      case BFLOAT16 -> (long) panel * (PanelLayout.PANEL / 2) * (inputs + 2L);
    };
  }

  /** The packed memory, read-only, aligned to {@value PanelLayout#ALIGNMENT} bytes. */
  public MemorySegment panels() {
    return panels;
  }
}
