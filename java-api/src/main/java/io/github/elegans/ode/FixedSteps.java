package io.github.elegans.ode;

import io.github.elegans.expressions.Precision;

/**
 * The fixed steps of each lane, from a start to an end: all of one length, the last one shorter if
 * it must. The programs of lanes count steps in their own numbers, which are exact up to 2²⁴ in
 * single precision: longer rows are handed out in parts, and counted here.
 */
final class FixedSteps {
  private final Precision precision;
  private final LaneMemory lanes;
  private final Layout layout;
  private final double step;
  private final int maximum;

  /** Of one part. */
  private final int most;

  // of each lane: the row of steps it is on
  private final double[] starts;
  private final double[] ends;
  private final double[] lasts;
  private final int[] counts;
  private final boolean[] truncated;

  /** Steps of earlier parts. */
  private final int[] done;

  /** Steps of earlier rows: resets begin new ones. */
  private final int[] before;

  FixedSteps(Precision precision, LaneMemory lanes, Layout layout, double step, int maximum) {
    this.precision = precision;
    this.lanes = lanes;
    this.layout = layout;
    this.step = step;
    this.maximum = maximum;
    this.most = counted(precision);
    int width = lanes.width();
    this.starts = new double[width];
    this.ends = new double[width];
    this.lasts = new double[width];
    this.counts = new int[width];
    this.truncated = new boolean[width];
    this.done = new int[width];
    this.before = new int[width];
  }

  /** How far every whole number is exact. */
  static int counted(Precision precision) {
    return precision == Precision.FLOAT ? 1 << 24 : Integer.MAX_VALUE;
  }

  /** Begins a trajectory. */
  void begin(int lane, double start, double end) {
    before[lane] = 0;
    ends[lane] = precision.round(end);
    lay(lane, start, end);
  }

  /** Goes on from one time to another; false if no steps are left for that. */
  boolean restart(int lane, double time, double end) {
    ends[lane] = precision.round(end);
    before[lane] = taken(lane);
    done[lane] = 0;
    counts[lane] = 0;
    lanes.set(layout.total, lane, 0);
    lanes.set(layout.left, lane, 0);
    if (before[lane] >= maximum) {
      return false;
    }
    lay(lane, time, ends[lane]);
    return true;
  }

  /** If there would be more steps than the most, the end is nearer. */
  private void lay(int lane, double start, double end) {
    double direction = lanes.get(layout.direction, lane);
    double exact = Math.abs(end - start) / step;
    double whole = Math.rint(exact);
    // 1/0.001 is a whole number of steps, whatever its rounding says.
    boolean isWhole = Math.abs(exact - whole) <= 1e-9 * Math.max(1, whole) && whole > 0;
    double count = isWhole ? whole : Math.ceil(exact);
    double signed = direction * step;
    int left = maximum - before[lane];
    truncated[lane] = count > left;
    lasts[lane] = isWhole || truncated[lane] ? signed : Math.fma(-(count - 1), signed, end - start);
    starts[lane] = start;
    counts[lane] = (int) Math.min(count, left);
    done[lane] = 0;
    lanes.set(layout.step, lane, signed);
    part(lane, start, truncated[lane] ? Math.fma(counts[lane], signed, start) : end);
  }

  /** Hands out the next part of the row; false if that has no more. */
  boolean next(int lane) {
    done[lane] += (int) lanes.get(layout.total, lane);
    if (done[lane] >= counts[lane]) {
      lanes.set(layout.total, lane, 0);
      return false;
    }
    double signed = lanes.get(layout.direction, lane) * step;
    double start = Math.fma(done[lane], signed, starts[lane]);
    // Rounding may have carried the time beyond: it does not go back.
    double time = lanes.get(layout.time, lane);
    start = signed > 0 ? Math.max(start, time) : Math.min(start, time);
    lanes.set(layout.time, lane, start);
    part(lane, start, truncated[lane] ? Math.fma(counts[lane], signed, starts[lane]) : ends[lane]);
    return true;
  }

  private void part(int lane, double start, double end) {
    int left = counts[lane] - done[lane];
    int count = Math.min(left, most);
    lanes.set(layout.start, lane, start);
    lanes.set(layout.total, lane, count);
    lanes.set(layout.left, lane, count);
    double signed = lanes.get(layout.step, lane);
    lanes.set(layout.lastStep, lane, count < left ? signed : lasts[lane]);
    lanes.set(
        layout.end,
        lane,
        count < left ? Math.fma(count, signed, lanes.get(layout.start, lane)) : end);
  }

  /** Whether the trajectory's end would be beyond the steps it may take. */
  boolean truncated(int lane) {
    return truncated[lane];
  }

  /** Steps of the trajectory so far. */
  int taken(int lane) {
    return before[lane]
        + done[lane]
        + (int) (lanes.get(layout.total, lane) - lanes.get(layout.left, lane));
  }

  double end(int lane) {
    return ends[lane];
  }
}
