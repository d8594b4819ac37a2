package io.github.elegans.vector;

import static io.github.elegans.vector.Bfloat16Tiles.column;
import static io.github.elegans.vector.Vectors.BYTES;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;

/** Fully connected layers: panels of packed weights by register tiles. */
final class VectorDense implements DenseKernels {
  /** Rows of the largest tile. */
  private static final int TILE_ROWS = 6;

  /** Rows that go through all panels together. */
  private static final int CHUNK = Workspace.CHUNK;

  private static final int PANEL_BYTES = PanelLayout.PANEL * Float.BYTES;

  /** Bytes of a line of bfloat16. */
  private static final int LINE = PanelLayout.BLOCK * Integer.BYTES;

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
    return (panels - 1) * PanelLayout.PANEL + weights.panelWidth(panel + panels - 1);
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
    int done = rows == 1 ? row(weights, panel, panels, x, y) : 0;
    if (done > 0) {
      return done;
    }
    switch (weights.storage()) {
      case FLOAT32 -> float32(weights, panel, x, xStride, y, yStride, rows);
      case BFLOAT16 -> bfloat16(weights, panel, x, xStride, y, yStride, rows);
    }
    return 1;
  }

  /**
   * One row of a whole panel, or of two where that makes eight vectors: eight chains of sums hide
   * the latency of the fused multiply-add. The result is the number of panels, 0 if there are not
   * enough.
   */
  private static int row(DenseWeights weights, int panel, int panels, long x, long y) {
    boolean two = 8 * BYTES == 2 * PANEL_BYTES;
    int done = two ? 2 : 1;
    if (panels < done || weights.panelWidth(panel + done - 1) != PanelLayout.PANEL) {
      return 0;
    }
    int inputs = weights.inputs();
    long first = address(weights, panel);
    long next = two ? address(weights, panel + 1) : 0;
    switch (weights.storage()) {
      case FLOAT32 -> {
        if (two) {
          Tiles.tile1x8(x, first, PANEL_BYTES, next - first, inputs, y);
          return done;
        }
        for (int at = 0; at < PANEL_BYTES; at += 8 * BYTES) {
          Tiles.tile1x8(x, first + at, PANEL_BYTES, 4L * BYTES, inputs, y + at);
        }
      }
      case BFLOAT16 -> {
        int width = PANEL_BYTES / 2;
        long w = first + PANEL_BYTES;
        if (two) {
          Bfloat16Tiles.tile1x8(x, first, w, next, next + PANEL_BYTES, width, inputs, y);
          return done;
        }
        for (int at = 0; at < width; at += 4 * BYTES) {
          int half = at + 2 * BYTES;
          long to = column(at);
          Bfloat16Tiles.tile1x8(
              x, first + to, w + at, first + column(half), w + half, width, inputs, y + to);
        }
      }
    }
    return done;
  }

  private static void float32(
      DenseWeights weights, int panel, long x, long xStride, long y, long yStride, int rows) {
    long w = address(weights, panel);
    int inputs = weights.inputs();
    long width = (long) weights.panelWidth(panel) * Float.BYTES;
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
  }

  private static void bfloat16(
      DenseWeights weights, int panel, long x, long xStride, long y, long yStride, int rows) {
    long bias = address(weights, panel);
    int inputs = weights.inputs();
    long width = (long) weights.paddedWidth(panel) * Short.BYTES;
    long w = bias + 2 * width;
    // A vector of words is two of columns, but only one where the upper halves are padding.
    long pairs = weights.panelWidth(panel) * (long) Short.BYTES / LINE * LINE;
    for (long at = 0; at < width; ) {
      long to = column(at);
      if (TILE_VECTORS == 4 && at + 2L * BYTES <= pairs) {
        Bfloat16Tiles.rowsX4(rows, x, xStride, bias + to, w + at, width, inputs, y + to, yStride);
        at += 2L * BYTES;
      } else if (at < pairs) {
        Bfloat16Tiles.rowsX2(rows, x, xStride, bias + to, w + at, width, inputs, y + to, yStride);
        at += BYTES;
      } else {
        Bfloat16Tiles.rowsX1(rows, x, xStride, bias + to, w + at, width, inputs, y + to, yStride);
        at += BYTES;
      }
    }
  }

  private static long address(DenseWeights weights, int panel) {
    return weights.panels().address() + weights.panelOffset(panel) * Float.BYTES;
  }
}
