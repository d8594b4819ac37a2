package io.github.elegans.ode;

import io.github.elegans.expressions.Graph;

/**
 * Gaussian elimination of a sparse matrix, written out as nodes. Pivots are taken from the diagonal
 * in Markowitz' order, fixed for all lanes: I/(hγ) − J is dominated by its diagonal once the step
 * is small enough, and steps that are not fail their error test.
 */
final class Elimination {
  private final Graph g;
  private final int n;
  private final int[] order;
  private final int[][] entries;
  private final int[] inverses;

  /** Eliminates the matrix {@code [row][column]}, in which -1 stands for 0. */
  Elimination(Graph g, int[][] matrix) {
    this.g = g;
    this.n = matrix.length;
    this.order = new int[n];
    this.entries = matrix;
    this.inverses = new int[n];
    boolean[] done = new boolean[n];
    for (int step = 0; step < n; step++) {
      int pivot = cheapest(done);
      order[step] = pivot;
      done[pivot] = true;
      inverses[pivot] = g.div(g.constant(1), entries[pivot][pivot]);
      for (int i = 0; i < n; i++) {
        if (!done[i] && entries[i][pivot] >= 0) {
          eliminate(i, pivot, done);
        }
      }
    }
  }

  /** The rest of the matrix with the fewest products to make. */
  private int cheapest(boolean[] done) {
    int best = -1;
    int least = Integer.MAX_VALUE;
    for (int p = 0; p < n; p++) {
      if (!done[p]) {
        int rows = 0;
        int columns = 0;
        for (int i = 0; i < n; i++) {
          rows += !done[i] && i != p && entries[i][p] >= 0 ? 1 : 0;
          columns += !done[i] && i != p && entries[p][i] >= 0 ? 1 : 0;
        }
        if (rows * columns < least) {
          least = rows * columns;
          best = p;
        }
      }
    }
    return best;
  }

  private void eliminate(int row, int pivot, boolean[] done) {
    int factor = g.mul(entries[row][pivot], inverses[pivot]);
    entries[row][pivot] = factor;
    int negative = g.neg(factor);
    for (int j = 0; j < n; j++) {
      if (!done[j] && entries[pivot][j] >= 0) {
        int before = entries[row][j] < 0 ? g.constant(0) : entries[row][j];
        entries[row][j] = g.fma(negative, entries[pivot][j], before);
      }
    }
  }

  /** The solution for a right side. */
  int[] solve(int[] right) {
    int[] x = right.clone();
    for (int k = 0; k < n; k++) {
      int pivot = order[k];
      for (int l = k + 1; l < n; l++) {
        int row = order[l];
        if (entries[row][pivot] >= 0) {
          x[row] = g.fma(g.neg(entries[row][pivot]), x[pivot], x[row]);
        }
      }
    }
    for (int k = n - 1; k >= 0; k--) {
      int pivot = order[k];
      for (int l = k + 1; l < n; l++) {
        int column = order[l];
        if (entries[pivot][column] >= 0) {
          x[pivot] = g.fma(g.neg(entries[pivot][column]), x[column], x[pivot]);
        }
      }
      x[pivot] = g.mul(x[pivot], inverses[pivot]);
    }
    return x;
  }
}
