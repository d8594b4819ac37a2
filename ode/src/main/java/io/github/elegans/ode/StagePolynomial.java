package io.github.elegans.ode;

/**
 * The polynomial of a step of a Runge-Kutta-Nyström method: the one through some of its
 * accelerations and that at the end, integrated once for velocities and twice for positions. What
 * it lacks at the end, at most the error of those accelerations, is added by 3θ² − 2θ³.
 */
final class StagePolynomial {
  private StagePolynomial() {}

  /**
   * Weights of the stages, f at the end being one more, by powers of θ from the first on.
   *
   * @param c the times of the stages
   * @param nodes the stages that the polynomial goes through
   * @param integrals how often it is integrated
   * @param end the weights at the end of the step
   */
  static double[][] weights(double[] c, int[] nodes, int integrals, double[] end) {
    double[][] weights = new double[c.length + 1][nodes.length + integrals];
    for (int i = 0; i <= nodes.length; i++) {
      double[] power = lagrange(c, nodes, i);
      double[] row = weights[i < nodes.length ? nodes[i] : c.length];
      for (int k = 0; k < power.length; k++) {
        double divisor = 1;
        for (int j = 1; j <= integrals; j++) {
          divisor *= k + j;
        }
        row[k + integrals - 1] = power[k] / divisor;
      }
    }
    for (int i = 0; i < weights.length; i++) {
      double lacking = i < end.length ? end[i] : 0;
      for (double weight : weights[i]) {
        lacking -= weight;
      }
      weights[i][1] += 3 * lacking;
      weights[i][2] -= 2 * lacking;
    }
    return weights;
  }

  /**
   * Powers of the polynomial that is 1 at one of the nodes, the last of which is 1, and 0 at
   * others.
   */
  private static double[] lagrange(double[] c, int[] nodes, int one) {
    double[] power = new double[nodes.length + 1];
    power[0] = 1;
    double here = time(c, nodes, one);
    int degree = 0;
    for (int j = 0; j <= nodes.length; j++) {
      if (j != one) {
        double there = time(c, nodes, j);
        degree++;
        for (int k = degree; k >= 0; k--) {
          double lower = k > 0 ? power[k - 1] : 0;
          power[k] = (lower - power[k] * there) / (here - there);
        }
      }
    }
    return power;
  }

  private static double time(double[] c, int[] nodes, int node) {
    return node < nodes.length ? c[nodes[node]] : 1;
  }
}
