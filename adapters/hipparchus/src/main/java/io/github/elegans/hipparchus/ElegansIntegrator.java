package io.github.elegans.hipparchus;

import io.github.elegans.ode.Method;
import io.github.elegans.ode.Stepper;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.ode.EquationsMapper;
import org.hipparchus.ode.ExpandableODE;
import org.hipparchus.ode.LocalizedODEFormats;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.nonstiff.AdaptiveStepsizeIntegrator;
import org.hipparchus.ode.nonstiff.StepsizeHelper;
import org.hipparchus.util.FastMath;
import org.jspecify.annotations.Nullable;

/**
 * An integrator of Hipparchus' whose steps are compiled: step handlers, dense output, event
 * detectors with all their actions, step end handlers, secondary equations, both directions and
 * limits of evaluations are Hipparchus' own.
 *
 * <pre>{@code
 * SystemEquations equations = new SystemEquations(HipparchusSystems.trace(new Lorenz<>(...)));
 * ODEIntegrator integrator = new ElegansIntegrator(0, 1, 1e-10, 1e-10);   // was DormandPrince853Integrator
 * ODEStateAndDerivative end = integrator.integrate(equations, new ODEState(0, y0), 10);
 * }</pre>
 *
 * <p>It integrates {@link SystemEquations} and {@link SystemExpandableODE}, which it can see into.
 * Any other equations are opaque code to it, and refused. Tolerances are those of the primary
 * equations: secondary ones do not decide on steps. The first steps run by their definition; after
 * some dozens they are compiled by a thread of their own, and take over, with the same bits.
 * Further integrations of the same equations find them compiled.
 *
 * <p>For one thread at a time.
 */
public final class ElegansIntegrator extends AdaptiveStepsizeIntegrator {
  private final Method method;

  /** The last one, with what it is of. */
  private @Nullable Stepper stepper;

  private @Nullable SystemEquations stepped;

  /**
   * An integrator by the method of order 8, DOP853, as {@code DormandPrince853Integrator}.
   *
   * @param minStep least step, positive or 0; shorter ones are refused, but for the last
   * @param maxStep longest step
   * @param absoluteTolerance of the local error, 0 or more
   * @param relativeTolerance of the local error, 0 or more
   */
  public ElegansIntegrator(
      double minStep, double maxStep, double absoluteTolerance, double relativeTolerance) {
    this(Method.DOP853, minStep, maxStep, absoluteTolerance, relativeTolerance);
  }

  /**
   * An integrator with tolerances of each primary state.
   *
   * @param minStep least step, positive or 0; shorter ones are refused, but for the last
   * @param maxStep longest step
   * @param absoluteTolerance of the local error, 0 or more
   * @param relativeTolerance of the local error, 0 or more
   */
  public ElegansIntegrator(
      double minStep, double maxStep, double[] absoluteTolerance, double[] relativeTolerance) {
    this(Method.DOP853, minStep, maxStep, absoluteTolerance, relativeTolerance);
  }

  /**
   * An integrator by another method; stiff ones are among them.
   *
   * @param method one that estimates its error
   * @param minStep least step, positive or 0; shorter ones are refused, but for the last
   * @param maxStep longest step
   * @param absoluteTolerance of the local error, 0 or more
   * @param relativeTolerance of the local error, 0 or more
   * @throws IllegalArgumentException if the method does not estimate its error
   */
  public ElegansIntegrator(
      Method method,
      double minStep,
      double maxStep,
      double absoluteTolerance,
      double relativeTolerance) {
    super(name(method), minStep, maxStep, absoluteTolerance, relativeTolerance);
    this.method = method;
  }

  /**
   * An integrator by another method with tolerances of each primary state.
   *
   * @param method one that estimates its error
   * @param minStep least step, positive or 0; shorter ones are refused, but for the last
   * @param maxStep longest step
   * @param absoluteTolerance of the local error, 0 or more
   * @param relativeTolerance of the local error, 0 or more
   * @throws IllegalArgumentException if the method does not estimate its error
   */
  public ElegansIntegrator(
      Method method,
      double minStep,
      double maxStep,
      double[] absoluteTolerance,
      double[] relativeTolerance) {
    super(name(method), minStep, maxStep, absoluteTolerance, relativeTolerance);
    this.method = method;
  }

  private static String name(Method method) {
    if (!method.isAdaptive()) {
      throw new IllegalArgumentException(
          "method: one that estimates its error is expected, found " + method);
    }
    return "Elegans " + method;
  }

  /** How steps are taken. */
  public Method method() {
    return method;
  }

  /**
   * Whether the steps of the last integration's equations run compiled; they do so from the next
   * step on.
   */
  public boolean isCompiled() {
    return stepper != null && stepper.isCompiled();
  }

  /**
   * Integrates equations up to a time, and returns the state there or where an event stops it.
   *
   * @throws IllegalArgumentException if the equations are none that can be compiled
   */
  @Override
  public ODEStateAndDerivative integrate(
      ExpandableODE equations, ODEState initialState, double finalTime) {
    SystemEquations system = system(equations);
    sanityChecks(initialState, finalTime);
    Stepper steps = stepper(system, equations);
    setStepStart(initIntegration(equations, initialState, finalTime));
    setIsLastStep(false);
    begin(steps, system, finalTime);
    while (!isLastStep()) {
      take(steps, finalTime);
      ODEStateAndDerivative previous = getStepStart();
      double[] coefficients =
          new double[equations.getMapper().getTotalDimension() * (steps.degree() + 1)];
      steps.polynomials(coefficients);
      ODEStateAndDerivative current = end(steps, coefficients, equations.getMapper());
      ODEStateAndDerivative accepted =
          acceptStep(
              new PolynomialInterpolator(
                  finalTime > previous.getTime(),
                  coefficients,
                  steps.lastStep(),
                  previous,
                  current,
                  previous,
                  current,
                  equations.getMapper()),
              finalTime);
      setStepStart(accepted);
      if (!isLastStep() && resetOccurred()) {
        if (accepted.getTime() == finalTime) {
          // Reset at the very end.
          setIsLastStep(true);
        } else {
          begin(steps, system, finalTime);
        }
      }
    }
    ODEStateAndDerivative last = getStepStart();
    resetInternalState();
    return last;
  }

  private SystemEquations system(ExpandableODE equations) {
    if (equations instanceof SystemExpandableODE traced) {
      return traced.equations();
    }
    if (!(equations.getPrimary() instanceof SystemEquations system)) {
      throw new IllegalArgumentException(
          "%s is opaque: its code cannot be compiled. Write the equations as a FieldOrdinaryDifferentialEquation, and integrate new SystemEquations(HipparchusSystems.trace(...)) of them"
              .formatted(equations.getPrimary().getClass().getName()));
    }
    if (equations.getMapper().getNumberOfEquations() > 1) {
      throw new IllegalArgumentException(
          "%s has secondary equations that an ExpandableODE does not show, and that are opaque: put them into a FieldExpandableODE, and integrate HipparchusSystems.traceExpandable(...) of it"
              .formatted(system.system().title()));
    }
    return system;
  }

  private Stepper stepper(SystemEquations system, ExpandableODE equations) {
    Stepper steps = stepper;
    if (steps == null || stepped != system) {
      steps = system.stepper(method);
      stepper = steps;
      stepped = system;
    }
    StepsizeHelper helper = getStepSizeHelper();
    int all = equations.getMapper().getTotalDimension();
    int main = helper.getMainSetDimension();
    double[] absolute = new double[all];
    double[] relative = new double[all];
    // Secondary states count in the mean of squared errors, as zeros.
    double share = FastMath.sqrt((double) main / all);
    for (int i = 0; i < all; i++) {
      absolute[i] = i < main ? share * helper.getTolerance(i, 0) : Double.MAX_VALUE;
      relative[i] = i < main ? share * helper.getRelativeTolerance(i) : 0;
    }
    steps.tolerance(relative, absolute);
    steps.maximumStep(helper.getMaxStep());
    return steps;
  }

  /** Begins steps from where the integration is. */
  private void begin(Stepper steps, SystemEquations system, double finalTime) {
    ODEStateAndDerivative start = getStepStart();
    StepsizeHelper helper = getStepSizeHelper();
    steps.firstStep(Math.max(0, helper.getInitialStep()));
    incrementEvaluations(steps.evaluationsOfBegin());
    boolean isFinite =
        steps.begin(
            start.getTime(),
            start.getCompleteState(),
            system.parameters(),
            // Hipparchus allows for no end, where an event stops.
            Math.clamp(finalTime, -Double.MAX_VALUE, Double.MAX_VALUE));
    if (!isFinite) {
      throw new MathIllegalStateException(
          LocalizedODEFormats.NAN_APPEARING_DURING_INTEGRATION, start.getTime());
    }
    if (FastMath.abs(steps.nextStep()) < helper.getMinStep()) {
      steps.nextStep(helper.filterStep(steps.nextStep(), finalTime > start.getTime(), true));
    }
  }

  /** Tries steps until one is accepted. */
  private void take(Stepper steps, double finalTime) {
    StepsizeHelper helper = getStepSizeHelper();
    boolean forward = finalTime > getStepStart().getTime();
    while (true) {
      double time = steps.time();
      double next = steps.nextStep();
      if (steps.isStuck()) {
        if (!(steps.error() < Double.POSITIVE_INFINITY)) {
          throw new MathIllegalStateException(
              LocalizedODEFormats.NAN_APPEARING_DURING_INTEGRATION, time + next);
        }
        throw new MathIllegalArgumentException(
            LocalizedODEFormats.MINIMAL_STEPSIZE_REACHED_DURING_INTEGRATION,
            FastMath.abs(next),
            Math.max(helper.getMinStep(), FastMath.ulp(time)),
            true);
      }
      setStepSize(next);
      incrementEvaluations(steps.evaluationsOfStep());
      boolean accepted = steps.step();
      double after = steps.nextStep();
      if (FastMath.abs(after) < helper.getMinStep()) {
        steps.nextStep(helper.filterStep(after, forward, accepted));
      }
      if (accepted) {
        setStepSize(steps.lastStep());
        return;
      }
    }
  }

  /** The end of the step that was taken. */
  private static ODEStateAndDerivative end(
      Stepper steps, double[] coefficients, EquationsMapper mapper) {
    double[] states = new double[mapper.getTotalDimension()];
    double[] derivatives = new double[states.length];
    PolynomialInterpolator.evaluate(coefficients, 1, steps.lastStep(), states, derivatives);
    for (int i = 0; i < states.length; i++) {
      states[i] = steps.state(i);
    }
    return mapper.mapStateAndDerivative(steps.time(), states, derivatives);
  }
}
