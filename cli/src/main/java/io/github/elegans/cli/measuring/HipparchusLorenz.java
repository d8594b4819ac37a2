package io.github.elegans.cli.measuring;

import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince54Integrator;

/**
 * Trajectories of {@link OdeWorkload#LORENZ_ADAPTIVE} by the JVM's usual library for differential
 * equations.
 */
public final class HipparchusLorenz {
  private static final double SHORTEST_STEP = 1e-12;

  private HipparchusLorenz() {}

  /**
   * Solves the first trajectories.
   *
   * @return the states at the end, three for each
   */
  public static double[] solve(int trajectories) {
    double[] ends = new double[3 * trajectories];
    for (int i = 0; i < trajectories; i++) {
      double[] end =
          new DormandPrince54Integrator(
                  SHORTEST_STEP, 1, OdeWorkload.LORENZ_TOLERANCE, OdeWorkload.LORENZ_TOLERANCE)
              .integrate(
                  new LorenzEquation(OdeWorkload.rho(i, OdeWorkload.LORENZ_ADAPTIVE.size())),
                  new ODEState(0, new double[] {1, 0, 0}),
                  1)
              .getPrimaryState();
      System.arraycopy(end, 0, ends, 3 * i, 3);
    }
    return ends;
  }

  private record LorenzEquation(double rho) implements OrdinaryDifferentialEquation {
    private static final double SIGMA = 10;
    private static final double BETA = 2.666;

    @Override
    public int getDimension() {
      return 3;
    }

    @Override
    public double[] computeDerivatives(double t, double[] y) {
      return new double[] {
        SIGMA * (y[1] - y[0]), y[0] * (rho - y[2]) - y[1], y[0] * y[1] - BETA * y[2]
      };
    }
  }
}
