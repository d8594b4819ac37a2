package io.github.elegans.contract;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tables of test cases in which any two values of any two parameters meet at least once: nearly all
 * that the full product would find, in a small fraction of the cases.
 */
final class Pairwise {
  private static final int CANDIDATES = 12;

  private final int[] levels;
  private final int[] firstOf;
  private final int values;
  private final BitSet open = new BitSet();
  private final SplittableRandom random = new SplittableRandom(2);

  private Pairwise(int... levels) {
    this.levels = levels.clone();
    firstOf = new int[levels.length];
    int total = 0;
    for (int p = 0; p < levels.length; p++) {
      firstOf[p] = total;
      total += levels[p];
    }
    values = total;
  }

  /**
   * The table.
   *
   * @param levels for each parameter, the number of its values
   * @return for each case the index of each parameter's value; always the same table for the same
   *     levels
   */
  static List<int[]> table(int... levels) {
    return new Pairwise(levels).table();
  }

  private List<int[]> table() {
    for (int p = 0; p < levels.length; p++) {
      for (int q = p + 1; q < levels.length; q++) {
        for (int a = 0; a < levels[p]; a++) {
          for (int b = 0; b < levels[q]; b++) {
            open.set(pair(p, a, q, b));
          }
        }
      }
    }
    List<int[]> rows = new ArrayList<>();
    while (!open.isEmpty()) {
      int[] best = new int[levels.length];
      int most = -1;
      for (int i = 0; i < CANDIDATES; i++) {
        int[] candidate = candidate();
        int covered = cover(candidate, false);
        if (covered > most) {
          most = covered;
          best = candidate;
        }
      }
      cover(best, true);
      rows.add(best);
    }
    return rows;
  }

  /** A row around one open pair, the other parameters chosen greedily in random order. */
  private int[] candidate() {
    int[] row = new int[levels.length];
    boolean[] chosen = new boolean[levels.length];
    int pair = open.nextSetBit(random.nextInt(values * values));
    if (pair < 0) {
      pair = open.nextSetBit(0);
    }
    for (int value : new int[] {pair / values, pair % values}) {
      int p = parameter(value);
      row[p] = value - firstOf[p];
      chosen[p] = true;
    }
    int start = random.nextInt(levels.length);
    for (int i = 0; i < levels.length; i++) {
      int p = (start + i) % levels.length;
      if (!chosen[p]) {
        row[p] = bestValue(p, row, chosen);
        chosen[p] = true;
      }
    }
    return row;
  }

  private int bestValue(int p, int[] row, boolean[] chosen) {
    int best = 0;
    int most = -1;
    int start = random.nextInt(levels[p]);
    for (int i = 0; i < levels[p]; i++) {
      int value = (start + i) % levels[p];
      int covered = 0;
      for (int q = 0; q < levels.length; q++) {
        if (chosen[q] && open.get(pair(p, value, q, row[q]))) {
          covered++;
        }
      }
      if (covered > most) {
        most = covered;
        best = value;
      }
    }
    return best;
  }

  private int cover(int[] row, boolean close) {
    int covered = 0;
    for (int p = 0; p < levels.length; p++) {
      for (int q = p + 1; q < levels.length; q++) {
        int pair = pair(p, row[p], q, row[q]);
        if (open.get(pair)) {
          covered++;
          if (close) {
            open.clear(pair);
          }
        }
      }
    }
    return covered;
  }

  private int parameter(int value) {
    int p = levels.length - 1;
    while (firstOf[p] > value) {
      p--;
    }
    return p;
  }

  private int pair(int p, int a, int q, int b) {
    int first = firstOf[p] + a;
    int second = firstOf[q] + b;
    return Math.min(first, second) * values + Math.max(first, second);
  }
}
