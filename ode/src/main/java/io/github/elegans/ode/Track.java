package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The values of a function along the last step of a lane, by θ, and where they may turn; for one
 * thread.
 */
final class Track implements DoubleUnaryOperator {
  private final LaneMemory lanes;
  private final Layout layout;
  private final DenseStep step;
  private final EventFunction function;

  /** Whether the function is the difference of two numbers. */
  private final boolean compares;

  /** The function's derivatives, if it is affine: along the step it is a polynomial then. */
  private final @Nullable EventFunction weights;

  private final int n;
  private final double[] at;

  /** A polynomial: the function, or one through some of its values. */
  private final double[] c;

  private final Roots.Turns turns;
  private int lane;

  private Track(
      OdeSystem system,
      Expr function,
      List<Expr> numbers,
      LaneMemory lanes,
      Layout layout,
      DenseStep step) {
    this.lanes = lanes;
    this.layout = layout;
    this.step = step;
    this.function = EventFunction.values(system, numbers);
    this.compares = numbers.size() > 1;
    this.weights =
        EventFunction.comparisons(system, function).isEmpty()
            ? EventFunction.weights(system, function)
            : null;
    this.n = system.states().size();
    this.at = new double[n];
    this.c = new double[1 + (weights != null ? layout.degree : 4)];
    this.turns = new Roots.Turns(c.length - 1);
  }

  static Track of(
      OdeSystem system, Expr function, LaneMemory lanes, Layout layout, DenseStep step) {
    return new Track(system, function, List.of(function), lanes, layout, step);
  }

  /** The left side of a comparison less the right one. */
  static Track of(
      OdeSystem system,
      Expr.Comparison comparison,
      LaneMemory lanes,
      Layout layout,
      DenseStep step) {
    return new Track(
        system,
        comparison.left().minus(comparison.right()),
        List.of(comparison.left(), comparison.right()),
        lanes,
        layout,
        step);
  }

  /** Takes a lane's step, at whose start the function has a value. */
  void begin(int lane, double start) {
    this.lane = lane;
    if (weights == null) {
      return;
    }
    step.states(lane, 0, at, 0);
    step.evaluate(weights, lane, lanes.get(layout.timeBefore, lane), at);
    Arrays.fill(c, 0);
    c[0] = start;
    for (int i = 0; i < n; i++) {
      double weight = weights.result(i);
      if (weight != 0) {
        for (int k = 1; k < c.length; k++) {
          c[k] = Math.fma(weight, lanes.get(layout.dense(i, k), lane), c[k]);
        }
      }
    }
    c[1] = Math.fma(weights.result(n), lanes.get(layout.stepTaken, lane), c[1]);
  }

  /** Takes a lane's step. */
  void begin(int lane) {
    this.lane = lane;
    begin(lane, weights == null ? 0 : evaluate(0));
  }

  /** The polynomial that the function is along the step, or null if it is none. */
  double @Nullable [] polynomial() {
    return weights == null ? null : c;
  }

  @Override
  public double applyAsDouble(double theta) {
    return weights != null ? Roots.value(c, c.length - 1, theta) : evaluate(theta);
  }

  /** The value from the states at a point, as whoever looks there sees it. */
  double evaluate(double theta) {
    step.states(lane, theta, at, 0);
    step.evaluate(function, lane, step.time(lane, theta), at);
    return compares ? function.result(0) - function.result(1) : function.result(0);
  }

  /**
   * Finds the points between two where the function turns: those of its polynomial, or of one of
   * degree 4 through 5 of its values.
   *
   * @param fa its value at a
   * @param fb its value at b
   * @return how many there are
   */
  int turn(double a, double b, double fa, double fb) {
    if (weights == null) {
      double width = b - a;
      double f1 = applyAsDouble(Math.fma(0.25, width, a));
      double f2 = applyAsDouble(Math.fma(0.5, width, a));
      double f3 = applyAsDouble(Math.fma(0.75, width, a));
      c[0] = fa;
      c[1] = (-25 * fa + 48 * f1 - 36 * f2 + 16 * f3 - 3 * fb) / 3;
      c[2] = (70 * fa - 208 * f1 + 228 * f2 - 112 * f3 + 22 * fb) / 3;
      c[3] = (-80 * fa + 288 * f1 - 384 * f2 + 224 * f3 - 48 * fb) / 3;
      c[4] = (32 * fa - 128 * f1 + 192 * f2 - 128 * f3 + 32 * fb) / 3;
    }
    return turns.find(c);
  }

  /** One of the points just found, which may lie outside if the function is a polynomial. */
  double turn(int index, double a, double b) {
    return weights != null ? turns.get(index) : Math.fma(turns.get(index), b - a, a);
  }
}
