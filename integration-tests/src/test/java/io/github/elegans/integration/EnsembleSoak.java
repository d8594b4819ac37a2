package io.github.elegans.integration;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import io.github.elegans.ode.Status;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A main class: solves many trajectories of random neurons, bad ones among them, and says after
 * each ensemble how much memory is in use.
 */
final class EnsembleSoak {
  private static final long SEED = 20261125;

  /** One in so many begins with NaN. */
  private static final int BAD = 1000;

  private EnsembleSoak() {}

  /**
   * Prints a line of {@code heap = MB, resident = MB} for each ensemble; resident memory is
   * negative where the system does not tell.
   *
   * @param arguments the backend, the size of an ensemble, how many ensembles
   */
  public static void main(String[] arguments) throws IOException {
    Kernels kernels = Backends.named(arguments[0]);
    int size = Integer.parseInt(arguments[1]);
    int ensembles = Integer.parseInt(arguments[2]);
    Solver network = solver("ltc-4-neurons", kernels);
    Solver neuron = solver("hodgkin-huxley", kernels);
    for (int e = 0; e < ensembles; e++) {
      long seed = SEED + e;
      Ensemble ensemble =
          e % 2 == 0
              ? Ensemble.of(size).initial("x1", i -> random(seed, i, -5, 5)).end(1)
              : Ensemble.of(size)
                  .parameter("I", i -> random(seed, i, -10, 50))
                  .initial("V", i -> random(~seed, i, -90, 40))
                  .end(i -> random(seed, i, 0, 4));
      Solution solution = (e % 2 == 0 ? network : neuron).solve(ensemble);
      int bad = (size + BAD - 1) / BAD;
      if (solution.count(Status.DONE) != size - bad || solution.count(Status.NOT_FINITE) != bad) {
        throw new IllegalStateException(
            "seed %d: of %d trajectories %d are done and %d not finite; %d should be"
                .formatted(
                    seed,
                    size,
                    solution.count(Status.DONE),
                    solution.count(Status.NOT_FINITE),
                    bad));
      }
      System.gc();
      System.out.printf(
          Locale.ROOT,
          "heap = %.1f, resident = %.1f%n",
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1048576.0,
          ProcessMemory.anonymousBytes() / 1048576.0);
    }
  }

  private static Solver solver(String system, Kernels kernels) {
    return Solver.of(OdeSystem.named(system)).tolerance(1e-4, 1e-6).kernels(kernels).build();
  }

  private static double random(long seed, int i, double from, double to) {
    return i % BAD == 0
        ? Double.NaN
        : new SplittableRandom(seed ^ (long) i << 20).nextDouble(from, to);
  }
}
