package io.github.elegans.kernels;

/**
 * How packed weights lie in memory. All arithmetic is float32 whatever the storage: a stored weight
 * is widened exactly, and then the same fused multiply-adds follow. The ordinal is part of the
 * native ABI ({@code elegans.h}): append only.
 */
public enum WeightStorage {
  /** As given. */
  FLOAT32,
  /**
   * Rounded to bfloat16, the upper half of a float32: the same range, 8 significant bits, nearest
   * and ties to even. Half the bytes, for models whose speed is that of reading their weights:
   * small batches. Biases stay float32: they are few, and every output begins with one.
   */
  BFLOAT16;

  /** Magnitudes from here on have no finite bfloat16: halfway from the largest one to 2¹²⁸. */
  private static final float BFLOAT16_OVERFLOW = 0x1.ffp127f;

  /** Outputs that share a line of memory, which panels are padded to. */
  public int block() {
    return this == FLOAT32 ? PanelLayout.BLOCK : 2 * PanelLayout.BLOCK;
  }

  /** The bits of the bfloat16 nearest to a finite weight, ties to even, in the lower half. */
  public static int toBfloat16(float weight) {
    int bits = Float.floatToRawIntBits(weight);
    return (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
  }

  /** Throws unless all weights, which must be finite, have a finite value in this storage. */
  public void require(String what, float[] weights) {
    if (this == FLOAT32) {
      return;
    }
    for (int i = 0; i < weights.length; i++) {
      if (Math.abs(weights[i]) >= BFLOAT16_OVERFLOW) {
        throw new IllegalArgumentException(
            "%s must round to a finite bfloat16, but element %d is %s"
                .formatted(what, i, weights[i]));
      }
    }
  }
}
