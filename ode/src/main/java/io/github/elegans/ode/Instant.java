package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens at one instant of a lane: the events that cross there, one after another, and those
 * that their resets carry across, until none is left. For one thread.
 */
final class Instant {
  /** How often one event may happen in one instant. */
  private static final int MOST = 1000;

  /** How often one event may reset the trajectory again before the time changes. */
  private static final int MOST_WITHOUT_TIME = 16;

  private final Event[] events;
  private final @Nullable EventFunction[] resets;
  private final EventFunction[] functions;
  private final Noise[] noises;
  private final Crossings crossings;
  private final Solution solution;
  private final Precision precision;
  private final LaneMemory lanes;
  private final Layout layout;
  private final DenseStep step;
  private final int maximum;
  private final int states;

  // of each lane
  private final int[] resetCounts;
  private final double[] lastTimes;
  private final int[] withoutTime;

  // of each lane and event
  /** When it happened last, at first where the trajectory began. */
  private final double[] before;

  /** The states when the instant began. */
  private final double[] start;

  // of each event, at this instant
  /** Of the function, when the instant began; NaN as long as nobody has asked. */
  private final double[] values;

  /** By time, before its reset. */
  private final double[] slopes;

  /** Beyond rounding of the function's zero, as it was located. */
  private final double[] sizes;

  /** Of zero, on which the function is: -1, 1, or 0 if it is on neither. */
  private final int[] sides;

  /** Of the function, after the last reset. */
  private final double[] latest;

  /** Whether that is known to have left the function's zero. */
  private final boolean[] isAway;

  private final boolean[] isKnown;
  private final boolean[] isLocated;
  private final boolean[] isDue;
  private final int[] counts;

  Instant(
      Setup setup,
      int maximum,
      Solution solution,
      Crossings crossings,
      LaneMemory lanes,
      Layout layout,
      DenseStep step) {
    OdeSystem system = setup.system();
    int size = setup.events().size();
    this.events = setup.events().toArray(Event[]::new);
    this.functions = new EventFunction[size];
    this.resets = new EventFunction[size];
    this.noises = new Noise[size];
    for (int j = 0; j < size; j++) {
      functions[j] = EventFunction.values(system, List.of(events[j].signed()));
      noises[j] = new Noise(setup, events[j]);
      if (!events[j].resets().isEmpty()) {
        List<Expr> values = new ArrayList<>();
        for (OdeSystem.State state : system.states()) {
          Expr value = events[j].resets().get(state.name());
          values.add(value != null ? value : Expr.variable(state.name()));
        }
        resets[j] = EventFunction.values(system, values);
      }
    }
    this.crossings = crossings;
    this.solution = solution;
    this.precision = setup.precision();
    this.lanes = lanes;
    this.layout = layout;
    this.step = step;
    this.maximum = maximum;
    this.states = system.states().size();
    this.resetCounts = new int[lanes.width()];
    this.lastTimes = new double[lanes.width()];
    this.withoutTime = new int[lanes.width() * size];
    this.before = new double[lanes.width() * size];
    this.slopes = new double[size];
    this.start = new double[states];
    this.values = new double[size];
    this.latest = new double[size];
    this.isAway = new boolean[size];
    this.sizes = new double[size];
    this.sides = new int[size];
    this.isKnown = new boolean[size];
    this.isLocated = new boolean[size];
    this.isDue = new boolean[size];
    this.counts = new int[size];
  }

  /** Begins with a trajectory. */
  void begin(int lane) {
    resetCounts[lane] = 0;
    lastTimes[lane] = Double.NaN;
    for (int j = 0; j < events.length; j++) {
      crossings.stay(lane, j, false);
      before[lane * events.length + j] = lanes.get(layout.time, lane);
    }
  }

  /** Begins at a time and states within the last step. */
  void open(int lane, double time, double[] at) {
    System.arraycopy(at, 0, start, 0, states);
    for (int j = 0; j < events.length; j++) {
      values[j] = Double.NaN;
      sizes[j] =
          Math.max(
              Math.abs(lanes.get(layout.eventStarts + j, lane)),
              Math.abs(lanes.get(layout.eventEnds + j, lane)));
      isKnown[j] = false;
      isLocated[j] = false;
      isDue[j] = false;
      counts[j] = 0;
    }
    double rounded = precision.round(time);
    if (rounded != lastTimes[lane]) {
      lastTimes[lane] = rounded;
      Arrays.fill(withoutTime, lane * events.length, (lane + 1) * events.length, 0);
    }
  }

  /** One of the events crosses there. */
  void crosses(int event, boolean rising) {
    isKnown[event] = true;
    isLocated[event] = true;
    isDue[event] = true;
    sides[event] = rising ? 1 : -1;
  }

  /** Looks where the functions of all other events are. */
  void look(int lane, double time, double[] at) {
    for (int j = 0; j < events.length; j++) {
      noises[j].remember(step, lane, time, at);
      if (!isLocated[j]) {
        values[j] = value(lane, j, time, at);
        boolean stays =
            crossings.stays(lane, j) && noises[j].covers(step, lane, time, at, values[j]);
        sides[j] = stays ? 0 : side(values[j]);
        latest[j] = values[j];
        isAway[j] = false;
      }
    }
  }

  /** Begins where a segment ends: what the time alone changes there happens at once. */
  void arrive(int lane, double time, double[] at) {
    open(lane, time, at);
    look(lane, time, at);
    for (int j = 0; j < events.length; j++) {
      if (lanes.get(layout.eventEnds + j, lane) == 0
          && noises[j].covers(step, lane, time, at, values[j])) {
        // In the lane's precision the step has ended on its zero, and that has been counted.
        sides[j] = 0;
      }
      int side = sides[j];
      sides[j] = crossings.stays(lane, j) ? 0 : side(lanes.get(layout.eventEnds + j, lane));
      if (side != sides[j]) {
        isDue[j] = sides[j] != 0 && events[j].counts(sides[j] < 0);
        sides[j] = side;
      }
    }
  }

  /**
   * An event crosses later in the step, where it was located: if rounding has it on the other side
   * already, it crosses now.
   */
  void crossesLater(int event, boolean rising) {
    if (!isKnown[event]) {
      isKnown[event] = true;
      if (rising ? values[event] >= 0 : values[event] <= 0) {
        crosses(event, rising);
      }
    }
  }

  /**
   * Lets everything happen, the event declared first before others; changes the states.
   *
   * @return how the trajectory ends there, or null if it does not
   */
  @Nullable Status settle(int lane, int trajectory, double time, double[] at) {
    for (int i = due(); i >= 0; i = due()) {
      isDue[i] = false;
      solution.log(trajectory, events[i], time, at);
      if (events[i].terminal()) {
        return Status.EVENT;
      }
      EventFunction reset = resets[i];
      if (counts[i]++ >= MOST) {
        return Status.MAXIMUM_EVENTS;
      }
      if (reset == null) {
        continue;
      }
      if (resetCounts[lane]++ >= maximum
          || (isLocated[i]
              && counts[i] == 1
              && ++withoutTime[lane * events.length + i] > MOST_WITHOUT_TIME)) {
        return Status.MAXIMUM_EVENTS;
      }
      // Only what follows soon upon the last time can be too short for the time to change.
      double elapsed = Math.abs(precision.round(time) - before[lane * events.length + i]);
      slopes[i] =
          isLocated[i] && elapsed < 0x1p-20 * Math.abs(time)
              ? noises[i].slope(step, lane, time, at)
              : Double.NaN;
      step.evaluate(reset, lane, time, at);
      for (int s = 0; s < states; s++) {
        at[s] = precision.round(reset.result(s));
      }
      for (int j = 0; j < events.length; j++) {
        follow(lane, j, j == i, time, at);
      }
    }
    return null;
  }

  private int due() {
    for (int j = 0; j < isDue.length; j++) {
      if (isDue[j]) {
        return j;
      }
    }
    return -1;
  }

  /** Looks where an event's function is after a reset, its own or another's. */
  private void follow(int lane, int j, boolean own, double time, double[] at) {
    double value = value(lane, j, time, at);
    int side = side(value);
    latest[j] = value;
    isAway[j] = false;
    if (side == sides[j] || isOnZero(lane, j, time, at)) {
      return;
    }
    isAway[j] = true;
    if (!own && sides[j] != 0 && events[j].counts(sides[j] < 0)) {
      isDue[j] = true;
    }
    sides[j] = side;
  }

  /** Whether an event has happened, and its function has not left its zero since. */
  private boolean isOnZero(int lane, int j, double time, double[] at) {
    double value = latest[j];
    if (isLocated[j]
        && Math.abs(value) <= sizes[j]
        && (Math.abs(value) <= 0x1p-44 * sizes[j] || value == atStart(lane, j, time))
        && noises[j].isAsRemembered(step, lane, time, at)) {
      return true;
    }
    return (isLocated[j] || counts[j] > 0 || crossings.stays(lane, j))
        && noises[j].covers(step, lane, time, at, value);
  }

  private double atStart(int lane, int j, double time) {
    if (Double.isNaN(values[j])) {
      values[j] = value(lane, j, time, start);
    }
    return values[j];
  }

  /**
   * Goes on after the lane has begun again, with the sides that its functions are on.
   *
   * @return false if an event will happen again before the time changes, as that of a ball whose
   *     bounces are too short to be told apart
   */
  boolean close(int lane, double time, double[] at) {
    for (int j = 0; j < events.length; j++) {
      boolean stays = !isAway[j] && isOnZero(lane, j, time, at);
      if (stays && isLocated[j] && resets[j] != null && isShort(lane, j, time, at)) {
        return false;
      }
      crossings.stay(lane, j, stays);
      if (counts[j] > 0) {
        before[lane * events.length + j] = precision.round(time);
      }
      int ends = layout.eventEnds + j;
      if (stays) {
        lanes.set(ends, lane, 0);
      } else if (sides[j] != 0 && side(lanes.get(ends, lane)) != sides[j]) {
        // Rounded differently in the lane: what has not crossed yet must not be lost.
        lanes.set(ends, lane, sides[j] * Float.MIN_NORMAL);
      }
    }
    return true;
  }

  /**
   * Whether a function on its zero goes back to the side it came from, and so slowly that, slowed
   * down as before, it is at zero again before the time changes.
   */
  private boolean isShort(int lane, int j, double time, double[] at) {
    double direction = lanes.get(layout.direction, lane);
    double rounded = precision.round(time);
    double elapsed = Math.abs(rounded - before[lane * events.length + j]);
    double again = elapsed * Math.abs(noises[j].slope(step, lane, time, at) / slopes[j]);
    return precision.round(rounded + direction * again) == rounded
        && noises[j].departure(step, lane, time, at) * direction == -sides[j];
  }

  private double value(int lane, int j, double time, double[] at) {
    step.evaluate(functions[j], lane, time, at);
    return functions[j].result(0);
  }

  private static int side(double value) {
    return value > 0 ? 1 : value < 0 ? -1 : 0;
  }
}
