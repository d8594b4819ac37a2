package io.github.elegans.ode;

import java.util.function.DoubleUnaryOperator;

/** Zeros within a step: of polynomials by their extrema, of functions within a bracket. */
final class Roots {
  private Roots() {}

  static double value(double[] c, double x) {
    double y = c[c.length - 1];
    for (int i = c.length - 2; i >= 0; i--) {
      y = Math.fma(y, x, c[i]);
    }
    return y;
  }

  /**
   * The points in (0, 1) where a polynomial may turn: between two of them it is monotone.
   *
   * @return how many there are, written to {@code turns} in ascending order
   */
  static int turns(double[] c, double[] turns) {
    int degree = c.length - 1;
    while (degree > 0 && c[degree] == 0) {
      degree--;
    }
    if (degree < 2) {
      return 0;
    }
    double[] derivative = new double[degree];
    for (int i = 0; i < degree; i++) {
      derivative[i] = (i + 1) * c[i + 1];
    }
    double[] inner = new double[degree];
    int count = turns(derivative, inner);
    int found = 0;
    double a = 0;
    double fa = derivative[0];
    for (int i = 0; i <= count; i++) {
      double b = i == count ? 1 : inner[i];
      double fb = value(derivative, b);
      if (fa != 0 && fb != 0 && (fa < 0) != (fb < 0)) {
        turns[found++] = within(derivative, a, b, fa, fb);
      } else if (fb == 0 && b < 1) {
        turns[found++] = b;
      }
      a = b;
      fa = fb;
    }
    return found;
  }

  /** Whether a polynomial certainly has no turn in (0, 1): its linear term outweighs the others. */
  static boolean isMonotone(double[] c) {
    double rest = 0;
    for (int i = 2; i < c.length; i++) {
      rest += i * Math.abs(c[i]);
    }
    return Math.abs(c[1]) > rest;
  }

  /**
   * A zero of a polynomial between a and b, where it has the values fa and fb of different signs.
   */
  static double within(double[] c, double a, double b, double fa, double fb) {
    double x = a - fa * ((b - a) / (fb - fa));
    for (int i = 0; i < 100; i++) {
      if (!(x > a && x < b)) {
        x = a + 0.5 * (b - a);
        if (!(x > a && x < b)) {
          return x;
        }
      }
      double y = c[c.length - 1];
      double slope = 0;
      for (int k = c.length - 2; k >= 0; k--) {
        slope = Math.fma(slope, x, y);
        y = Math.fma(y, x, c[k]);
      }
      if (y == 0) {
        return x;
      }
      if ((y < 0) == (fa < 0)) {
        a = x;
      } else {
        b = x;
      }
      double next = x - y / slope;
      if (Math.abs(next - x) <= 0x1p-53 * x) {
        return next > a && next < b ? next : x;
      }
      x = next;
    }
    return x;
  }

  /** A zero between a and b, where the function has the values fa and fb of different signs. */
  static double within(DoubleUnaryOperator f, double a, double b, double fa, double fb) {
    // False position, whose stale end is weighed down (Anderson and Björck), with bisection
    // whenever three steps have not halved the bracket.
    double width = b - a;
    int slow = 0;
    for (int i = 0; i < 200 && b - a > 0x1p-52 * Math.max(0x1p-40, b); i++) {
      double x = slow >= 3 ? a + 0.5 * (b - a) : a - fa * ((b - a) / (fb - fa));
      if (slow >= 3) {
        slow = 0;
      }
      if (!(x > a && x < b)) {
        x = a + 0.5 * (b - a);
        if (!(x > a && x < b)) {
          break;
        }
      }
      double fx = f.applyAsDouble(x);
      if (fx == 0) {
        return x;
      }
      if ((fx < 0) == (fa < 0)) {
        double weight = 1 - fx / fa;
        fb *= weight > 0 ? weight : 0.5;
        a = x;
        fa = fx;
      } else {
        double weight = 1 - fx / fb;
        fa *= weight > 0 ? weight : 0.5;
        b = x;
        fb = fx;
      }
      if (b - a < 0.5 * width) {
        width = b - a;
        slow = 0;
      } else {
        slow++;
      }
    }
    return Math.abs(fa) < Math.abs(fb) ? a : b;
  }
}
