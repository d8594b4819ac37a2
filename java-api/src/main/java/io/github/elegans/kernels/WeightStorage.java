package io.github.elegans.kernels;

/** How weights are stored; arithmetic is in float32 in any case. */
public enum WeightStorage {
  /** As they are. */
  FLOAT32,
  /**
   * Rounded to the nearest bfloat16 (ties to even) and widened, exactly, in the kernel: half the
   * memory, and half the bandwidth where that is the limit.
   */
  BFLOAT16
}
