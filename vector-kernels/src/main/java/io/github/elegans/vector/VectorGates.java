package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.ROWS;
import static io.github.elegans.vector.Vectors.STRIDE;
import static jdk.incubator.vector.VectorOperators.GE;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * What the gates of cells share in training: passes over rows of blocks of 16 units. A column of
 * vectors is gone through from row to row, so that the passes' inner loops are as long as a step
 * has rows.
 */
final class VectorGates {
  private static final int BLOCK = PanelLayout.BLOCK;

  /** Of rows that the passes go through together: they stay in the first-level cache. */
  private static final long BYTES_TOGETHER = 1 << 14;

  private static final int MOST_ROWS = 1 << 10;

  /** Blocks that one call of an elementwise function takes at most. */
  private static final int MOST_BLOCKS = 1 << 20;

  private static final FloatVector ZERO = FloatVector.zero(FLOATS);

  /** 0, 1, 2, … */
  static final FloatVector INDEX = ZERO.addIndex(1);

  private VectorGates() {}

  /** How many rows of so many bytes the passes go through together. */
  static int rowsTogether(long bytes) {
    return Math.clamp(BYTES_TOGETHER / bytes, 1, MOST_ROWS);
  }

  /**
   * y = function(y) of some columns of every block.
   *
   * @param y the first block's first of these columns
   * @param blockBytes from block to block
   * @param stride from row to row in bytes
   */
  static void activate(
      Activation function,
      Accuracy accuracy,
      long y,
      int columns,
      long blockBytes,
      int blocks,
      long stride,
      int rows) {
    if (rows == 1 || stride == blocks * blockBytes) {
      int all = rows * blocks;
      for (int block = 0; block < all; block += MOST_BLOCKS) {
        int n = Math.min(MOST_BLOCKS, all - block);
        VectorMath.activate(function, accuracy, y + block * blockBytes, blockBytes, n, columns);
      }
      return;
    }
    for (int block = 0; block < blocks; block++) {
      VectorMath.activate(function, accuracy, y + block * blockBytes, stride, rows, columns);
    }
  }

  /**
   * Zeros behind the units of a last block of rows.
   *
   * @param units of that block
   */
  static void clearPadding(long lastBlock, long stride, int units, int rows) {
    for (int row = 0; row < rows; row += MOST_ROWS) {
      clear(lastBlock + row * stride, stride, units, Math.min(MOST_ROWS, rows - row));
    }
  }

  private static void clear(long lastBlock, long stride, int units, int rows) {
    lastBlock &= ADDRESS;
    stride &= STRIDE;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector left = FloatVector.broadcast(FLOATS, units - lane);
      for (int row = 0; row < rows; row++) {
        long at = lastBlock + lane * 4L + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        x.blend(ZERO, INDEX.compare(GE, left)).intoMemorySegment(ALL, at, ORDER);
      }
    }
  }

  /** The sum of sixteen chains: the upper half to the lower, until one is left. */
  static float folded(long chains) {
    chains &= ADDRESS;
    float sum0 = two(chains, 0) + two(chains, 4);
    float sum1 = two(chains, 1) + two(chains, 5);
    float sum2 = two(chains, 2) + two(chains, 6);
    float sum3 = two(chains, 3) + two(chains, 7);
    return (sum0 + sum2) + (sum1 + sum3);
  }

  private static float two(long chains, int i) {
    return Vectors.get(chains + 4L * i) + Vectors.get(chains + 4L * (i + 8));
  }
}
