package io.github.elegans.bench.cli;

import io.github.elegans.expressions.Precision;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.nonstiff.DormandPrince54Integrator;
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
  private static final long LONGEST_WARM_UP = 10_000_000_000L;

  @Spec private CommandSpec command;

  @Mixin private BackendOptions backends;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long each is repeated (default: 1); the best counts.")
  private double seconds = 1;

  /** An ensemble, and how to solve it. */
  private record Workload(
      String name,
      int size,
      Function<Kernels, Solver.Builder> solver,
      Function<Integer, Ensemble> ensemble) {}

  private static List<Workload> workloads() {
    OdeSystem lorenz = OdeSystem.named("lorenz-gpu");
    OdeSystem neuron = OdeSystem.named("hodgkin-huxley");
    OdeSystem heart = OdeSystem.named("ten-tusscher-panfilov-2006");
    OdeSystem reaction = OdeSystem.named("robertson");
    Function<Integer, Ensemble> rho =
        size -> Ensemble.of(size).parameter("rho", i -> 21.0 * i / size).end(1);
    return List.of(
        new Workload(
            "Lorenz, Tsit5, step 0.001", 4096, k -> Solver.of(lorenz).fixedStep(1e-3), rho),
        new Workload(
            "the same in float",
            4096,
            k -> Solver.of(lorenz).precision(Precision.FLOAT).fixedStep(1e-3),
            rho),
        new Workload(
            "Lorenz, Tsit5, tolerance 1e-8",
            4096,
            k -> Solver.of(lorenz).tolerance(1e-8, 1e-8),
            rho),
        new Workload(
            "Robertson, Rodas5P, tolerance 1e-8",
            1024,
            k -> Solver.of(reaction).method(Method.RODAS5P).tolerance(1e-8, 1e-14),
            size -> Ensemble.of(size).parameter("k1", i -> 0.04 * (1 + 1e-4 * i)).end(1e5)),
        new Workload(
            "Hodgkin-Huxley, Rush-Larsen",
            256,
            k -> Solver.of(neuron).method(Method.RUSH_LARSEN).fixedStep(0.01),
            size -> Ensemble.of(size).parameter("I", i -> 5 + 0.02 * i).end(20)),
        new Workload(
            "ten Tusscher 2006, Rush-Larsen",
            64,
            k -> Solver.of(heart).method(Method.RUSH_LARSEN).fixedStep(0.02),
            size -> Ensemble.of(size).parameter("g_Kr", i -> 0.1 + 0.001 * i).end(20)));
  }

  @Override
  public Integer call() {
    PrintWriter out = command.commandLine().getOut();
    List<Kernels> all = backends.several();
    BackendOptions.print(out, all);
    double lorenz = 0;
    boolean agree = true;
    for (Workload workload : workloads()) {
      out.printf("%n%s, %d trajectories%n", workload.name, workload.size);
      double[] reference = null;
      for (Kernels kernels : all) {
        boolean scalar = kernels.backend().equals("scalar");
        // The interpreter solves a part of them.
        int size = scalar ? Math.min(workload.size, 64) : workload.size;
        Solver solver = workload.solver.apply(kernels).kernels(kernels).build();
        Ensemble ensemble = first(workload, size);
        long deadline = System.nanoTime() + LONGEST_WARM_UP;
        do {
          solver.solve(first(workload, Math.min(size, 64)));
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
            "  %-8s %8.2f million steps/s, %8.3f us a trajectory%s%n",
            kernels.backend(),
            steps / best * 1e-6,
            best / size * 1e6,
            same ? "" : ", OTHER BITS");
        out.flush();
        if (workload.name.startsWith("Lorenz, Tsit5, tol") && !scalar) {
          lorenz = lorenz == 0 ? best / size : Math.min(lorenz, best / size);
        }
      }
      if (workload.name.startsWith("Lorenz, Tsit5, tol")) {
        double other = hipparchus();
        out.printf(
            Locale.ROOT,
            "  Hipparchus' DormandPrince54, the same tolerance: %.2f us a trajectory%s%n",
            other * 1e6,
            lorenz > 0 ? ", %.1f times as long as the best".formatted(other / lorenz) : "");
      }
    }
    out.printf("%nbits        %s%n", agree ? "agree on all backends" : "DIFFER");
    return agree ? 0 : 1;
  }

  /** The first trajectories of a workload. */
  private static Ensemble first(Workload workload, int size) {
    // An ensemble's functions take the trajectory's number: those of the whole serve a part.
    return workload.ensemble.apply(workload.size).first(size);
  }

  private double hipparchus() {
    double best = Double.POSITIVE_INFINITY;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    int part = 256;
    do {
      long begin = System.nanoTime();
      for (int i = 0; i < part; i++) {
        double rho = 21.0 * i / part;
        OrdinaryDifferentialEquation lorenz =
            new OrdinaryDifferentialEquation() {
              @Override
              public int getDimension() {
                return 3;
              }

              @Override
              public double[] computeDerivatives(double t, double[] y) {
                return new double[] {
                  10 * (y[1] - y[0]), y[0] * (rho - y[2]) - y[1], y[0] * y[1] - 2.666 * y[2]
                };
              }
            };
        new DormandPrince54Integrator(1e-12, 1, 1e-8, 1e-8)
            .integrate(lorenz, new ODEState(0, new double[] {1, 0, 0}), 1);
      }
      best = Math.min(best, (System.nanoTime() - begin) * 1e-9);
    } while (System.nanoTime() < end);
    return best / part;
  }
}
