package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;

/** Kernels on rows. */
final class Rows {
  private Rows() {}

  /** Rows of {@code y} become those of {@code x} times the matrix. */
  static void dense(
      Kernels kernels, DenseWeights weights, RowBuffer x, int xRow, RowBuffer y, int yRow, int n) {
    kernels
        .dense()
        .forward(
            weights,
            Activation.LINEAR,
            Accuracy.ACCURATE,
            x.from(xRow),
            x.stride(),
            y.from(yRow),
            y.stride(),
            n);
  }

  /** Rows [x | h]; those of h are the first ones. */
  static void join(RowBuffer x, int xRow, RowBuffer h, RowBuffer to, int toRow, int n) {
    int inputs = to.width() - h.width();
    for (int i = 0; i < n; i++) {
      x.copyRow(xRow + i, 0, to, toRow + i, 0, inputs);
      h.copyRow(i, 0, to, toRow + i, inputs, h.width());
    }
  }

  /** Copies rows to others that are at least as wide. */
  static void copy(RowBuffer from, int fromRow, RowBuffer to, int toRow, int n) {
    for (int i = 0; i < n; i++) {
      from.copyRow(fromRow + i, 0, to, toRow + i, 0, from.width());
    }
  }

  /** Adds rows to others of the same width. */
  static void add(Kernels kernels, RowBuffer x, int xRow, RowBuffer to, int toRow, int n) {
    kernels.optimisers().add(x.from(xRow), to.from(toRow), n * x.stride());
  }
}
