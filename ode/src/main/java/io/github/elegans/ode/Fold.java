package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import org.jspecify.annotations.Nullable;

/**
 * A number gathered along a trajectory while it is computed, instead of the trajectory. One without
 * a step leaves it as it was: the least of nothing is infinite, the greatest −∞, a mean NaN.
 *
 * @param name for the result
 * @param value what is looked at, of states, parameters, outputs and time
 * @param update for {@link Kind#USER}: the new number from {@code value} as {@code x}, the number
 *     so far as {@code fold} and the step as {@code dt}
 * @param initial for {@link Kind#USER}: the number at first
 */
public record Fold(String name, Expr value, Kind kind, double initial, @Nullable Expr update) {
  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if the value or the update is a condition, or there is an
   *     update for another kind than {@link Kind#USER}, or none for that one
   */
  public Fold {
    if (value.isCondition() || (update != null && update.isCondition())) {
      throw new IllegalArgumentException(
          "fold '%s': a number is expected, a condition is found".formatted(name));
    }
    if ((kind == Kind.USER) != (update != null)) {
      throw new IllegalArgumentException(
          "fold '%s': an update belongs to a fold of one's own, and to no other".formatted(name));
    }
  }

  /** What is gathered. */
  public enum Kind {
    /** The least of the values at the ends and in the middle of all steps. */
    MINIMUM,
    /** The greatest of the values at the ends and in the middle of all steps. */
    MAXIMUM,
    /** The mean over time: Simpson's rule on each step. */
    MEAN,
    /** The root of the mean square over time: Simpson's rule on each step. */
    ROOT_MEAN_SQUARE,
    /** As the user says, once for each step, at its end. */
    USER
  }

  /** The least value: {@link Kind#MINIMUM}. */
  public static Fold minimum(String name, Expr value) {
    return new Fold(name, value, Kind.MINIMUM, Double.POSITIVE_INFINITY, null);
  }

  /** The greatest value: {@link Kind#MAXIMUM}. */
  public static Fold maximum(String name, Expr value) {
    return new Fold(name, value, Kind.MAXIMUM, Double.NEGATIVE_INFINITY, null);
  }

  /** The mean over time: {@link Kind#MEAN}. */
  public static Fold mean(String name, Expr value) {
    return new Fold(name, value, Kind.MEAN, 0, null);
  }

  /** The root of the mean square over time: {@link Kind#ROOT_MEAN_SQUARE}. */
  public static Fold rootMeanSquare(String name, Expr value) {
    return new Fold(name, value, Kind.ROOT_MEAN_SQUARE, 0, null);
  }

  /**
   * A number of one's own: {@code update} is an expression of {@code x}, {@code fold}, {@code dt},
   * which mean this even in a system that has states of these names, and of the system's names.
   */
  public static Fold of(String name, Expr value, double initial, Expr update) {
    return new Fold(name, value, Kind.USER, initial, update);
  }
}
