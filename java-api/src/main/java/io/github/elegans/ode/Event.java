package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import java.util.Map;

/**
 * Something that happens when a function of state and time crosses zero. Crossings are found on the
 * polynomial of each step, several in one step in the order of time, two of the same function
 * included. A function that is zero at the start (or after a reset at its own event) has crossed
 * when it leaves the side it first took; one that touches zero without crossing has not.
 *
 * @param name for the log
 * @param function whose zeros are looked for, of states, parameters, outputs and time
 * @param terminal whether the trajectory ends there
 * @param resets states that get new values there, by expressions of the values before; the
 *     trajectory starts again
 */
public record Event(
    String name, Expr function, Direction direction, boolean terminal, Map<String, Expr> resets) {
  /** Which crossings count. */
  public enum Direction {
    /** From negative to positive. */
    RISING,
    /** From positive to negative. */
    FALLING,
    ANY
  }

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
    if (function.isCondition()) {
      throw new IllegalArgumentException(
          "event '%s': a number is expected, a condition is found".formatted(name));
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
}
