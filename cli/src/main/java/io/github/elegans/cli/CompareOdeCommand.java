package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.measuring.HipparchusLorenz;
import io.github.elegans.cli.measuring.OdeWorkload;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code elegans compare ode}. */
@Command(
    name = "ode",
    description = {
      "Solves ensembles of differential equations on every backend: chaos with fixed and with"
          + " chosen steps, a stiff reaction, a neuron, a heart cell. Prints how fast each backend"
          + " is, whether their bits agree, and how long Hipparchus takes for the same."
    },
    mixinStandardHelpOptions = true)
final class CompareOdeCommand implements Callable<Integer> {
  private static final long LONGEST_WARM_UP = 60_000_000_000L;

  @Spec private CommandSpec command;

  @Mixin private BackendOptions backends;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long each is repeated (default: 1); the best counts.")
  private double seconds = 1;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = command.commandLine().getOut();
    List<Kernels> all = backends.several();
    BackendOptions.print(out, all);
    double lorenz = 0;
    boolean agree = true;
    for (OdeWorkload workload : OdeWorkload.values()) {
      out.printf("%n%s, %d trajectories%n", workload.title(), workload.size());
      double[] reference = null;
      for (Kernels kernels : all) {
        boolean scalar = kernels.backend().equals("scalar");
        // The interpreter solves a part of them.
        int size = scalar ? Math.min(workload.size(), 64) : workload.size();
        Solver solver = workload.solver(kernels).build();
        Ensemble ensemble = workload.first(size);
        long deadline = System.nanoTime() + LONGEST_WARM_UP;
        do {
          solver.solve(workload.first(Math.min(size, 64)));
        } while (!solver.isCompiled() && System.nanoTime() < deadline);
        double best = Double.POSITIVE_INFINITY;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        Solution solution;
        do {
          long begin = System.nanoTime();
          solution = solver.solve(ensemble);
          best = Math.min(best, (System.nanoTime() - begin) * 1e-9);
        } while (System.nanoTime() < end);
        double steps = 0;
        double[] states = new double[64 * solver.system().states().size()];
        for (int i = 0; i < size; i++) {
          steps += solution.acceptedSteps(i) + solution.rejectedSteps(i);
          if (i < 64) {
            double[] row = solution.states(i);
            System.arraycopy(row, 0, states, i * row.length, row.length);
          }
        }
        boolean same = reference == null || Arrays.equals(reference, states);
        reference = reference == null ? states : reference;
        agree &= same;
        out.printf(
            Locale.ROOT,
            "  %-8s %8.2f million steps/s, %8.3f µs a trajectory%s%s%n",
            kernels.backend(),
            steps / best * 1e-6,
            best / size * 1e6,
            same ? "" : ", OTHER BITS",
            solver.isCompiled() ? "" : ", not compiled yet");
        out.flush();
        if (workload == OdeWorkload.LORENZ_ADAPTIVE && !scalar) {
          lorenz = lorenz == 0 ? best / size : Math.min(lorenz, best / size);
        }
      }
      if (workload == OdeWorkload.LORENZ_ADAPTIVE) {
        double other = hipparchus();
        out.printf(
            Locale.ROOT,
            "  Hipparchus' DormandPrince54, the same tolerance: %.2f µs a trajectory%s%n",
            other * 1e6,
            lorenz > 0 ? ", %.1f times as long as the best".formatted(other / lorenz) : "");
      }
    }
    out.printf("%nbits        %s%n", agree ? "agree on all backends" : "DIFFER");
    return agree ? 0 : 1;
  }

  /** Seconds of a trajectory. */
  private double hipparchus() {
    int size = OdeWorkload.LORENZ_ADAPTIVE.size();
    double best = Double.POSITIVE_INFINITY;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    do {
      long begin = System.nanoTime();
      HipparchusLorenz.solve(size);
      best = Math.min(best, (System.nanoTime() - begin) * 1e-9);
    } while (System.nanoTime() < end);
    return best / size;
  }
}
