package io.github.elegans.kernels;

import io.github.elegans.checks.Require;

/** How packed weights and rows of numbers lie in memory, for all instruction sets. */
public final class PanelLayout {
  /** Outputs of a whole panel. */
  public static final int PANEL = 64;

  /** Outputs are padded to a multiple of this. */
  public static final int BLOCK = 16;

  /** Magnitudes below this are flushed to zero. */
  public static final float FLUSH = 0x1p-100f;

  /** Bytes to which packed memory is aligned. */
  public static final long ALIGNMENT = 64;

  private PanelLayout() {}

  /** Magnitudes below {@link #FLUSH} become 0, which keeps subnormals out of the recurrence. */
  public static float flush(float h) {
    return Math.abs(h) < FLUSH ? 0f : h;
  }

  /** The smallest multiple of {@value #BLOCK} that is at least n. */
  public static int roundUp(int n) {
    return Require.sum("outputs, rounded up to 16", n, BLOCK - 1) & -BLOCK;
  }

  /**
   * A row stride for n floats: a multiple of {@value #BLOCK} that is no multiple of 1 KiB, because
   * rows that far apart fall on the same cache sets and cost 60 to 90 % of the speed.
   */
  public static int stride(int n) {
    int stride = roundUp(n);
    return stride % 256 == 0 ? stride + BLOCK : stride;
  }
}
