package io.github.elegans.integration.hipparchus;

import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import io.github.elegans.ode.Status;
import org.hipparchus.exception.LocalizedCoreFormats;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.ode.AbstractIntegrator;
import org.hipparchus.ode.EquationsMapper;
import org.hipparchus.ode.ExpandableODE;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.sampling.AbstractODEStateInterpolator;

/**
 * Our solver behind Hipparchus' interface: event detectors, step handlers and dense output models
 * work as they do with Hipparchus' own integrators.
 *
 * <p>What they see as a step is a stretch of a given length, which the solver crosses in steps of
 * its own; each interpolation solves it again up to a saved time. Evaluations are those that
 * Hipparchus asks for: the solver's own are not among them.
 */
final class SolverIntegrator extends AbstractIntegrator {
  private final Solver solver;
  private final double stretch;

  /**
   * An integrator.
   *
   * @param solver without events
   * @param stretch the length of what Hipparchus sees as a step, positive
   */
  SolverIntegrator(Solver solver, double stretch) {
    super("Elegans " + solver.method());
    if (!(stretch > 0)) {
      throw new IllegalArgumentException("stretch: more than 0 is expected, found " + stretch);
    }
    this.solver = solver;
    this.stretch = stretch;
  }

  /**
   * {@inheritDoc}
   *
   * @throws MathIllegalArgumentException if the equations are not {@link SystemEquations} of the
   *     solver's system, alone
   * @throws MathIllegalStateException if the solver cannot cross a stretch, with its status
   */
  @Override
  public ODEStateAndDerivative integrate(
      ExpandableODE equations, ODEState initialState, double finalTime) {
    EquationsMapper mapper = equations.getMapper();
    if (!(equations.getPrimary() instanceof SystemEquations primary)
        || primary.system() != solver.system()
        || mapper.getNumberOfEquations() > 1) {
      throw new MathIllegalArgumentException(
          LocalizedCoreFormats.SIMPLE_MESSAGE,
          "equations: those of %s, SystemEquations, are expected alone, found %s and %d more"
              .formatted(
                  solver.system().title(),
                  equations.getPrimary(),
                  mapper.getNumberOfEquations() - 1));
    }
    sanityChecks(initialState, finalTime);
    setStepStart(initIntegration(equations, initialState, finalTime));
    boolean forward = finalTime > initialState.getTime();
    setIsLastStep(false);
    do {
      ODEStateAndDerivative start = getStepStart();
      double remains = finalTime - start.getTime();
      // A rest that is little more than a stretch goes with it.
      double end =
          Math.abs(remains) <= 1.001 * stretch
              ? finalTime
              : start.getTime() + (forward ? stretch : -stretch);
      setStepSize(end - start.getTime());
      ODEStateAndDerivative stop = at(primary, start, end, end);
      setStepStart(
          acceptStep(new Stretch(primary, forward, start, stop, start, stop, mapper), finalTime));
    } while (!isLastStep());
    ODEStateAndDerivative last = getStepStart();
    setStepSize(Double.NaN);
    return last;
  }

  /** The state at a time of a stretch. */
  private ODEStateAndDerivative at(
      SystemEquations equations, ODEStateAndDerivative from, double end, double time) {
    double start = from.getTime();
    // Root finders may look a little beyond both ends.
    boolean within = (time - start) * (end - time) >= 0;
    Ensemble ensemble = Ensemble.of(1).start(start).end(within ? end : time).saveAt(time);
    OdeSystem system = equations.system();
    double[] initial = from.getPrimaryState();
    for (int i = 0; i < initial.length; i++) {
      ensemble.initial(system.states().get(i).name(), initial[i]);
    }
    for (int i = 0; i < system.parameters().size(); i++) {
      ensemble.parameter(system.parameters().get(i).name(), equations.parameter(i));
    }
    Solution solution = solver.solve(ensemble);
    if (solution.status(0) != Status.DONE) {
      throw new MathIllegalStateException(
          LocalizedCoreFormats.SIMPLE_MESSAGE,
          "%s from %s to %s: %s at %s"
              .formatted(system.title(), start, end, solution.status(0), solution.time(0)));
    }
    double[] states = solution.saved(0)[0];
    return new ODEStateAndDerivative(time, states, computeDerivatives(time, states));
  }

  /** A stretch, interpolated by solving. */
  @SuppressWarnings("serial") // for as long as its integrator lives
  private final class Stretch extends AbstractODEStateInterpolator {
    private final SystemEquations equations;

    Stretch(
        SystemEquations equations,
        boolean forward,
        ODEStateAndDerivative start,
        ODEStateAndDerivative end,
        ODEStateAndDerivative softStart,
        ODEStateAndDerivative softEnd,
        EquationsMapper mapper) {
      super(forward, start, end, softStart, softEnd, mapper);
      this.equations = equations;
    }

    @Override
    protected AbstractODEStateInterpolator create(
        boolean forward,
        ODEStateAndDerivative start,
        ODEStateAndDerivative end,
        ODEStateAndDerivative softStart,
        ODEStateAndDerivative softEnd,
        EquationsMapper mapper) {
      return new Stretch(equations, forward, start, end, softStart, softEnd, mapper);
    }

    @Override
    protected ODEStateAndDerivative computeInterpolatedStateAndDerivatives(
        EquationsMapper mapper, double time, double theta, double thetaH, double rest) {
      return at(equations, getGlobalPreviousState(), getGlobalCurrentState().getTime(), time);
    }
  }
}
