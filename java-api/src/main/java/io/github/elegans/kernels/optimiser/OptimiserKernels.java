package io.github.elegans.kernels.optimiser;

import java.lang.foreign.MemorySegment;

/**
 * Steps of optimisers over arrays of parameters p and gradients g, elementwise; the order of the
 * operations is that of {@code ScalarOptimisers}. Every gradient is first multiplied by {@code
 * scale} (of clipping by norm, 1 for none), and then clamped to ±{@code clip} (infinity for none).
 * What is stored, parameters and moments, is flushed: magnitudes below 2⁻¹⁰⁰ become 0. All memory
 * is float32 and disjoint. A step's constants are computed in double by the caller and rounded
 * once.
 */
public interface OptimiserKernels {

  /**
   * Adds: {@code sum[i] = sum[i] + x[i]}, i &lt; n. What merges the gradients of two leaves.
   */
  void add(MemorySegment x, MemorySegment sum, long n);

  /**
   * Sums of squares in double, in 16 chains of fused multiply-adds: {@code sums[c] = fma(x, x,
   * sums[c])} for every row's element c, row by row. Chains go on from what {@code sums} holds.
   *
   * @param x rows of 16 floats, {@code stride} floats apart
   * @param sums 16 doubles
   */
  void sumsOfSquares(MemorySegment x, long stride, long rows, MemorySegment sums);
}
