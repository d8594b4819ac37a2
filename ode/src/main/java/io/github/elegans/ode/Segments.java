package io.github.elegans.ode;

import io.github.elegans.expressions.Precision;
import java.util.Arrays;

/**
 * The times at which one trajectory is cut: where its right-hand side switches, and where it is to
 * stop. Used for one trajectory after another, by one thread.
 */
final class Segments {
  private final Switches switches;
  private final Switches.Times times;
  private final Precision precision;
  private final Layout layout;
  private final int parameters;

  // of affine differences: value at 0, derivative, and where they are 0
  private final double[] values;
  private final double[] slopes;
  private final double[] zeros;

  // in the order of the trajectory, those from cursor on to come
  private final double[] cuts;
  private int count;
  private int cursor;

  private double[] stops = {};
  private int stop;

  /** Of differences that are not affine: the next change of sign. */
  private final double[] changes;

  private double end;
  private double segmentEnd;
  private double direction;

  Segments(Setup setup, Layout layout) {
    this.switches = setup.switches();
    this.times = switches.new Times();
    this.precision = setup.precision();
    this.layout = layout;
    this.parameters = setup.system().parameters().size();
    int differences = switches.count();
    this.values = new double[differences];
    this.slopes = new double[differences];
    this.zeros = new double[differences];
    this.cuts = new double[differences];
    this.changes = new double[differences];
  }

  /**
   * Begins with the trajectory that a lane has, and makes its end that of the first segment.
   *
   * @param stops where it is to stop, rising
   */
  void begin(LaneMemory memory, int lane, double[] stops) {
    double start = memory.get(layout.time, lane);
    this.end = memory.get(layout.end, lane);
    this.direction = memory.get(layout.direction, lane);
    this.stops = stops;
    this.stop = direction > 0 ? 0 : stops.length - 1;
    this.count = 0;
    this.cursor = 0;
    if (switches.count() > 0) {
      for (int i = 0; i < parameters; i++) {
        times.parameter(i, memory.get(layout.parameters + i, lane));
      }
      times.evaluate(values, slopes);
      for (int j = 0; j < values.length; j++) {
        zeros[j] = precision.round(-values[j] / slopes[j]);
        changes[j] = start;
        if (isWithin(start, zeros[j], end)) {
          cuts[count++] = direction * zeros[j];
        }
      }
      Arrays.sort(cuts, 0, count);
    }
    next(memory, lane, start);
  }

  /** Whether a time is on the way from one to another, and neither of them. */
  private boolean isWithin(double from, double time, double to) {
    return (time - from) * direction > 0
        && (to - time) * direction > 0
        && !isNear(from, time)
        && !isNear(time, to);
  }

  private boolean isNear(double a, double b) {
    return SavedTimes.isNear(precision, a, b);
  }

  /** Where the segment ends. */
  double end() {
    return segmentEnd;
  }

  /** Whether the trajectory ends there, too. */
  boolean isLast() {
    return segmentEnd == end;
  }

  /** Moves on to the segment that begins at a time. */
  void next(LaneMemory memory, int lane, double time) {
    double to = end;
    while (cursor < count && !isWithin(time, direction * cuts[cursor], end)) {
      cursor++;
    }
    if (cursor < count) {
      to = direction * cuts[cursor];
    }
    while (stop >= 0 && stop < stops.length && !isWithin(time, stopTime(), end)) {
      stop += direction > 0 ? 1 : -1;
    }
    if (stop >= 0 && stop < stops.length && isWithin(time, stopTime(), to)) {
      to = stopTime();
    }
    for (int j = 0; j < changes.length; j++) {
      TimeFunction other = times.other(j);
      if (other != null) {
        if ((changes[j] - time) * direction <= 0 || isNear(changes[j], time)) {
          double least = 16 * precision.ulp(Math.max(Math.abs(time), Math.abs(end)));
          changes[j] = precision.round(other.next(time, end, least));
        }
        if (isWithin(time, changes[j], to)) {
          to = changes[j];
        }
      }
    }
    segmentEnd = to;
    memory.set(layout.end, lane, to);
    sign(memory, lane, 0.5 * time + 0.5 * to);
  }

  private double stopTime() {
    return precision.round(stops[stop]);
  }

  private void sign(LaneMemory memory, int lane, double middle) {
    for (int j = 0; j < switches.signs(); j++) {
      TimeFunction other = times.other(j);
      double sign =
          other != null
              ? other.sign(middle)
              : slopes[j] == 0
                  ? Math.signum(values[j])
                  : Math.signum(slopes[j]) * Math.signum(middle - zeros[j]);
      memory.set(layout.signs + j, lane, sign);
    }
  }
}
