package io.github.elegans.ode;

import io.github.elegans.expressions.Precision;
import java.util.Arrays;

/**
 * Keeps the states of each lane's trajectory at the times at which its ensemble wants them. A time
 * on a reset is that before it, and once more, if it is wanted twice, that after it.
 */
final class SavedTimes {
  private final Ensemble ensemble;
  private final Solution solution;
  private final LaneMemory lanes;
  private final Layout layout;
  private final DenseStep step;
  private final Precision precision;
  private final int n;

  // of each lane
  private final double[] starts;
  private final double[] ends;
  private final double[][] times;
  private final double[][] saved;
  private final int[] count;
  private final int[] trajectories;

  SavedTimes(
      Ensemble ensemble,
      Solution solution,
      LaneMemory lanes,
      Layout layout,
      DenseStep step,
      Precision precision,
      int n) {
    this.precision = precision;
    this.ensemble = ensemble;
    this.solution = solution;
    this.lanes = lanes;
    this.layout = layout;
    this.step = step;
    this.n = n;
    this.starts = new double[lanes.width()];
    this.ends = new double[lanes.width()];
    this.times = new double[lanes.width()][];
    this.saved = new double[lanes.width()][];
    this.count = new int[lanes.width()];
    this.trajectories = new int[lanes.width()];
  }

  /** Whether two times are one, rounded differently: as 0.1·3 and 0.3 are. */
  static boolean isNear(Precision precision, double a, double b) {
    return Math.abs(a - b) <= 4 * precision.ulp(Math.max(Math.abs(a), Math.abs(b)));
  }

  /**
   * Finds times that no trajectory comes to.
   *
   * @throws IllegalArgumentException if times do not run from a trajectory's start to its end
   */
  // Trajectories that share an array of times share what is known of its order.
  @SuppressWarnings("ReferenceEquality")
  static void check(Ensemble ensemble, Precision precision) {
    double[] inOrder = null;
    double orderOf = 0;
    for (int i = 0; i < ensemble.size(); i++) {
      double[] wanted = ensemble.saveTimes(i);
      double start = precision.round(ensemble.startOf(i));
      double end = precision.round(ensemble.endOf(i));
      if (wanted.length == 0 || !Double.isFinite(end - start)) {
        continue;
      }
      double direction = end < start ? -1 : 1;
      if (wanted != inOrder || direction != orderOf) {
        for (int k = 1; k < wanted.length; k++) {
          if (!((wanted[k] - wanted[k - 1]) * direction >= 0)) {
            throw new IllegalArgumentException(
                "trajectory %d: times to save at must run from its start on; %s follows %s"
                    .formatted(i, wanted[k], wanted[k - 1]));
          }
        }
        inOrder = wanted;
        orderOf = direction;
      }
      double first = wanted[0];
      double last = wanted[wanted.length - 1];
      boolean early = !((first - start) * direction >= 0) && !isNear(precision, first, start);
      boolean late = !((end - last) * direction >= 0) && !isNear(precision, last, end);
      if (early || late) {
        throw new IllegalArgumentException(
            "trajectory %d: times to save at must be from its start %s to its end %s, but one is %s"
                .formatted(i, start, end, early ? first : last));
      }
    }
  }

  /** Begins with a trajectory, and saves its initial states if they are wanted. */
  void begin(int lane, int trajectory, double end) {
    if (!ensemble.saves()) {
      return;
    }
    if (ensemble.savedInStep() > 0) {
      times[lane] = new double[64];
      saved[lane] = new double[64 * n];
      count[lane] = 0;
      trajectories[lane] = trajectory;
      keep(lane, lanes.get(layout.time, lane), 1);
      // Every step is due.
      lanes.set(
          layout.nextSave, lane, -lanes.get(layout.direction, lane) * Double.POSITIVE_INFINITY);
      return;
    }
    double[] wanted = ensemble.saveTimes(trajectory);
    double start = lanes.get(layout.time, lane);
    starts[lane] = start;
    ends[lane] = precision.round(end);
    times[lane] = wanted;
    saved[lane] = new double[wanted.length * n];
    Arrays.fill(saved[lane], Double.NaN);
    solution.saved[trajectory] = saved[lane];
    count[lane] = 0;
    while (count[lane] < wanted.length && next(lane) == start) {
      save(lane, 1);
    }
    setNext(lane);
  }

  /** Saves the states at all times that are due up to a time of the last step. */
  void until(int lane, double time) {
    if (!ensemble.saves()) {
      return;
    }
    double direction = lanes.get(layout.direction, lane);
    if (ensemble.savedInStep() > 0) {
      keepStep(lane, time, direction);
      return;
    }
    while (count[lane] < times[lane].length && (next(lane) - time) * direction <= 0) {
      save(lane, step.theta(lane, next(lane)));
    }
    setNext(lane);
  }

  /** The same up to a reset: of times just there, all but the first are for what follows. */
  void untilReset(int lane, double time) {
    if (!ensemble.saves()) {
      return;
    }
    if (ensemble.savedInStep() > 0) {
      until(lane, time);
      return;
    }
    double direction = lanes.get(layout.direction, lane);
    // Resets are at times of the lanes' precision.
    boolean isSaved = count[lane] > 0 && precision.round(time(lane, count[lane] - 1)) == time;
    while (count[lane] < times[lane].length
        && (precision.round(next(lane)) - time) * direction <= 0
        && !(isSaved && precision.round(next(lane)) == time)) {
      isSaved = precision.round(next(lane)) == time;
      save(lane, step.theta(lane, isSaved ? time : next(lane)));
    }
    setNext(lane);
  }

  /** The next time that is wanted. */
  private double next(int lane) {
    return time(lane, count[lane]);
  }

  /** A time that is wanted, or the start or end that it is but for rounding. */
  private double time(int lane, int index) {
    double time = times[lane][index];
    double direction = lanes.get(layout.direction, lane);
    if ((time - starts[lane]) * direction < 0) {
      return starts[lane];
    }
    return (ends[lane] - time) * direction < 0 ? ends[lane] : time;
  }

  /** Keeps what was saved of a trajectory that ends. */
  void end(int lane) {
    if (ensemble.savedInStep() > 0) {
      boolean isFinite = true;
      boolean wasReset = false;
      for (int i = 0; i < n; i++) {
        double value = lanes.get(layout.states + i, lane);
        isFinite &= Double.isFinite(value);
        wasReset |= saved[lane][(count[lane] - 1) * n + i] != value;
      }
      if (wasReset && isFinite) {
        keep(lane, times[lane][count[lane] - 1], 1);
      }
      solution.savedTimes[trajectories[lane]] = Arrays.copyOf(times[lane], count[lane]);
      solution.saved[trajectories[lane]] = Arrays.copyOf(saved[lane], count[lane] * n);
    } else if (ensemble.saves()) {
      // Of a reset where it ends: what follows.
      while (count[lane] < times[lane].length && next(lane) == lanes.get(layout.time, lane)) {
        save(lane, 1);
      }
    }
  }

  /** Keeps the points of the last step up to a time, which is its end or an event's. */
  private void keepStep(int lane, double time, double direction) {
    int points = ensemble.savedInStep();
    if (!isKept(lane)) {
      // Reset at that very time, which the lane may have rounded.
      keep(lane, times[lane][count[lane] - 1], 0);
    }
    for (int p = 1; p < points; p++) {
      double theta = (double) p / points;
      double at = step.time(lane, theta);
      if ((at - times[lane][count[lane] - 1]) * direction > 0 && (time - at) * direction > 0) {
        keep(lane, at, theta);
      }
    }
    keep(lane, time, step.theta(lane, time));
  }

  /** Whether the states where the last step began are the last ones kept. */
  private boolean isKept(int lane) {
    int last = (count[lane] - 1) * n;
    for (int i = 0; i < n; i++) {
      if (saved[lane][last + i] != lanes.get(layout.dense(i, 0), lane)) {
        return false;
      }
    }
    return true;
  }

  private void keep(int lane, double time, double theta) {
    if (count[lane] == times[lane].length) {
      times[lane] = Arrays.copyOf(times[lane], 2 * count[lane]);
      saved[lane] = Arrays.copyOf(saved[lane], Math.multiplyExact(2 * count[lane], n));
    }
    times[lane][count[lane]] = time;
    save(lane, theta);
  }

  private void save(int lane, double theta) {
    step.states(lane, theta, saved[lane], count[lane]++ * n);
  }

  private void setNext(int lane) {
    lanes.set(
        layout.nextSave,
        lane,
        count[lane] < times[lane].length
            ? next(lane)
            : lanes.get(layout.direction, lane) * Double.POSITIVE_INFINITY);
  }
}
