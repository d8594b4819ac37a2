package io.github.elegans.ode;

import java.util.Arrays;

/** Keeps the states of each lane's trajectory at the times at which its ensemble wants them. */
final class SavedTimes {
  private final Ensemble ensemble;
  private final Solution solution;
  private final LaneMemory lanes;
  private final Layout layout;
  private final DenseStep step;
  private final int n;

  // of each lane
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
      int n) {
    this.ensemble = ensemble;
    this.solution = solution;
    this.lanes = lanes;
    this.layout = layout;
    this.step = step;
    this.n = n;
    this.times = new double[lanes.width()][];
    this.saved = new double[lanes.width()][];
    this.count = new int[lanes.width()];
    this.trajectories = new int[lanes.width()];
  }

  /**
   * Begins with a trajectory, and saves its initial states if they are wanted.
   *
   * @throws IllegalArgumentException if its times do not run from its start on
   */
  void begin(int lane, int trajectory) {
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
    double direction = lanes.get(layout.direction, lane);
    double start = lanes.get(layout.time, lane);
    for (int i = 0; i < wanted.length; i++) {
      double before = i == 0 ? start : wanted[i - 1];
      if (!((wanted[i] - before) * direction >= 0)) {
        throw new IllegalArgumentException(
            "trajectory %d: times to save at must run from its start on; %s follows %s"
                .formatted(trajectory, wanted[i], before));
      }
    }
    times[lane] = wanted;
    saved[lane] = new double[wanted.length * n];
    Arrays.fill(saved[lane], Double.NaN);
    solution.saved[trajectory] = saved[lane];
    count[lane] = 0;
    while (count[lane] < wanted.length && wanted[count[lane]] == start) {
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
    double[] wanted = times[lane];
    while (count[lane] < wanted.length && (wanted[count[lane]] - time) * direction <= 0) {
      save(lane, step.theta(lane, wanted[count[lane]]));
    }
    setNext(lane);
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
    double[] wanted = times[lane];
    lanes.set(
        layout.nextSave,
        lane,
        count[lane] < wanted.length
            ? wanted[count[lane]]
            : lanes.get(layout.direction, lane) * Double.POSITIVE_INFINITY);
  }
}
