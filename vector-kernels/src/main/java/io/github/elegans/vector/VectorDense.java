package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.BYTES;

import io.github.elegans.kernels.Accuracy;
import io.github.elegans.kernels.Activation;
import io.github.elegans.kernels.DenseKernels;
import io.github.elegans.kernels.DenseWeights;
import java.lang.foreign.MemorySegment;

/** Fully connected layers: panels of packed weights by register tiles. */
final class VectorDense implements DenseKernels {
  /** Rows of the largest tile. */
  static final int TILE_ROWS = 6;

  /** Rows that go through all panels together, so that they stay in the first-level caches. */
  private static final int CHUNK = 48;

  private static final int PANEL_BYTES = DenseWeights.PANEL * Float.BYTES;

  /** Vectors of the largest tile: 6 x 4 sums need 32 registers, 6 x 2 fit in 16. */
  private static final int TILE_VECTORS = Vectors.MANY_REGISTERS ? 4 : 2;

  @Override
  public void forward(
      DenseWeights weights,
      Activation activation,
      Accuracy accuracy,
      MemorySegment x,
      long xStride,
      MemorySegment y,
      long yStride,
      int rows) {
    for (int row = 0; row < rows; row += CHUNK) {
      panels(
          weights,
          0,
          weights.panelCount(),
          activation,
          accuracy,
          x.address() + row * xStride * Float.BYTES,
          xStride * Float.BYTES,
          y.address() + row * yStride * Float.BYTES,
          yStride * Float.BYTES,
          Math.min(CHUNK, rows - row));
    }
  }

  /** Panels of a layer, with activation. Strides in bytes. */
  static void panels(
      DenseWeights weights,
      int firstPanel,
      int panels,
      Activation activation,
      Accuracy accuracy,
      long x,
      long xStride,
      long y,
      long yStride,
      int rows) {
    int end = firstPanel + panels;
    for (int panel = firstPanel; panel < end; ) {
      int done = 1;
      for (int row = 0; row < rows; ) {
        int n = tileRows(rows - row);
        long to = y + row * yStride + (long) panel * PANEL_BYTES;
        done = tile(weights, panel, end - panel, x + row * xStride, xStride, to, yStride, n);
        int columns = columns(weights, panel, done);
        VectorMath.activate(activation, accuracy, to, yStride, n, columns);
        row += n;
      }
      panel += done;
    }
  }

  /** The next tile's rows when that many remain: at most 6, evenly spread. */
  static int tileRows(int rows) {
    int tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
    return (rows + tiles - 1) / tiles;
  }

  /** Columns of one panel, or of two. */
  static int columns(DenseWeights weights, int panel, int panels) {
    return (panels - 1) * DenseWeights.PANEL + weights.panelWidth(panel + panels - 1);
  }

  /**
   * One tile without activation: at most 6 rows of one panel, or, where {@code panels}, those that
   * remain, allow it and it pays, of two; how many is the result. Strides in bytes.
   */
  static int tile(
      DenseWeights weights,
      int panel,
      int panels,
      long x,
      long xStride,
      long y,
      long yStride,
      int rows) {
    long w = weights.panels().address() + weights.panelOffset(panel) * Float.BYTES;
    int inputs = weights.inputs();
    int columns = weights.panelWidth(panel);
    long width = (long) columns * Float.BYTES;
    if (rows == 1 && columns == DenseWeights.PANEL) {
      // Eight chains of sums hide the latency of the fused multiply-add.
      if (8 * BYTES == 2 * PANEL_BYTES) {
        if (panels > 1 && weights.panelWidth(panel + 1) == DenseWeights.PANEL) {
          Tiles.tile1x8(x, w, width, width * (inputs + 1), inputs, y);
          return 2;
        }
      } else {
        for (int at = 0; at < PANEL_BYTES; at += 8 * BYTES) {
          Tiles.tile1x8(x, w + at, width, 4 * BYTES, inputs, y + at);
        }
        return 1;
      }
    }
    for (long at = 0; at < width; ) {
      int vectors = (int) Math.min(TILE_VECTORS, (width - at) / BYTES);
      if (vectors == 4) {
        Tiles.rowsX4(rows, x, xStride, w + at, width, inputs, y + at, yStride);
      } else if (vectors >= 2) {
        vectors = 2;
        Tiles.rowsX2(rows, x, xStride, w + at, width, inputs, y + at, yStride);
      } else {
        Tiles.rowsX1(rows, x, xStride, w + at, width, inputs, y + at, yStride);
      }
      at += (long) vectors * BYTES;
    }
    return 1;
  }
}
