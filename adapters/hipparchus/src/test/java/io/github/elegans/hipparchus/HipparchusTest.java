package io.github.elegans.hipparchus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.contract.CatalogueContract;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Event;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.ode.DenseOutputModel;
import org.hipparchus.ode.ODEIntegrator;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.events.Action;
import org.hipparchus.ode.events.ODEEventDetector;
import org.hipparchus.ode.events.ODEEventHandler;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our solver and integrator against Hipparchus' and closed forms. */
class HipparchusTest {
  private static final double TOLERANCE = 1e-10;

  private static Solver.Builder solver(OdeSystem system) {
    return Solver.of(system).method(Method.DOP853).tolerance(TOLERANCE, TOLERANCE);
  }

  private static ODEIntegrator theirs() {
    return new DormandPrince853Integrator(1e-10, 10, TOLERANCE, TOLERANCE);
  }

  private static ODEIntegrator ours() {
    return new ElegansIntegrator(1e-10, 10, TOLERANCE, TOLERANCE);
  }

  private static ODEState initial(OdeSystem system, Map<String, Double> parameters) {
    Ensemble ensemble = Ensemble.of(1).end(0);
    parameters.forEach(ensemble::parameter);
    return new ODEState(0, solver(system).build().solve(ensemble).states(0));
  }

  private static double distance(double[] a, double[] b) {
    double greatest = 0;
    for (int i = 0; i < a.length; i++) {
      greatest = Math.max(greatest, Math.abs(a[i] - b[i]) / (1 + Math.abs(b[i])));
    }
    return greatest;
  }

  private static Stream<String> systemsThatAreNotStiff() {
    return OdeSystem.CATALOGUE.stream().filter(name -> !CatalogueContract.STIFF.contains(name));
  }

  /** As far as the system lets errors grow: a disturbed start says how far. */
  @ParameterizedTest
  @MethodSource("systemsThatAreNotStiff")
  void bothSolveTheCatalogueAlike(String name) {
    OdeSystem system = OdeSystem.named(name);
    SystemEquations equations = new SystemEquations(system);
    double end = 5;
    double[] start = initial(system, Map.of()).getPrimaryState();
    double[] expected =
        theirs().integrate(equations, new ODEState(0, start), end).getPrimaryState();
    double disturbance = 1e-7;
    for (int i = 0; i < start.length; i++) {
      start[i] += disturbance * (1 + Math.abs(start[i]));
    }
    double[] disturbed =
        theirs().integrate(equations, new ODEState(0, start), end).getPrimaryState();
    double growth = Math.max(1, distance(disturbed, expected) / disturbance);
    double[] ours = solver(system).build().solve(Ensemble.of(1).end(end)).states(0);
    assertThat(distance(ours, expected)).isLessThan(20 * growth * TOLERANCE);
  }

  @Test
  void bothFindTheSameCrossings() {
    OdeSystem system = OdeSystem.named("henon-heiles");
    double end = 50;
    Event section = Event.log("section", system.expression("x"), Event.Direction.ANY);
    List<Solution.Crossing> ours =
        solver(system).event(section).build().solve(Ensemble.of(1).end(end)).crossings(0);
    Crossings theirs = new Crossings(state -> state.getPrimaryState()[0], Action.CONTINUE);
    ODEIntegrator integrator = theirs();
    integrator.addEventDetector(theirs.detector);
    integrator.integrate(new SystemEquations(system), initial(system, Map.of()), end);
    assertThat(ours).hasSameSizeAs(theirs.found).hasSizeGreaterThan(10);
    for (int i = 0; i < ours.size(); i++) {
      ODEStateAndDerivative state = theirs.found.get(i);
      assertThat(ours.get(i).time()).isCloseTo(state.getTime(), within(1e-8));
      assertThat(distance(ours.get(i).states(), state.getPrimaryState())).isLessThan(1e-8);
    }
  }

  /** A problem whose solution from time 0 on is known. */
  record Problem(
      OdeSystem system,
      Map<String, Double> parameters,
      double end,
      DoubleFunction<double[]> exact) {
    /** The greatest error of an integrator, at the end and in dense output on the way. */
    double error(ODEIntegrator integrator, boolean back) {
      double from = back ? end : 0;
      double to = end - from;
      DenseOutputModel dense = new DenseOutputModel();
      SystemEquations equations = new SystemEquations(system);
      parameters.forEach(equations::setParameter);
      integrator.addStepHandler(dense);
      double[] last =
          integrator
              .integrate(equations, new ODEState(from, exact.apply(from)), to)
              .getPrimaryState();
      integrator.clearStepHandlers();
      double error = distance(last, exact.apply(to));
      for (int i = 0; i <= 40; i++) {
        double t = end * i / 40;
        double[] states = dense.getInterpolatedState(t).getPrimaryState();
        error = Math.max(error, distance(states, exact.apply(t)));
      }
      return error;
    }

    @Override
    public String toString() {
      return system.title() + " " + parameters;
    }
  }

  private static final OdeSystem OSCILLATOR =
      OdeSystem.parse("system Oscillator\nstate x = 1\nstate v = 0\nx' = v\nv' = -x\n");

  private static final OdeSystem TANGENT =
      OdeSystem.parse("system Tangent\nstate y = 0\ny' = 1 + y^2\n");

  private static Stream<Problem> problems() {
    OdeSystem kepler = OdeSystem.named("kepler");
    return Stream.concat(
        Stream.of(0.1, 0.5, 0.9)
            .map(e -> new Problem(kepler, Map.of("eccentricity", e), 20, t -> orbit(e, t))),
        Stream.of(
            new Problem(OSCILLATOR, Map.of(), 20, t -> new double[] {Math.cos(t), -Math.sin(t)}),
            new Problem(
                OdeSystem.parse("system Forced decay\nstate y = 0\ny' = t^3 - t*y\n"),
                Map.of(),
                5,
                t -> new double[] {t * t + 2 * Math.expm1(-0.5 * t * t)}),
            new Problem(TANGENT, Map.of(), 1.5, t -> new double[] {Math.tan(t)})));
  }

  /** Position and velocity, from Kepler's equation u − e·sin u = t. */
  private static double[] orbit(double e, double t) {
    double u = t + e * Math.sin(t);
    for (int i = 0; i < 100; i++) {
      u -= (u - e * Math.sin(u) - t) / (1 - e * Math.cos(u));
    }
    double b = Math.sqrt(1 - e * e);
    double rate = 1 / (1 - e * Math.cos(u));
    return new double[] {
      Math.cos(u) - e, b * Math.sin(u), -rate * Math.sin(u), b * rate * Math.cos(u)
    };
  }

  @ParameterizedTest
  @MethodSource("problems")
  void problemsAreSolvedForthAndBackAsAccuratelyAsByHipparchus(Problem problem) {
    ODEIntegrator ours = ours();
    for (boolean back : new boolean[] {false, true}) {
      double error = problem.error(ours, back);
      double most = Math.max(20 * TOLERANCE, 3 * problem.error(theirs(), back));
      assertThat(error).isLessThan(most);
    }
  }

  /** |sin(t + 1.2)| as an oscillator whose state is reset to its opposite at each zero. */
  @Test
  void detectorsResetAndStop() {
    ODEIntegrator integrator = ours();
    Crossings bounces = new Crossings(state -> state.getPrimaryState()[0], Action.RESET_STATE);
    Crossings stop = new Crossings(state -> state.getTime() - 12, Action.STOP);
    integrator.addEventDetector(bounces.detector);
    integrator.addEventDetector(stop.detector);
    ODEState start = new ODEState(0, new double[] {Math.sin(1.2), Math.cos(1.2)});
    ODEStateAndDerivative last = integrator.integrate(new SystemEquations(OSCILLATOR), start, 100);
    assertThat(bounces.found).hasSize(4);
    for (int i = 0; i < 4; i++) {
      double time = (i + 1) * Math.PI - 1.2;
      assertThat(bounces.found.get(i).getTime()).isCloseTo(time, within(1e-9));
    }
    assertThat(last.getTime()).isCloseTo(12, within(1e-11));
    assertThat(last.getPrimaryState())
        .containsExactly(new double[] {Math.sin(13.2), Math.cos(13.2)}, within(1e-9));
  }

  @Test
  void aPoleIsReportedAsByHipparchus() {
    SystemEquations equations = new SystemEquations(TANGENT);
    ODEState start = new ODEState(0, new double[1]);
    for (ODEIntegrator integrator : List.of(theirs(), ours())) {
      assertThatExceptionOfType(MathIllegalArgumentException.class)
          .isThrownBy(() -> integrator.integrate(equations, start, 2))
          .withMessageContaining("minimal step size (1.00E-10) reached");
    }
  }

  /** Collects zeros of a function, and says what happens there. */
  private static final class Crossings implements ODEEventHandler {
    final List<ODEStateAndDerivative> found = new ArrayList<>();
    private final Action action;
    private final Detector detector;
    private double sign = 1;

    Crossings(ToDoubleFunction<ODEStateAndDerivative> function, Action action) {
      this.action = action;
      detector = new Detector(state -> sign * function.applyAsDouble(state), this);
    }

    @Override
    public Action eventOccurred(
        ODEStateAndDerivative state, ODEEventDetector detector, boolean increasing) {
      found.add(state);
      return action;
    }

    /** To the opposite, where the function keeps its sign. */
    @Override
    public ODEState resetState(ODEEventDetector detector, ODEStateAndDerivative state) {
      sign = -sign;
      double[] states = state.getPrimaryState();
      for (int i = 0; i < states.length; i++) {
        states[i] = -states[i];
      }
      return new ODEState(state.getTime(), states);
    }
  }
}
