package io.github.elegans.orekit;

import io.github.elegans.expressions.Expr;
import java.util.Arrays;

/**
 * A function of time by its Chebyshev series over a span.
 *
 * @param coefficients of T₀, T₁, …
 */
record ChebyshevSeries(double[] coefficients) {
  /** How small, of the greatest coefficient, the last quarter of them is where a series ends. */
  private static final double CONVERGED = 1e-12;

  /** Coefficients below this part of the greatest one change nothing. */
  private static final double NEGLIGIBLE = 1e-16;

  /** The series through values at {@link #nodes}, as many. */
  static ChebyshevSeries through(double[] values) {
    int n = values.length;
    double[] c = new double[n];
    for (int k = 0; k < n; k++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        // As nodes rise, angles fall; whole turns are taken off before they are rounded.
        long halves = k * (2L * (n - 1 - j) + 1) % (4L * n);
        sum += values[j] * Math.cos(Math.PI * halves / (2.0 * n));
      }
      c[k] = sum * (k == 0 ? 1.0 : 2.0) / n;
    }
    return new ChebyshevSeries(c);
  }

  /** The zeros of T of a degree, rising, all within -1 and 1. */
  static double[] nodes(int degree) {
    double[] nodes = new double[degree];
    Arrays.setAll(nodes, j -> -Math.cos(Math.PI * (2 * j + 1) / (2.0 * degree)));
    return nodes;
  }

  private double greatest() {
    return Arrays.stream(coefficients).map(Math::abs).max().orElse(0);
  }

  /** Whether its last quarter is so small that nothing is missing. */
  boolean hasConverged() {
    double least = CONVERGED * greatest();
    return Arrays.stream(coefficients)
        .skip(coefficients.length - coefficients.length / 4)
        .allMatch(c -> Math.abs(c) <= least);
  }

  /**
   * Its value, by Clenshaw's recurrence.
   *
   * @param x the place in the span, from -1 to 1
   * @param twice 2x
   */
  Expr at(Expr x, Expr twice) {
    double least = NEGLIGIBLE * greatest();
    int degree = coefficients.length - 1;
    while (degree > 0 && Math.abs(coefficients[degree]) <= least) {
      degree--;
    }
    if (degree == 0) {
      return Expr.constant(coefficients[0]);
    }
    Expr after = Expr.constant(0);
    Expr next = Expr.constant(coefficients[degree]);
    for (int k = degree - 1; k > 0; k--) {
      Expr now = twice.fma(next, Expr.constant(coefficients[k]).minus(after));
      after = next;
      next = now;
    }
    return x.fma(next, Expr.constant(coefficients[0]).minus(after));
  }
}
