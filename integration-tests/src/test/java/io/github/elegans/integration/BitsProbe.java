package io.github.elegans.integration;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Network;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A main class for JVMs with all kinds of flags: what each backend makes of every network and of
 * two solves, as one number, or why the backend cannot run.
 */
final class BitsProbe {
  private BitsProbe() {}

  /** Prints {@code backend = number, tier} or {@code backend refuses: reason} for each backend. */
  public static void main(String[] arguments) throws GeneralSecurityException {
    for (Backends.Status status : Backends.statuses()) {
      Kernels kernels = status.kernels();
      System.out.println(
          kernels == null
              ? status.name() + " refuses: " + status.reason()
              : "%s = %s, %s".formatted(status.name(), digest(kernels), kernels.tier()));
    }
    System.out.println("chosen = " + Backends.get().backend());
  }

  private static String digest(Kernels kernels) throws GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (Network network : EveryNetwork.all().values()) {
      for (int bits : EveryNetwork.run(network.on(kernels), 1)) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bits));
      }
    }
    solve(kernels, digest, "lorenz", Method.DP5);
    solve(kernels, digest, "hodgkin-huxley", Method.RODAS5P);
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static void solve(Kernels kernels, MessageDigest digest, String name, Method method) {
    int trajectories = 9;
    Solution solution =
        Solver.of(OdeSystem.named(name))
            .method(method)
            .tolerance(1e-5, 1e-7)
            .kernels(kernels)
            .build()
            .solve(Ensemble.of(trajectories).end(i -> 0.1 + 0.02 * i));
    for (int i = 0; i < trajectories; i++) {
      for (double value : solution.states(i)) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, Double.doubleToLongBits(value)));
      }
    }
  }
}
