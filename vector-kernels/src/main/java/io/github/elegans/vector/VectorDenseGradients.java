package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.BYTES;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseGradientKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import java.lang.foreign.MemorySegment;

/**
 * What training needs of fully connected layers: the gradient by register tiles, and transposes.
 */
final class VectorDenseGradients implements DenseGradientKernels {
  /** Vectors of the largest tile: 5 x 4 sums need 32 registers, 6 x 2 fit in 16. */
  private static final int TILE_VECTORS = Vectors.MANY_REGISTERS ? 4 : 2;

  /**
   * Rows that go through all tiles of a panel together: those of its dz stay in the first cache.
   */
  private static final int PART = 128;

  /** Rows that go through all panels together: those of x stay in the second cache. */
  private static final int ROWS = 512;

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
    long xBytes = xStride * Float.BYTES;
    long dzBytes = dzStride * Float.BYTES;
    for (int first = 0; first < rows; first += ROWS) {
      int end = first + Math.min(ROWS, rows - first);
      for (int column = 0; column < columns; column += PanelLayout.PANEL) {
        long width = Math.min(PanelLayout.PANEL, columns - column) * (long) Float.BYTES;
        long g = gradient.address() + column * (inputs + 1L) * Float.BYTES;
        long d = dz.address() + (long) column * Float.BYTES;
        for (int row = first; row < end; row += PART) {
          int part = Math.min(PART, end - row);
          panel(
              x.address() + row * xBytes,
              xBytes,
              d + row * dzBytes,
              dzBytes,
              part,
              inputs,
              g,
              width);
        }
      }
    }
  }

  /** Widths and strides in bytes. */
  private static void panel(
      long x, long xStride, long dz, long dzStride, int rows, int inputs, long g, long width) {
    for (long at = 0; at < width; ) {
      int vectors = vectors(width - at);
      // The first tile is that of the biases, too.
      int n = tileInputs(inputs + 1, vectors) - 1;
      long d = dz + at;
      switch (vectors) {
        case 4 -> GradientTiles.biasAndInputsX4(n, x, xStride, d, dzStride, rows, g + at, width);
        case 2 -> GradientTiles.biasAndInputsX2(n, x, xStride, d, dzStride, rows, g + at, width);
        default -> GradientTiles.biasAndInputsX1(n, x, xStride, d, dzStride, rows, g + at, width);
      }
      for (int k = n; k < inputs; k += n) {
        n = tileInputs(inputs - k, vectors);
        long from = x + (long) k * Float.BYTES;
        long to = g + (k + 1) * width + at;
        switch (vectors) {
          case 4 -> GradientTiles.inputsX4(n, from, xStride, d, dzStride, rows, to, width);
          case 2 -> GradientTiles.inputsX2(n, from, xStride, d, dzStride, rows, to, width);
          default -> GradientTiles.inputsX1(n, from, xStride, d, dzStride, rows, to, width);
        }
      }
      at += (long) vectors * BYTES;
    }
  }

  /** Of the next tile, where so many bytes remain. */
  private static int vectors(long bytes) {
    long vectors = bytes / BYTES;
    return vectors >= TILE_VECTORS ? TILE_VECTORS : vectors >= 2 ? 2 : 1;
  }

  /** Of the next tile, where so many inputs remain: evenly spread. */
  private static int tileInputs(int inputs, int vectors) {
    int most = vectors == 4 ? 5 : 6;
    int tiles = (inputs + most - 1) / most;
    return (inputs + tiles - 1) / tiles;
  }

  @Override
  public void transpose(
      DenseWeights weights, int firstInput, int inputs, MemorySegment transposed) {
    int outputs = weights.outputs();
    int columns = PanelLayout.roundUp(inputs);
    for (int k = 0; k < columns; k += PanelLayout.BLOCK) {
      int first = k & -PanelLayout.PANEL;
      long toWidth = Math.min(PanelLayout.PANEL, columns - first);
      long to =
          transposed.address() + (first * (outputs + 1L) + k % PanelLayout.PANEL) * Float.BYTES;
      int present = Math.min(PanelLayout.BLOCK, inputs - k);
      for (int i = 0; i < PanelLayout.BLOCK; i++) {
        Vectors.set(to + (long) i * Float.BYTES, 0);
      }
      to += toWidth * Float.BYTES;
      for (int n = 0; n < outputs; n += PanelLayout.BLOCK) {
        int panel = n / PanelLayout.PANEL;
        long fromWidth = weights.panelWidth(panel);
        long from =
            weights.panels().address()
                + (weights.panelOffset(panel)
                        + (1L + firstInput + k) * fromWidth
                        + n % PanelLayout.PANEL)
                    * Float.BYTES;
        int rows = Math.min(PanelLayout.BLOCK, outputs - n);
        block(
            from,
            fromWidth * Float.BYTES,
            present,
            rows,
            to + n * toWidth * Float.BYTES,
            toWidth * Float.BYTES);
      }
    }
  }

  /**
   * to[j][i] = from[i][j] for j &lt; rows and i &lt; present, both at most 16; zeros in the rest of
   * the 16 columns. Strides in bytes.
   */
  private static void block(
      long from, long fromStride, int present, int rows, long to, long toStride) {
    from &= ADDRESS;
    to &= ADDRESS;
    fromStride &= Vectors.WIDTH;
    toStride &= Vectors.WIDTH;
    for (int j = 0; j < rows; j++) {
      long a = from + 4L * (j & 15);
      long b = to + (j & 15) * toStride;
      if (present == PanelLayout.BLOCK) {
        for (int i = 0; i < 16; i++) {
          Vectors.set(b + 4L * (i & 15), Vectors.get(a + (i & 15) * fromStride));
        }
      } else {
        for (int i = 0; i < 16; i++) {
          float value = i < present ? Vectors.get(a + (i & 15) * fromStride) : 0;
          Vectors.set(b + 4L * (i & 15), value);
        }
      }
    }
  }
}
