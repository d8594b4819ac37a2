package io.github.elegans.kernels.dense;

import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.kernels.PanelLayout;
import java.lang.foreign.MemorySegment;

/** What training needs of fully connected layers, by definition. */
final class ScalarDenseGradients implements DenseGradientKernels {

  @Override
  public void weights(
      MemorySegment x,
      long xStride,
      MemorySegment dz,
      long dzStride,
      int rows,
      int inputs,
      int outputs,
      MemorySegment gradient) {
    int columns = PanelLayout.roundUp(outputs);
    for (int row = 0; row < rows; row++) {
      for (int n = 0; n < columns; n++) {
        float d = get(dz, row * dzStride + n);
        long bias = DenseWeights.weightOffset(inputs, columns, n, -1);
        set(gradient, bias, get(gradient, bias) + d);
        for (int k = 0; k < inputs; k++) {
          long weight = DenseWeights.weightOffset(inputs, columns, n, k);
          set(gradient, weight, Math.fma(get(x, row * xStride + k), d, get(gradient, weight)));
        }
      }
    }
  }

  @Override
  public void transpose(
      DenseWeights weights, int firstInput, int inputs, MemorySegment transposed) {
    int columns = PanelLayout.roundUp(inputs);
    for (int k = 0; k < columns; k++) {
      for (int n = -1; n < weights.outputs(); n++) {
        float weight = n >= 0 && k < inputs ? weights.weight(n, firstInput + k) : 0;
        set(transposed, DenseWeights.weightOffset(weights.outputs(), columns, k, n), weight);
      }
    }
  }
}
