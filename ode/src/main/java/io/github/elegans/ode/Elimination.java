package io.github.elegans.ode;

import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node.Real;
import org.jspecify.annotations.Nullable;

/**
 * Gaussian elimination of a sparse matrix, written out as nodes. Pivots are taken from the diagonal
 * in Markowitz' order, fixed for all lanes: I/(hγ) − J is dominated by its diagonal once the step
 * is small enough, and steps that are not fail their error test.
 */
final class Elimination {
  private final Graph g;
  private final int n;
  private final int[] order;
  private final @Nullable Real[][] entries;
  private final Real[] inverses;

  // Of the rest of the matrix: how many entries beside the diagonal a column and a row have.
  private final int[] inColumn;
  private final int[] inRow;

  /** Eliminates the matrix {@code [row][column]}, in which null stands for 0. */
  Elimination(Graph g, @Nullable Real[][] matrix) {
    this.g = g;
    this.n = matrix.length;
    this.order = new int[n];
    this.entries = matrix;
    this.inverses = new Real[n];
    this.inColumn = new int[n];
    this.inRow = new int[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        count(i, j, entries[i][j] != null ? 1 : 0);
      }
    }
    boolean[] done = new boolean[n];
    for (int step = 0; step < n; step++) {
      int pivot = cheapest(done);
      order[step] = pivot;
      done[pivot] = true;
      for (int i = 0; i < n; i++) {
        count(pivot, i, entries[pivot][i] != null ? -1 : 0);
        count(i, pivot, entries[i][pivot] != null ? -1 : 0);
      }
      inverses[pivot] = g.div(g.constant(1), entries[pivot][pivot]);
      for (int i = 0; i < n; i++) {
        if (!done[i] && entries[i][pivot] != null) {
          eliminate(i, pivot, done);
        }
      }
    }
  }

  private void count(int row, int column, int change) {
    if (row != column) {
      inRow[row] += change;
      inColumn[column] += change;
    }
  }

  /** The rest of the matrix with the fewest products to make. */
  private int cheapest(boolean[] done) {
    int best = -1;
    int least = Integer.MAX_VALUE;
    for (int p = 0; p < n; p++) {
      if (!done[p] && inColumn[p] * inRow[p] < least) {
        least = inColumn[p] * inRow[p];
        best = p;
      }
    }
    return best;
  }

  private void eliminate(int row, int pivot, boolean[] done) {
    Real factor = g.mul(entries[row][pivot], inverses[pivot]);
    entries[row][pivot] = factor;
    Real negative = g.neg(factor);
    for (int j = 0; j < n; j++) {
      if (!done[j] && entries[pivot][j] != null) {
        Real before = entries[row][j] == null ? g.constant(0) : entries[row][j];
        count(row, j, entries[row][j] == null ? 1 : 0);
        entries[row][j] = g.fma(negative, entries[pivot][j], before);
      }
    }
  }

  /** The solution for a right side. */
  Real[] solve(Real[] right) {
    Real[] x = right.clone();
    for (int k = 0; k < n; k++) {
      int pivot = order[k];
      for (int l = k + 1; l < n; l++) {
        int row = order[l];
        if (entries[row][pivot] != null) {
          x[row] = g.fma(g.neg(entries[row][pivot]), x[pivot], x[row]);
        }
      }
    }
    for (int k = n - 1; k >= 0; k--) {
      int pivot = order[k];
      for (int l = k + 1; l < n; l++) {
        int column = order[l];
        if (entries[pivot][column] != null) {
          x[pivot] = g.fma(g.neg(entries[pivot][column]), x[column], x[pivot]);
        }
      }
      x[pivot] = g.mul(x[pivot], inverses[pivot]);
    }
    return x;
  }
}
