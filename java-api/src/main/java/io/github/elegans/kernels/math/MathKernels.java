package io.github.elegans.kernels.math;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;

/** Elementwise functions over arrays. */
public interface MathKernels {
  /** The family. */
  KernelFamily<MathKernels> FAMILY =
      new KernelFamily<>("math", MathKernels.class, ScalarMath::new, CheckedMath::new);

  /**
   * y[i] = function(x[i]) in float32, for i &lt; n.
   *
   * @param x n floats
   * @param y n floats; the same memory as {@code x} or disjoint from it
   */
  void apply(Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n);

  /**
   * y[i] = function(x[i]) in float64 (accurate tier), for i &lt; n.
   *
   * @param x n doubles
   * @param y n doubles; the same memory as {@code x} or disjoint from it
   */
  void applyDouble(Activation function, MemorySegment x, MemorySegment y, long n);
}
