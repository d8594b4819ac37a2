package io.github.elegans.expressions;

/**
 * The elementary functions in primitive operations, in double and in float: their only definition.
 */
final class Functions {
  private Functions() {}

  private static int polynomial(Graph g, int x, double... highestFirst) {
    int y = g.constant(highestFirst[0]);
    for (int i = 1; i < highestFirst.length; i++) {
      y = g.fma(y, x, g.constant(highestFirst[i]));
    }
    return y;
  }

  private static int clamp(Graph g, int x, double low, double high) {
    int lower = g.constant(low);
    int upper = g.constant(high);
    x = g.select(g.less(x, lower), lower, x);
    return g.select(g.less(upper, x), upper, x);
  }

  /** xⁿ by squaring. */
  static int powi(Graph g, int x, int n) {
    if (n < 0) {
      return g.div(g.constant(1), powi(g, x, -n));
    }
    if (n == 0) {
      return g.constant(1);
    }
    int half = powi(g, x, n / 2);
    int square = n == 1 ? x : g.mul(half, half);
    return n % 2 == 0 || n == 1 ? square : g.mul(square, x);
  }

  static int exp(Graph g, int x) {
    throw new UnsupportedOperationException("exp");
  }

  static int expm1(Graph g, int x) {
    throw new UnsupportedOperationException("expm1");
  }

  static int log(Graph g, int x) {
    throw new UnsupportedOperationException("log");
  }

  static int log1p(Graph g, int x) {
    throw new UnsupportedOperationException("log1p");
  }

  static int sin(Graph g, int x) {
    throw new UnsupportedOperationException("sin");
  }

  static int cos(Graph g, int x) {
    throw new UnsupportedOperationException("cos");
  }

  static int tanh(Graph g, int x) {
    throw new UnsupportedOperationException("tanh");
  }

  static int sigmoid(Graph g, int x) {
    throw new UnsupportedOperationException("sigmoid");
  }

  static int exprel(Graph g, int x) {
    throw new UnsupportedOperationException("exprel");
  }

  static int pow(Graph g, int x, int y) {
    throw new UnsupportedOperationException("pow");
  }
}
