package io.github.elegans.kernels.optimiser;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Steps of optimisers over arrays of parameters p and gradients g, elementwise; the order of the
 * operations is that of {@link ScalarOptimisers}. Every gradient is first multiplied by {@code
 * scale} (of clipping by norm, 1 for none), and then clamped to ±{@code clip} (infinity for none).
 * What is stored, parameters and moments, is flushed: magnitudes below 2⁻¹⁰⁰ become 0. All memory
 * is float32 and disjoint. A step's constants are computed in double by the caller and rounded
 * once.
 */
public interface OptimiserKernels {
  /** The family. */
  KernelFamily<OptimiserKernels> FAMILY =
      new KernelFamily<>(
          "optimisers", OptimiserKernels.class, ScalarOptimisers::new, CheckedOptimisers::new);

  /** Adds: {@code sum[i] = sum[i] + x[i]}, i &lt; n. What merges the gradients of two leaves. */
  void add(MemorySegment x, MemorySegment sum, long n);

  /**
   * Sums of squares in double, in 16 chains of fused multiply-adds: {@code sums[c] = fma(x, x,
   * sums[c])} for every row's element c, row by row. Chains go on from what {@code sums} holds.
   *
   * @param x rows of 16 floats, {@code stride} floats apart
   * @param sums 16 doubles
   */
  void sumsOfSquares(MemorySegment x, long stride, long rows, MemorySegment sums);

  /**
   * One step over {@code rows} rows of {@code width} floats that begin {@code stride} floats apart,
   * in all of the arrays; a contiguous array is one row.
   *
   * @param step the rule and its constants
   * @param p the parameters, read and written
   * @param g their gradients, which stay as they are
   * @param first the rule's first state array, read and written; null if it has none
   * @param second its second one; null if it has none
   * @param third its third one; null if it has none
   * @param width a multiple of 16
   */
  void step(
      OptimiserStep step,
      MemorySegment p,
      MemorySegment g,
      @Nullable MemorySegment first,
      @Nullable MemorySegment second,
      @Nullable MemorySegment third,
      long stride,
      long width,
      long rows);
}
