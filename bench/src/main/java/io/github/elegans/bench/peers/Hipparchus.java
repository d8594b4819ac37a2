package io.github.elegans.bench.peers;

import io.github.elegans.bench.OdeWorkload;
import java.util.Objects;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince54Integrator;
import org.hipparchus.util.FastMath;

/** Hipparchus, the JVM's usual library for differential equations. */
public final class Hipparchus implements Peer {
  private static final double SHORTEST_STEP = 1e-12;

  @Override
  public String name() {
    return "Hipparchus";
  }

  @Override
  public String version() {
    return Objects.requireNonNullElse(FastMath.class.getPackage().getImplementationVersion(), "");
  }

  @Override
  public String reason() {
    return "";
  }

  @Override
  public boolean does(PeerTask task) {
    return task instanceof PeerTask.Lorenz;
  }

  @Override
  public Operation prepare(PeerTask task) {
    PeerTask.Lorenz lorenz = (PeerTask.Lorenz) task;
    double[] ends = new double[3 * lorenz.trajectories()];
    return new Operation() {
      @Override
      public void run() {
        for (int i = 0; i < lorenz.trajectories(); i++) {
          double[] end =
              new DormandPrince54Integrator(
                      SHORTEST_STEP, 1, OdeWorkload.LORENZ_TOLERANCE, OdeWorkload.LORENZ_TOLERANCE)
                  .integrate(
                      new LorenzEquation(lorenz.rho(i)), new ODEState(0, new double[] {1, 0, 0}), 1)
                  .getPrimaryState();
          System.arraycopy(end, 0, ends, 3 * i, 3);
        }
      }

      @Override
      public double[] output() {
        return ends.clone();
      }
    };
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
