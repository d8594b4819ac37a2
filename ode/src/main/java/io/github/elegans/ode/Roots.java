package io.github.elegans.ode;

import java.util.function.DoubleUnaryOperator;

/** Zeros within a step: of polynomials by their extrema, of functions within a bracket. */
final class Roots {
  private Roots() {}

  /** The value of a polynomial of a degree, whatever c holds beyond. */
  static double value(double[] c, int degree, double x) {
    double y = c[degree];
    for (int i = degree - 1; i >= 0; i--) {
      y = Math.fma(y, x, c[i]);
    }
    return y;
  }

  /**
   * The points in (0, 1) where a polynomial may turn, in ascending order: between two of them it is
   * monotone. Its memory serves one polynomial after the other.
   */
  static final class Turns {
    private final double[][] derivatives;
    private final double[] turns;

    /** For polynomials of a degree, 1 or more. */
    Turns(int degree) {
      derivatives = new double[degree + 1][];
      for (int k = 1; k <= degree; k++) {
        derivatives[k] = new double[degree - k + 1];
      }
      turns = new double[degree];
    }

    /** Finds them; returns how many there are. */
    int find(double[] c) {
      int degree = c.length - 1;
      while (degree > 0 && c[degree] == 0) {
        degree--;
      }
      derivatives[0] = c;
      for (int k = 1; k < degree; k++) {
        for (int i = 0; i <= degree - k; i++) {
          derivatives[k][i] = (i + 1) * derivatives[k - 1][i + 1];
        }
      }
      // A line does not turn; the zeros of each derivative are the turns of the one before.
      int count = 0;
      for (int k = degree - 1; k > 0; k--) {
        count = zeros(derivatives[k], degree - k, count);
      }
      return count;
    }

    double get(int turn) {
      return turns[turn];
    }

    /** Replaces a polynomial's turns by its zeros, of which there is at most one more. */
    private int zeros(double[] c, int degree, int count) {
      int found = 0;
      double a = 0;
      double fa = c[0];
      for (int i = 0; i <= count; i++) {
        double b = i == count ? 1 : turns[i];
        double fb = value(c, degree, b);
        if (fa != 0 && fb != 0 && (fa < 0) != (fb < 0)) {
          turns[found++] = within(c, degree, a, b, fa, fb);
        } else if (fb == 0 && b < 1) {
          turns[found++] = b;
        }
        a = b;
        fa = fb;
      }
      return found;
    }
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
  static double within(double[] c, int degree, double a, double b, double fa, double fb) {
    double x = a - fa * ((b - a) / (fb - fa));
    for (int i = 0; i < 100; i++) {
      if (!(x > a && x < b)) {
        x = a + 0.5 * (b - a);
        if (!(x > a && x < b)) {
          return x;
        }
      }
      double y = c[degree];
      double slope = 0;
      for (int k = degree - 1; k >= 0; k--) {
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
