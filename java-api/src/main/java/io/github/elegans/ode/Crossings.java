package io.github.elegans.ode;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Finds where events happen within the last step of a lane; for one thread. */
final class Crossings {
  /** Of one event in a step. */
  private static final int MOST = 16;

  private final Search[] searches;
  private final int[] events;
  private final double[] thetas;

  Crossings(OdeSystem system, List<Event> events, LaneMemory lanes, Layout layout, DenseStep step) {
    this.searches = new Search[events.size()];
    for (int j = 0; j < searches.length; j++) {
      searches[j] = new Search(system, events.get(j), j, lanes, layout, step);
    }
    this.events = new int[MOST * searches.length];
    this.thetas = new double[MOST * searches.length];
  }

  /** Finds all crossings of the step that count, in the order of time; returns how many. */
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
          slot--;
        }
        thetas[slot] = theta;
        events[slot] = j;
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

  /** For one event; its values along the step, by θ. */
  private static final class Search implements DoubleUnaryOperator {
    private final Event event;
    private final LaneMemory lanes;
    private final Layout layout;
    private final DenseStep step;
    private final int starts;
    private final int ends;
    private final EventFunction function;

    /** The function's derivatives, if it is affine: along the step it is a polynomial then. */
    private final @Nullable EventFunction weights;

    private final int n;
    private final double[] at;

    /** A polynomial: the function, or one through some of its values. */
    private final double[] c;

    private final Roots.Turns turns;
    private final double[] roots = new double[MOST];
    private int lane;

    Search(OdeSystem system, Event event, int j, LaneMemory lanes, Layout layout, DenseStep step) {
      this.event = event;
      this.lanes = lanes;
      this.layout = layout;
      this.step = step;
      this.starts = layout.eventStarts + j;
      this.ends = layout.eventEnds + j;
      this.function = EventFunction.values(system, List.of(event.function()));
      this.weights = EventFunction.weights(system, event.function());
      this.n = system.states().size();
      this.at = new double[n];
      this.c = new double[1 + (weights != null ? layout.degree : 4)];
      this.turns = new Roots.Turns(c.length - 1);
    }

    /** Finds the crossings that count, to {@link #roots}; returns how many. */
    int search(int lane) {
      this.lane = lane;
      if (weights == null) {
        interpolate();
      } else {
        combine(weights);
        if (Roots.isMonotone(c)) {
          double start = c[0];
          double end = applyAsDouble(1);
          if (!crosses(start, end) || !counts(start < 0)) {
            return 0;
          }
          roots[0] = end == 0 ? 1 : Roots.within(c, c.length - 1, 0, 1, start, end);
          return 1;
        }
      }
      return betweenTurns();
    }

    @Override
    public double applyAsDouble(double theta) {
      if (theta == 1) {
        return lanes.get(ends, lane);
      }
      if (weights != null) {
        return Roots.value(c, c.length - 1, theta);
      }
      step.states(lane, theta, at, 0);
      step.evaluate(function, lane, step.time(lane, theta), at);
      return function.result(0);
    }

    /** The polynomial of an affine function. */
    private void combine(EventFunction by) {
      step.evaluate(by, lane, 0, at);
      Arrays.fill(c, 0);
      c[0] = lanes.get(starts, lane);
      for (int i = 0; i < n; i++) {
        double weight = by.result(i);
        if (weight != 0) {
          for (int k = 1; k < c.length; k++) {
            c[k] = Math.fma(weight, lanes.get(layout.dense(i, k), lane), c[k]);
          }
        }
      }
      c[1] = Math.fma(by.result(n), lanes.get(layout.stepTaken, lane), c[1]);
    }

    /** The polynomial of degree 4 through 5 values of any other: it turns about where that does. */
    private void interpolate() {
      double f0 = lanes.get(starts, lane);
      double f1 = applyAsDouble(0.25);
      double f2 = applyAsDouble(0.5);
      double f3 = applyAsDouble(0.75);
      double f4 = applyAsDouble(1);
      c[0] = f0;
      c[1] = (-25 * f0 + 48 * f1 - 36 * f2 + 16 * f3 - 3 * f4) / 3;
      c[2] = (70 * f0 - 208 * f1 + 228 * f2 - 112 * f3 + 22 * f4) / 3;
      c[3] = (-80 * f0 + 288 * f1 - 384 * f2 + 224 * f3 - 48 * f4) / 3;
      c[4] = (32 * f0 - 128 * f1 + 192 * f2 - 128 * f3 + 32 * f4) / 3;
    }

    private int betweenTurns() {
      int count = turns.find(c);
      int found = 0;
      double a = 0;
      double fa = lanes.get(starts, lane);
      for (int i = 0; i <= count; i++) {
        double b = i == count ? 1 : turns.get(i);
        double fb = applyAsDouble(b);
        // From zero, the function takes the side it is on at its first turn: that is no crossing.
        if (crosses(fa, fb)) {
          if (fb == 0 && i < count) {
            // It touches zero at a turn: it has not crossed.
            continue;
          }
          if (counts(fa < 0) && found < MOST) {
            roots[found++] = fb == 0 ? b : Roots.within(this, a, b, fa, fb);
          }
        }
        a = b;
        fa = fb;
      }
      return found;
    }

    private static boolean crosses(double fa, double fb) {
      return fa != 0
          && (fb == 0 || (fa < 0) != (fb < 0))
          && !(Double.isNaN(fa) || Double.isNaN(fb));
    }

    private boolean counts(boolean rising) {
      return switch (event.direction()) {
        case RISING -> rising;
        case FALLING -> !rising;
        case ANY -> true;
      };
    }
  }
}
