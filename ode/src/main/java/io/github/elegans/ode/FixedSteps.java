package io.github.elegans.ode;

import io.github.elegans.expressions.Precision;

/**
 * The fixed steps of each lane, from a start to an end: all of one length, the last one shorter if
 * it must. Programs that count steps do so in their lanes' numbers, which are exact up to 2²⁴ in
 * single precision: longer rows are handed out in parts, and counted here. Of those that do not,
 * all lanes are told how many there were, and a shorter last one is a part of its own.
 */
final class FixedSteps {
  private final Precision precision;
  private final LaneMemory lanes;
  private final Layout layout;
  private final double step;
  private final int maximum;

  /** Whether the programs count. */
  private final boolean counted;

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

  /** Of the part that a lane is on: its steps, and those to come where programs do not count. */
  private final int[] given;

  private final int[] left;

  FixedSteps(
      Precision precision,
      LaneMemory lanes,
      Layout layout,
      double step,
      int maximum,
      boolean counted) {
    this.precision = precision;
    this.counted = counted;
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
    this.given = new int[width];
    this.left = new int[width];
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
    give(lane, 0);
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
    // 1/0.001 is a whole number of steps, whatever its rounding says, and that of times.
    double rounding = precision.ulp(Math.max(Math.abs(start), Math.abs(end))) / step;
    double near = Math.min(1e-3, 4 * (rounding + Math.ulp(exact)));
    boolean isWhole = Math.abs(exact - whole) <= near && whole > 0;
    double count = isWhole ? whole : Math.max(1, Math.ceil(exact));
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
    done[lane] += given[lane];
    give(lane, 0);
    if (done[lane] >= counts[lane]) {
      return false;
    }
    double signed = lanes.get(layout.direction, lane) * step;
    double start = Math.fma(done[lane], signed, starts[lane]);
    // Rounding may have carried the time beyond: it does not go back.
    double time = lanes.get(layout.time, lane);
    start = signed > 0 ? Math.max(start, time) : Math.min(start, time);
    if (!counted && isShort(lane) && counts[lane] - done[lane] == 1) {
      start = time;
    }
    lanes.set(layout.time, lane, start);
    part(lane, start, truncated[lane] ? Math.fma(counts[lane], signed, starts[lane]) : ends[lane]);
    return true;
  }

  private void part(int lane, double start, double end) {
    int rest = counts[lane] - done[lane];
    int count = Math.min(rest, most);
    if (!counted && isShort(lane) && count == rest) {
      if (rest == 1) {
        lanes.set(layout.step, lane, lasts[lane]);
      } else {
        count--;
      }
    }
    lanes.set(layout.start, lane, start);
    give(lane, count);
    double signed = lanes.get(layout.step, lane);
    lanes.set(layout.lastStep, lane, count < rest ? signed : lasts[lane]);
    lanes.set(layout.end, lane, count < rest ? time(lane, count) : end);
  }

  /** Whether the last step is of another length. */
  private boolean isShort(int lane) {
    return lasts[lane] != lanes.get(layout.direction, lane) * step;
  }

  private void give(int lane, int count) {
    given[lane] = count;
    left[lane] = count;
    lanes.set(layout.total, lane, count);
    lanes.set(layout.left, lane, count);
  }

  /** The time after some steps of a part, as programs compute it. */
  private double time(int lane, int steps) {
    double start = lanes.get(layout.start, lane);
    double length = lanes.get(layout.step, lane);
    return precision == Precision.DOUBLE
        ? Math.fma(steps, length, start)
        : Math.fma((float) steps, (float) length, (float) start);
  }

  /** How many steps a lane has before it. */
  int left(int lane) {
    return counted ? (int) lanes.get(layout.left, lane) : left[lane];
  }

  /** A lane has gone some steps of those that it had left, says who ran its program. */
  void went(int lane, int steps) {
    left[lane] -= steps;
  }

  /** Tells a lane of a program that does not count where it is. */
  void arrive(int lane) {
    lanes.set(
        layout.time,
        lane,
        left[lane] <= 0 ? lanes.get(layout.end, lane) : time(lane, given[lane] - left[lane]));
  }

  /** Whether the trajectory's end would be beyond the steps it may take. */
  boolean truncated(int lane) {
    return truncated[lane];
  }

  /** Steps of the trajectory so far. */
  int taken(int lane) {
    return before[lane] + done[lane] + given[lane] - left(lane);
  }

  double end(int lane) {
    return ends[lane];
  }
}
