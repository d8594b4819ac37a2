package io.github.elegans.kernels.dense;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;

/**
 * What training needs of fully connected layers beyond {@link DenseKernels}. The gradient of the
 * inputs is no kernel of its own: it is {@link DenseKernels#forward} of the transposed layer.
 */
public interface DenseGradientKernels {
  /** The family. */
  KernelFamily<DenseGradientKernels> FAMILY =
      new KernelFamily<>(
          "dense gradients",
          DenseGradientKernels.class,
          ScalarDenseGradients::new,
          CheckedDenseGradients::new);

  /**
   * Adds the gradient of weights and biases of a layer z = b + x W, dW = xᵀ dz and db = Σ dz: each
   * weight's is one chain of fused multiply-adds over the rows in their order, {@code g[k][n] =
   * fma(x[r][k], dz[r][n], g[k][n])}, each bias's one of additions, {@code g[n] = g[n] + dz[r][n]}.
   * Chains start from what {@code gradient} holds, so that rows may come in several calls.
   *
   * @param x rows of K floats, {@code xStride} floats apart
   * @param dz rows of N floats, {@code dzStride} floats apart; the floats of a row between N and
   *     that rounded up to 16 must be zeros, for they are added to the padding of {@code gradient}
   *     like the others
   * @param inputs K
   * @param outputs N
   * @param gradient the float32 panels of a layer of K inputs and N outputs, as {@link
   *     DenseWeights#panels} lays them out; disjoint from the others
   */
  void weights(
      MemorySegment x,
      long xStride,
      MemorySegment dz,
      long dzStride,
      int rows,
      int inputs,
      int outputs,
      MemorySegment gradient);

  /**
   * Packs the transposed layer, which takes gradients of z to those of x: N inputs, outputs for the
   * inputs {@code firstInput .. firstInput + inputs - 1}, biases and padding zero. {@link
   * DenseWeights#view} makes a layer of it.
   *
   * @param weights float32
   * @param transposed receives the panels of a layer of N inputs and {@code inputs} outputs, {@link
   *     DenseWeights#panelFloats} of them; disjoint from the weights
   */
  void transpose(DenseWeights weights, int firstInput, int inputs, MemorySegment transposed);
}
