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

  /** How small it is if it is noise. */
  private static final double NOISE = 1e-9;

  /** How much of the quarter before it is left in one of noise. */
  private static final double FLAT = 0.1;

  /** Coefficients below this part of the greatest one change nothing. */
  private static final double NEGLIGIBLE = 1e-16;

  /** How much greater the sum of the coefficients of powers may be than the greatest one here. */
  private static final double BENIGN = 64;

  /** The series through values at {@link #nodes}, as many. */
  static ChebyshevSeries through(double[] values) {
    int n = values.length;
    double[] c = new double[n];
    for (int k = 0; k < n; k++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        // As nodes rise, angles fall; whole turns are taken off before they are rounded.
        long halves = k * (2L * (n - 1 - j) + 1) % (4L * n);
        sum += values[j] * StrictMath.cos(Math.PI * halves / (2.0 * n));
      }
      c[k] = sum * (k == 0 ? 1.0 : 2.0) / n;
    }
    return new ChebyshevSeries(c);
  }

  /** The zeros of T of a degree, rising, all within -1 and 1. */
  static double[] nodes(int degree) {
    double[] nodes = new double[degree];
    Arrays.setAll(nodes, j -> -StrictMath.cos(Math.PI * (2 * j + 1) / (2.0 * degree)));
    return nodes;
  }

  /** The greatest magnitude from one coefficient to before another. */
  private double greatest(int from, int to) {
    return Arrays.stream(coefficients, from, to).map(Math::abs).max().orElse(0);
  }

  /** The greatest magnitude in the last quarter: what is there is missing or noise. */
  private double tail() {
    int n = coefficients.length;
    return greatest(n - n / 4, n);
  }

  /**
   * Whether its last quarter is so small that nothing is missing; or no smaller than what is before
   * it: the noise of rounded values, when the function is small where others are large.
   */
  boolean hasConverged() {
    int n = coefficients.length;
    double greatest = greatest(0, n);
    double tail = tail();
    boolean isFlat = tail >= FLAT * greatest(n / 2, n - n / 4);
    return tail <= CONVERGED * greatest || (isFlat && tail <= NOISE * greatest);
  }

  /**
   * Its value: by powers of x, where their sum loses nothing, which takes half the operations of
   * Clenshaw's recurrence.
   *
   * @param x the place in the span, from -1 to 1
   * @param twice 2x
   */
  Expr at(Expr x, Expr twice) {
    double greatest = greatest(0, coefficients.length);
    double least = Math.max(NEGLIGIBLE * greatest, tail());
    int degree = coefficients.length - 1;
    while (degree > 0 && Math.abs(coefficients[degree]) <= least) {
      degree--;
    }
    if (degree == 0) {
      return Expr.constant(coefficients[0]);
    }
    double[] powers = powers(degree);
    return Arrays.stream(powers).map(Math::abs).sum() <= BENIGN * greatest
        ? horner(powers, x)
        : clenshaw(degree, x, twice);
  }

  private static Expr horner(double[] powers, Expr x) {
    Expr value = Expr.constant(powers[powers.length - 1]);
    for (int k = powers.length - 2; k >= 0; k--) {
      value = value.fma(x, Expr.constant(powers[k]));
    }
    return value;
  }

  private Expr clenshaw(int degree, Expr x, Expr twice) {
    Expr after = Expr.constant(0);
    Expr next = Expr.constant(coefficients[degree]);
    for (int k = degree - 1; k > 0; k--) {
      Expr now = twice.fma(next, Expr.constant(coefficients[k]).minus(after));
      after = next;
      next = now;
    }
    return x.fma(next, Expr.constant(coefficients[0]).minus(after));
  }

  /** The coefficients of 1, x, x², …, of the series to a degree. */
  private double[] powers(int degree) {
    double[] sum = new double[degree + 1];
    double[] before = new double[degree + 1];
    double[] now = new double[degree + 1];
    before[0] = 1;
    now[1] = 1;
    sum[0] = coefficients[0];
    for (int k = 1; k <= degree; k++) {
      double[] next = new double[degree + 1];
      for (int i = 0; i <= k; i++) {
        sum[i] = Math.fma(coefficients[k], now[i], sum[i]);
        if (k < degree) {
          next[i + 1] = 2 * now[i];
        }
      }
      for (int i = 0; i < k; i++) {
        next[i] -= before[i];
      }
      before = now;
      now = next;
    }
    return sum;
  }
}
