package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds where events happen within the last step of a lane; for one thread. */
final class Crossings {
  /** Of one event in a step. */
  private static final int MOST = 16;

  private final Search[] searches;
  private final int[] events;
  private final double[] thetas;
  private final boolean[] rising;

  Crossings(Setup setup, LaneMemory lanes, Layout layout, DenseStep step) {
    this.searches = new Search[setup.events().size()];
    for (int j = 0; j < searches.length; j++) {
      searches[j] = new Search(setup, j, lanes, layout, step);
    }
    this.events = new int[MOST * searches.length];
    this.thetas = new double[MOST * searches.length];
    this.rising = new boolean[MOST * searches.length];
  }

  /**
   * Finds all crossings of the step that count, in the order of time, those at one point in the
   * order of the events; returns how many.
   */
  int locate(int lane) {
    int count = 0;
    for (int j = 0; j < searches.length; j++) {
      int found = searches[j].search(lane);
      for (int r = 0; r < found; r++) {
        double theta = searches[j].roots[r];
        int slot = count++;
        while (slot > 0 && thetas[slot - 1] > theta) {
          thetas[slot] = thetas[slot - 1];
          events[slot] = events[slot - 1];
          rising[slot] = rising[slot - 1];
          slot--;
        }
        thetas[slot] = theta;
        events[slot] = j;
        rising[slot] = searches[j].rising[r];
      }
    }
    return count;
  }

  /** The event that crosses at one of the crossings just found. */
  int event(int crossing) {
    return events[crossing];
  }

  /** Where one of the crossings just found is. */
  double theta(int crossing) {
    return thetas[crossing];
  }

  /** Whether one of the crossings just found is from negative to positive. */
  boolean rising(int crossing) {
    return rising[crossing];
  }

  /**
   * Says whether an event has happened in a lane and has not left its zero since: it counts again
   * when it has.
   */
  void stay(int lane, int event, boolean stays) {
    searches[event].stays[lane] = stays;
  }

  boolean stays(int lane, int event) {
    return searches[event].stays[lane];
  }

  /** For one event. */
  private static final class Search {
    private final Event event;
    private final LaneMemory lanes;
    private final DenseStep step;
    private final int starts;
    private final int ends;
    private final Track track;

    /** Null if the function has no comparisons. */
    private final @Nullable Pieces pieces;

    private final Noise noise;
    private final double[] at;
    private final boolean[] stays;
    private final double[] roots = new double[MOST];
    private final boolean[] rising = new boolean[MOST];
    private int found;

    // the walk along the step: the last point looked at, and what is on the way
    private double from;
    private double before;
    private boolean staying;
    private boolean fresh;
    private int lane;

    Search(Setup setup, int j, LaneMemory lanes, Layout layout, DenseStep step) {
      OdeSystem system = setup.system();
      Event event = setup.events().get(j);
      this.event = event;
      this.lanes = lanes;
      this.step = step;
      this.starts = layout.eventStarts + j;
      this.ends = layout.eventEnds + j;
      this.track = Track.of(system, event.signed(), lanes, layout, step);
      List<Expr.Comparison> comparisons = EventFunction.comparisons(system, event.signed());
      this.pieces =
          comparisons.isEmpty() ? null : new Pieces(system, comparisons, lanes, layout, step);
      this.noise = new Noise(setup, event);
      this.at = new double[system.states().size()];
      this.stays = new boolean[lanes.width()];
    }

    /** Finds the crossings that count; returns how many. */
    int search(int lane) {
      found = 0;
      from = 0;
      before = lanes.get(starts, lane);
      double end = lanes.get(ends, lane);
      track.begin(lane, before);
      staying = stays[lane];
      this.lane = lane;
      double start = before;
      fresh = staying && start == 0;
      if (isStaying(0, start)) {
        before = 0;
      }
      double[] polynomial = track.polynomial();
      if (pieces != null) {
        across(pieces, lane);
      } else if (polynomial != null && Roots.isMonotone(polynomial)) {
        if (crosses(before, end)) {
          int degree = polynomial.length - 1;
          add(end == 0 ? 1 : Roots.within(polynomial, degree, 0, 1, start, end));
        }
        isStaying(1, end);
      } else {
        along(0, 1, start, end, true);
      }
      stays[lane] = staying;
      return found;
    }

    private void across(Pieces pieces, int lane) {
      int count = pieces.find(lane);
      double end = 0;
      for (int piece = 0; piece < count; piece++) {
        double a = pieces.start(piece);
        double b = pieces.end(piece);
        double fa = track.applyAsDouble(a);
        if (piece > 0) {
          jump(a, fa);
        }
        end = fa;
        if (a < b) {
          end = track.applyAsDouble(b);
          along(a, b, fa, end, piece == count - 1);
        }
      }
      // The next step begins with what was seen here.
      lanes.set(ends, lane, end);
    }

    /** Walks along a stretch on which the function is smooth, from turn to turn. */
    private void along(double a, double b, double fa, double fb, boolean isLast) {
      int count = track.turn(a, b, fa, fb);
      for (int i = 0; i <= count; i++) {
        double to = i == count ? b : track.turn(i, a, b);
        double value = i == count ? fb : track.applyAsDouble(to);
        if (isStaying(to, value)) {
          // Right after the event, a turn says where it went, however near: a ball bounces still.
          before = fresh ? value : 0;
        } else if (crosses(before, value)) {
          if (value == 0 && !(isLast && i == count)) {
            // It touches zero at a turn: it has not crossed.
            continue;
          }
          add(value == 0 ? to : Roots.within(track, from, to, before, value));
          before = value;
        } else {
          // From zero, it takes the side it is on at its first turn: that is no crossing.
          before = value;
        }
        from = to;
      }
    }

    /** Goes from one piece to the next, at the first point of that. */
    private void jump(double to, double value) {
      if (isStaying(to, value)) {
        before = 0;
      } else {
        if (crosses(before, value)) {
          add(to);
        }
        before = value;
      }
      from = to;
    }

    /** Whether the function still has not left its zero after the event has happened. */
    private boolean isStaying(double theta, double value) {
      if (staying) {
        step.states(lane, theta, at, 0);
        staying = noise.covers(step, lane, step.time(lane, theta), at, value);
      }
      return staying;
    }

    private static boolean crosses(double fa, double fb) {
      return fa != 0
          && (fb == 0 || (fa < 0) != (fb < 0))
          && !(Double.isNaN(fa) || Double.isNaN(fb));
    }

    private void add(double theta) {
      boolean up = before < 0;
      if (event.counts(up) && found < MOST) {
        rising[found] = up;
        roots[found++] = theta;
      }
    }
  }
}
