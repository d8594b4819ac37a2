package io.github.elegans.cli.measuring;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** Ensembles of differential equations, and how to solve them. */
@SuppressWarnings("ImmutableEnumChecker") // functions without state
public enum OdeWorkload {
  LORENZ_FIXED(
      "Lorenz, Tsit5, step 0.001",
      "lorenz-gpu",
      4096,
      solver -> solver.fixedStep(1e-3),
      OdeWorkload::sweepOfRho),
  LORENZ_FLOAT(
      "the same in float",
      "lorenz-gpu",
      4096,
      solver -> solver.precision(Precision.FLOAT).fixedStep(1e-3),
      OdeWorkload::sweepOfRho),
  LORENZ_ADAPTIVE(
      "Lorenz, Tsit5, tolerance 1e-8",
      "lorenz-gpu",
      4096,
      solver -> solver.tolerance(OdeWorkload.LORENZ_TOLERANCE, OdeWorkload.LORENZ_TOLERANCE),
      OdeWorkload::sweepOfRho),
  ROBERTSON(
      "Robertson, Rodas5P, tolerance 1e-8",
      "robertson",
      1024,
      solver -> solver.method(Method.RODAS5P).tolerance(1e-8, 1e-14),
      size -> Ensemble.of(size).parameter("k1", i -> 0.04 * (1 + 1e-4 * i)).end(1e5)),
  HODGKIN_HUXLEY(
      "Hodgkin-Huxley, Rush-Larsen",
      "hodgkin-huxley",
      256,
      solver -> solver.method(Method.RUSH_LARSEN).fixedStep(0.01),
      size -> Ensemble.of(size).parameter("I", i -> 5 + 0.02 * i).end(20)),
  TEN_TUSSCHER(
      "ten Tusscher 2006, Rush-Larsen",
      "ten-tusscher-panfilov-2006",
      64,
      solver -> solver.method(Method.RUSH_LARSEN).fixedStep(0.02),
      size -> Ensemble.of(size).parameter("g_Kr", i -> 0.1 + 0.001 * i).end(20));

  /** Relative and absolute, of {@link #LORENZ_ADAPTIVE}. */
  public static final double LORENZ_TOLERANCE = 1e-8;

  /** What was counted already: it needs a solution. */
  private static final Map<Part, Double> OPERATIONS = new ConcurrentHashMap<>();

  private final String title;
  private final String system;
  private final int size;
  private final UnaryOperator<Solver.Builder> method;
  private final IntFunction<Ensemble> ensemble;

  OdeWorkload(
      String title,
      String system,
      int size,
      UnaryOperator<Solver.Builder> method,
      IntFunction<Ensemble> ensemble) {
    this.title = title;
    this.system = system;
    this.size = size;
    this.method = method;
    this.ensemble = ensemble;
  }

  private static Ensemble sweepOfRho(int size) {
    return Ensemble.of(size).parameter("rho", i -> rho(i, size)).end(1);
  }

  /** ρ of a trajectory of the Lorenz system in an ensemble of so many. */
  public static double rho(int trajectory, int size) {
    return 21.0 * trajectory / size;
  }

  /** System and method, for people. */
  public String title() {
    return title;
  }

  /** How many trajectories the whole ensemble has. */
  public int size() {
    return size;
  }

  /** A solver on a backend, to be told more. */
  public Solver.Builder solver(Kernels kernels) {
    return method.apply(Solver.of(OdeSystem.named(system))).kernels(kernels);
  }

  /**
   * Floating-point operations of all steps of the first trajectories, rejected ones, too:
   * additions, multiplications, divisions and roots, a multiply-add as two. Each of a double counts
   * as two of a float, because half as many fit into a register.
   */
  public double operations(int trajectories) {
    return OPERATIONS.computeIfAbsent(new Part(this, trajectories), Part::operations);
  }

  /** Bytes of what the first trajectories begin with: states and parameters. */
  public long bytes(int trajectories) {
    OdeSystem equations = OdeSystem.named(system);
    int values = equations.states().size() + equations.parameters().size();
    return (long) trajectories * values * Double.BYTES;
  }

  private record Part(OdeWorkload workload, int trajectories) {

    private double operations() {
      Solver solver = workload.solver(Backends.named("scalar")).build();
      Solution solution = solver.solve(workload.first(trajectories));
      long steps = 0;
      for (int i = 0; i < trajectories; i++) {
        steps += solution.acceptedSteps(i) + solution.rejectedSteps(i);
      }
      return (double) steps * operations(solver.programs().get(1));
    }

    private static int operations(Program step) {
      int count = 0;
      for (int i = 0; i < step.size(); i++) {
        count +=
            switch (step.op(i)) {
              case ADD, SUB, MUL, DIV, SQRT -> 1;
              case FMA -> 2;
              default -> 0;
            };
      }
      return step.precision() == Precision.DOUBLE ? 2 * count : count;
    }
  }

  /** The first trajectories of the ensemble. */
  public Ensemble first(int trajectories) {
    // An ensemble's functions take the trajectory's number: those of the whole serve a part.
    return ensemble.apply(size).first(trajectories);
  }
}
