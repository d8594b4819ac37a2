package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import java.util.List;

/**
 * The pieces of a step within which no comparison in a function changes: there the function is
 * smooth, from one to the next it may jump. For one thread.
 */
final class Pieces {
  /** Changes of one comparison in a step. */
  private static final int MOST = 16;

  private final Track[] tracks;
  private final boolean[] orEqual;

  // two neighbouring numbers for each change: the last before, and the first after it
  private final double[] before;
  private final double[] after;
  private int count;
  private int sorted;

  Pieces(
      OdeSystem system,
      List<Expr.Comparison> comparisons,
      LaneMemory lanes,
      Layout layout,
      DenseStep step) {
    this.tracks =
        comparisons.stream()
            .map(comparison -> Track.of(system, comparison, lanes, layout, step))
            .toArray(Track[]::new);
    this.orEqual = new boolean[tracks.length];
    for (int k = 0; k < tracks.length; k++) {
      orEqual[k] = comparisons.get(k).orEqual();
    }
    this.before = new double[MOST * tracks.length];
    this.after = new double[MOST * tracks.length];
  }

  /** Finds the pieces of a lane's step; returns how many there are, 1 or more. */
  int find(int lane) {
    count = 0;
    for (int k = 0; k < tracks.length; k++) {
      Track track = tracks[k];
      track.begin(lane);
      // What the comparison contains has been looked at: between its changes, this one is smooth.
      sorted = count;
      for (int piece = 0; piece <= sorted; piece++) {
        between(k, start(piece), piece == sorted ? 1 : before[piece]);
      }
      sort();
    }
    sorted = count;
    return count + 1;
  }

  /** The first point of a piece. */
  double start(int piece) {
    return piece == 0 ? 0 : after[piece - 1];
  }

  /** The last point of a piece. */
  double end(int piece) {
    return piece == count ? 1 : before[piece];
  }

  private void between(int k, double a, double b) {
    if (!(a < b)) {
      return;
    }
    Track track = tracks[k];
    int turns = track.turn(a, b, track.evaluate(a), track.evaluate(b));
    double from = a;
    boolean held = holds(k, a);
    for (int i = 0; i <= turns; i++) {
      double to = i == turns ? b : track.turn(i, a, b);
      if (to > from && to <= b && (i == turns || to < b)) {
        boolean holds = holds(k, to);
        if (holds != held && count < before.length) {
          narrow(k, from, to, held);
        }
        from = to;
        held = holds;
      }
    }
  }

  private boolean holds(int k, double theta) {
    double difference = tracks[k].evaluate(theta);
    return orEqual[k] ? difference <= 0 : difference < 0;
  }

  /** Finds the change to the last bit, by what is computed there. */
  private void narrow(int k, double from, double to, boolean held) {
    double fa = tracks[k].evaluate(from);
    double fb = tracks[k].evaluate(to);
    double a = from;
    double b = to;
    if ((fa < 0 && fb > 0) || (fa > 0 && fb < 0)) {
      double about = Roots.within(tracks[k], from, to, fa, fb);
      double low = Math.max(from, about - 0x1p-46 * about);
      double high = Math.min(to, about + 0x1p-46 * about);
      a = holds(k, low) == held ? low : a;
      b = holds(k, high) != held ? high : b;
    }
    // Nearer to the start than this, no time has so many digits.
    while (b > 0x1p-60) {
      double middle = a + 0.5 * (b - a);
      if (!(middle > a && middle < b)) {
        break;
      }
      if (holds(k, middle) == held) {
        a = middle;
      } else {
        b = middle;
      }
    }
    before[count] = a;
    after[count++] = b;
  }

  private void sort() {
    for (int i = sorted; i < count; i++) {
      double low = before[i];
      double high = after[i];
      int slot = i;
      while (slot > 0 && after[slot - 1] > high) {
        before[slot] = before[slot - 1];
        after[slot] = after[slot - 1];
        slot--;
      }
      before[slot] = low;
      after[slot] = high;
    }
  }
}
