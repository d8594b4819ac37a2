package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Precision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether rounding may have kept the function of an event from being at its zero; for one thread.
 */
final class Noise {
  /** Units in the last place of each state and of the time. */
  private static final double UNITS = 32;

  private final OdeSystem system;
  private final Expr function;
  private final EventFunction gradient;
  private @Nullable EventFunction slope;

  // of what the function compares: where one of them is at zero, the function may jump across its
  // own
  private final EventFunction[] comparisons;
  private final EventFunction[] gradients;
  private final double[] differences;
  private final int states;
  private final double[] near;
  private final double unit;

  Noise(Setup setup, Event event) {
    this.system = setup.system();
    this.function = event.signed();
    List<Expr> compared =
        EventFunction.comparisons(system, function).stream()
            .map(comparison -> comparison.left().minus(comparison.right()))
            .toList();
    this.gradient = EventFunction.gradient(system, function);
    this.comparisons =
        compared.stream()
            .map(difference -> EventFunction.values(system, List.of(difference)))
            .toArray(EventFunction[]::new);
    this.gradients =
        compared.stream()
            .map(difference -> EventFunction.gradient(system, difference))
            .toArray(EventFunction[]::new);
    this.differences = new double[comparisons.length];
    this.states = system.states().size();
    this.near = new double[states];
    this.unit = UNITS * (setup.precision() == Precision.DOUBLE ? 0x1p-53 : 0x1p-24);
  }

  /** Whether the function may be at its zero where it has a value. */
  boolean covers(DenseStep step, int lane, double time, double[] at, double value) {
    if (Math.abs(value) <= of(gradient, step, lane, time, at)) {
      return true;
    }
    for (int k = 0; k < comparisons.length; k++) {
      step.evaluate(comparisons[k], lane, time, at);
      double difference = comparisons[k].result(0);
      if (Math.abs(difference) <= of(gradients[k], step, lane, time, at)) {
        return true;
      }
    }
    return false;
  }

  /** Remembers what the function compares at a point. */
  void remember(DenseStep step, int lane, double time, double[] at) {
    for (int k = 0; k < comparisons.length; k++) {
      step.evaluate(comparisons[k], lane, time, at);
      differences[k] = comparisons[k].result(0);
    }
  }

  /** Whether what the function compares is as it was remembered. */
  boolean isAsRemembered(DenseStep step, int lane, double time, double[] at) {
    for (int k = 0; k < comparisons.length; k++) {
      step.evaluate(comparisons[k], lane, time, at);
      if (comparisons[k].result(0) != differences[k]) {
        return false;
      }
    }
    return true;
  }

  /** The function's derivative by time along the solution. */
  double slope(DenseStep step, int lane, double time, double[] at) {
    EventFunction derivative = slope;
    if (derivative == null) {
      derivative = EventFunction.slope(system, function);
      slope = derivative;
    }
    step.evaluate(derivative, lane, time, at);
    return derivative.result(0);
  }

  /** The sign of that, if it is the same however states are rounded, otherwise 0. */
  int departure(DenseStep step, int lane, double time, double[] at) {
    double sign = Double.NaN;
    // Any two states are rounded in opposite directions in one of the rounds.
    for (int bit = 1; bit <= 2 * states; bit *= 2) {
      for (int way = -1; way <= 1; way++) {
        for (int i = 0; i < states; i++) {
          near[i] = at[i] + ((i & bit) == 0 ? way : -way) * unit * at[i];
        }
        double here = Math.signum(slope(step, lane, time, near));
        sign = Double.isNaN(sign) ? here : sign == here ? sign : 0;
      }
    }
    return (int) sign;
  }

  private double of(EventFunction derivatives, DenseStep step, int lane, double time, double[] at) {
    step.evaluate(derivatives, lane, time, at);
    double sum = Math.abs(derivatives.result(states) * time);
    for (int i = 0; i < states; i++) {
      sum += Math.abs(derivatives.result(i) * at[i]);
    }
    return unit * sum;
  }
}
