package io.github.elegans.bench.peers;

import io.github.elegans.cli.measuring.HipparchusLorenz;
import java.util.Objects;
import org.hipparchus.util.FastMath;

/** Hipparchus, the JVM's usual library for differential equations. */
public final class Hipparchus implements Peer {
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
    double[][] ends = {{}};
    return new Operation() {
      @Override
      public void run() {
        ends[0] = HipparchusLorenz.solve(lorenz.trajectories());
      }

      @Override
      public double[] output() {
        return ends[0].clone();
      }
    };
  }
}
