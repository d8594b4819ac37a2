package io.github.elegans.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weights and bias of a fully connected layer, packed once for all instruction sets: panels of
 * {@value #PANEL} outputs (the last one narrower, a multiple of {@value #BLOCK}), each laid out
 * {@code [1 + K][panel width]} with the bias as row 0; outputs beyond N are zeros. Weights below
 * 2⁻¹⁰⁰ in magnitude are flushed to zero, which keeps subnormals out of the kernels.
 *
 * <p>Immutable. The memory lives as long as this object or a segment of it is reachable.
 */
public final class DenseWeights {
  /** Outputs of a whole panel. */
  public static final int PANEL = 64;

  /** Outputs are padded to a multiple of this. */
  public static final int BLOCK = 16;

  /** Magnitudes below this are flushed to zero. */
  public static final float FLUSH = 0x1p-100f;

  /** Bytes to which packed memory is aligned. */
  public static final long ALIGNMENT = 64;

  private final int inputs;
  private final int outputs;
  private final MemorySegment panels;

  private DenseWeights(int inputs, int outputs, MemorySegment panels) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.panels = panels.asReadOnly();
  }

  /**
   * Packs a layer.
   *
   * @param weights [N, K] row-major, as PyTorch stores a Linear layer: one row per output
   * @param bias N values
   * @throws IllegalArgumentException if a size does not fit or a value is not finite
   */
  public static DenseWeights pack(int inputs, int outputs, float[] weights, float[] bias) {
    Require.atLeast("inputs", 1, inputs);
    Require.atLeast("outputs", 1, outputs);
    Require.length("weights", (long) inputs * outputs, weights.length);
    Require.length("bias", outputs, bias.length);
    Require.finite("weights", weights);
    Require.finite("bias", bias);
    MemorySegment panels =
        Arena.ofAuto()
            .allocate(Math.multiplyExact((inputs + 1L) * roundUp(outputs), Float.BYTES), ALIGNMENT);
    for (int n = 0; n < outputs; n++) {
      int panel = n / PANEL;
      int width = width(outputs, panel);
      long at = (long) panel * PANEL * (inputs + 1) + n % PANEL;
      panels.setAtIndex(ValueLayout.JAVA_FLOAT, at, flush(bias[n]));
      for (int k = 0; k < inputs; k++) {
        at += width;
        panels.setAtIndex(ValueLayout.JAVA_FLOAT, at, flush(weights[n * inputs + k]));
      }
    }
    return new DenseWeights(inputs, outputs, panels);
  }

  private static float flush(float w) {
    return Math.abs(w) < FLUSH ? 0f : w;
  }

  /** The smallest multiple of {@value #BLOCK} that is at least n. */
  public static int roundUp(int n) {
    return Math.addExact(n, BLOCK - 1) & -BLOCK;
  }

  /**
   * A row stride for n floats: a multiple of {@value #BLOCK} that is no multiple of 1 KiB, because
   * rows that far apart fall on the same cache sets and cost 60 to 90 % of the speed.
   */
  public static int stride(int n) {
    int stride = roundUp(n);
    return stride % 256 == 0 ? stride + BLOCK : stride;
  }

  private static int width(int outputs, int panel) {
    return Math.min(PANEL, roundUp(outputs) - panel * PANEL);
  }

  /** K. */
  public int inputs() {
    return inputs;
  }

  /** N. */
  public int outputs() {
    return outputs;
  }

  /** Number of panels. */
  public int panelCount() {
    return (outputs + PANEL - 1) / PANEL;
  }

  /**
   * Width of a panel: {@value #PANEL}, or for the last one what remains of N rounded up to {@value
   * #BLOCK}.
   */
  public int panelWidth(int panel) {
    return width(outputs, panel);
  }

  /** Index of the panel's first float (its bias row) in {@link #panels()}. */
  public long panelOffset(int panel) {
    return (long) panel * PANEL * (inputs + 1);
  }

  /** The packed memory, read-only, aligned to {@value #ALIGNMENT} bytes. */
  public MemorySegment panels() {
    return panels;
  }
}
