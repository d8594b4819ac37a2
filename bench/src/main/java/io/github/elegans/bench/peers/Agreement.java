package io.github.elegans.bench.peers;

import io.github.elegans.backends.Backends;
import io.github.elegans.cli.measuring.OdeWorkload;
import java.util.Locale;

/**
 * Whether a peer computes the same as the definition, the scalar backend. Nobody else rounds as it
 * does, so this is a tolerance: of a state that goes through three steps in float32, of what two
 * adaptive solvers of one tolerance may differ by.
 */
public final class Agreement {
  private static final int CALLS = 3;
  private static final double FLOAT_TOLERANCE = 1e-5;

  /** Each solver errs by some times its tolerance, and the system amplifies it. */
  private static final double SOLVER_FACTOR = 1e3;

  private Agreement() {}

  /**
   * Runs a fresh operation of a peer beside the definition.
   *
   * @return the largest difference, relative to max(1, |expected|)
   * @throws IllegalStateException if it is larger than it may be
   */
  public static double check(Peer peer, PeerTask task, Peer.Operation operation) throws Exception {
    double tolerance =
        task instanceof PeerTask.Lorenz
            ? SOLVER_FACTOR * OdeWorkload.LORENZ_TOLERANCE
            : FLOAT_TOLERANCE;
    double worst = 0;
    try (Peer.Operation reference = task.by(Backends.named("scalar"))) {
      for (int call = 1; call <= CALLS; call++) {
        reference.run();
        operation.run();
        double[] expected = reference.output();
        double[] found = operation.output();
        if (found.length != expected.length) {
          throw new IllegalStateException(
              "%s must compute %d numbers, but computes %d"
                  .formatted(peer.title(), expected.length, found.length));
        }
        for (int i = 0; i < expected.length; i++) {
          double error = Math.abs(found[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
          if (!(error <= tolerance)) {
            throw new IllegalStateException(
                String.format(
                    Locale.ROOT,
                    "%s computes something else: number %d of call %d must be %s, but is %s",
                    peer.title(),
                    i,
                    call,
                    expected[i],
                    found[i]));
          }
          worst = Math.max(worst, error);
        }
      }
    }
    return worst;
  }
}
