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
    double[] wanted = times[lane];
    double direction = lanes.get(layout.direction, lane);
    while (count[lane] < wanted.length && (wanted[count[lane]] - time) * direction <= 0) {
      save(lane, step.theta(lane, wanted[count[lane]]));
    }
    setNext(lane);
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
