package io.github.elegans.ode;

import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Program;

/**
 * A function of time whose changes of sign are found one after another, without missing any: by
 * ranges of it and of its derivative over intervals, which are halved until the function has no
 * zero there or is monotone; where that never comes to an end, by samples. For one thread.
 */
final class TimeFunction {
  /** Intervals that a search looks at before it samples: some functions' ranges tell nothing. */
  private static final int PATIENCE = 4096;

  private static final int SAMPLES = 4096;

  private final Ranges value;
  private final Ranges slope;
  private final Interpreter interpreter;
  private final double[] memory;
  private final int time;
  private final double[] ends = new double[128];

  /**
   * Of a graph's nodes.
   *
   * @param time the variable of time, the last one
   */
  TimeFunction(Graph graph, Real node, Real derivative, int time) {
    this.value = new Ranges(graph, node);
    this.slope = new Ranges(graph, derivative);
    this.time = time;
    this.memory = new double[time + 2];
    this.interpreter =
        new Interpreter(
            new Program(graph, time + 2, new int[] {time + 1}, new Real[] {node}, null), 1);
  }

  void variable(int number, double x) {
    memory[number] = x;
    value.variable(number, x, x);
    slope.variable(number, x, x);
  }

  /** The sign at a time: -1, 0, 1 or NaN. */
  double sign(double at) {
    memory[time] = at;
    interpreter.run(memory, 1);
    return Math.signum(memory[time + 1]);
  }

  /**
   * The next time at which the sign is another, in the order from one time to the other; the latter
   * if there is none.
   *
   * @param least how near times are that are not told apart
   */
  double next(double from, double to, double least) {
    double a = from + Math.copySign(least, to - from);
    int depth = 0;
    ends[0] = to;
    for (int i = 0; depth >= 0 && (to - a) * (to - from) > 0; i++) {
      if (i == PATIENCE) {
        least = Math.max(least, Math.abs(to - from) / SAMPLES);
      }
      double b = ends[depth];
      double low = Math.min(a, b);
      double high = Math.max(a, b);
      value.variable(time, low, high);
      value.evaluate();
      if ((value.contains(0) || value.isPartial()) && !value.isEmpty()) {
        if (!isMonotone(low, high) && high - low > least) {
          ends[++depth] = 0.5 * a + 0.5 * b;
          continue;
        }
        double sign = sign(a);
        if (differs(sign, sign(b))) {
          return change(a, b, sign);
        }
      }
      a = b;
      depth--;
    }
    return to;
  }

  private boolean isMonotone(double low, double high) {
    if (!value.isSmooth() || value.isPartial()) {
      return false;
    }
    slope.variable(time, low, high);
    slope.evaluate();
    return slope.isSmooth() && (!slope.contains(0) || slope.isZero());
  }

  private static boolean differs(double sign, double other) {
    return Double.compare(sign + 0.0, other + 0.0) != 0;
  }

  /** The first number on the other side of the change between two times. */
  private double change(double a, double b, double sign) {
    while (true) {
      double middle = 0.5 * a + 0.5 * b;
      if (middle == a || middle == b) {
        return b;
      }
      if (differs(sign, sign(middle))) {
        b = middle;
      } else {
        a = middle;
      }
    }
  }
}
