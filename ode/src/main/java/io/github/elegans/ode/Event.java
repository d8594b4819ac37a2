package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import java.util.Map;

/**
 * Something that happens when a function of state and time crosses zero, or when a condition
 * becomes true.
 *
 * <p><b>Where.</b> Crossings are found on the polynomial of each step, several in one step
 * included. A function is followed as one of degree 4 between the points where a comparison in it
 * changes ({@code if}, {@code min}, {@code max}, {@code abs}), and those points are found to the
 * last bit: functions may be constant, or jump, between them. What comes and goes between two
 * steps' ends and middles may be missed: {@link Solver.Builder#maximumStep} helps. Directions are
 * those in which the trajectory runs, backwards, too. A function that is zero at the start has
 * crossed when it leaves the side it first took; one that touches zero without crossing has not. A
 * condition rises when it becomes true: from one step or reset to the next, not at the start.
 *
 * <p><b>In which order.</b> Events happen in the order of time. Crossings whose times differ by no
 * more than 4 units in the last place, if one of them resets states or ends the trajectory, are one
 * instant. There, the event declared first happens first; each sees the states as those before it
 * have left them, logs included; all happen, even if an earlier one takes the reason away. A
 * terminal event ends the trajectory in its turn: what is declared after it does not happen.
 *
 * <p><b>What follows.</b> A reset that carries another event's function across zero, or onto it, in
 * a direction that counts makes that event happen in the same instant: of all that are due, the one
 * declared first is next. An event's own reset never makes it happen. If that leaves its function
 * at zero, within the rounding of states and time, the event can happen again only after the
 * function has left zero. An event that happens more than 1,000 times in one instant ends the
 * trajectory with {@link Status#MAXIMUM_EVENTS}; so does one that resets it more than 16 times
 * without time to pass between, and one whose function, back on the side that it came from, will be
 * at zero again before the time changes: the height of a ball, in the end.
 *
 * <p>This is how SBML treats events whose priorities fall in the order of declaration, which are
 * persistent and use values from the time of their execution; Modelica's event iteration gives the
 * same where no two of them change the same state.
 *
 * @param name for the log
 * @param function whose zeros are looked for, of states, parameters, outputs and time; or a
 *     condition, which is negative where it is false and positive where it is true
 * @param direction which crossings count
 * @param terminal whether the trajectory ends there
 * @param resets states that get new values there, by expressions of the values before; the
 *     trajectory starts again
 */
public record Event(
    String name, Expr function, Direction direction, boolean terminal, Map<String, Expr> resets) {
  /** Which crossings count. */
  public enum Direction {
    /** From negative to positive, or from false to true. */
    RISING,
    /** From positive to negative, or from true to false. */
    FALLING,
    /** Both. */
    ANY
  }

  /**
   * Copies the resets.
   *
   * @throws IllegalArgumentException if the event is terminal and resets states, or a reset is a
   *     condition
   */
  public Event {
    resets = Map.copyOf(resets);
    for (Map.Entry<String, Expr> reset : resets.entrySet()) {
      if (reset.getValue().isCondition()) {
        throw new IllegalArgumentException(
            "event '%s', reset of '%s': a number is expected, a condition is found"
                .formatted(name, reset.getKey()));
      }
    }
    if (terminal && !resets.isEmpty()) {
      throw new IllegalArgumentException(
          "event '%s' ends the trajectory and resets states: it can do one of both"
              .formatted(name));
    }
  }

  /** Logs crossings. */
  public static Event log(String name, Expr function, Direction direction) {
    return new Event(name, function, direction, false, Map.of());
  }

  /** Ends the trajectory. */
  public static Event stop(String name, Expr function, Direction direction) {
    return new Event(name, function, direction, true, Map.of());
  }

  /** Gives states new values. */
  public static Event reset(
      String name, Expr function, Direction direction, Map<String, Expr> resets) {
    return new Event(name, function, direction, false, resets);
  }

  /** The function as a number: 1 where a condition holds, otherwise -1. */
  Expr signed() {
    return function.isCondition() ? function.select(Expr.constant(1), Expr.constant(-1)) : function;
  }

  /** Whether the trajectory does not simply go on after it. */
  boolean cuts() {
    return terminal || !resets.isEmpty();
  }

  /** Whether crossings in a direction count. */
  boolean counts(boolean rising) {
    return switch (direction) {
      case RISING -> rising;
      case FALLING -> !rising;
      case ANY -> true;
    };
  }
}
