package io.github.elegans.hipparchus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.hipparchus.CalculusFieldElement;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.ode.DenseOutputModel;
import org.hipparchus.ode.ExpandableODE;
import org.hipparchus.ode.FieldExpandableODE;
import org.hipparchus.ode.FieldOrdinaryDifferentialEquation;
import org.hipparchus.ode.FieldSecondaryODE;
import org.hipparchus.ode.LocalizedODEFormats;
import org.hipparchus.ode.ODEIntegrator;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.SecondaryODE;
import org.hipparchus.ode.events.Action;
import org.hipparchus.ode.events.ODEEventDetector;
import org.hipparchus.ode.events.ODEEventHandler;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;
import org.hipparchus.ode.sampling.StepNormalizer;
import org.hipparchus.util.MathArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElegansIntegratorTest {
  /** y'' = -k y, whose solution from (1, 0) is cos √k t. */
  private record Oscillator<T extends CalculusFieldElement<T>>(T k)
      implements FieldOrdinaryDifferentialEquation<T> {
    @Override
    public int getDimension() {
      return 2;
    }

    @Override
    public T[] computeDerivatives(T t, T[] y) {
      T[] derivatives = MathArrays.buildArray(t.getField(), 2);
      derivatives[0] = y[1];
      derivatives[1] = y[0].multiply(k).negate();
      return derivatives;
    }
  }

  private static final ODEState START = new ODEState(0, new double[] {1, 0});

  private static SystemEquations oscillator() {
    return new SystemEquations(
        HipparchusSystems.trace("Oscillator", p -> new Oscillator<>(p.parameter("k", 1))));
  }

  private static ElegansIntegrator integrator() {
    return new ElegansIntegrator(0, 10, 1e-12, 1e-12);
  }

  private static double y(ODEStateAndDerivative state) {
    return state.getPrimaryState()[0];
  }

  @ParameterizedTest
  @EnumSource(names = {"DP5", "TSIT5", "DOP853", "RODAS5P"})
  void solvesInBothDirections(Method method) {
    for (double end : new double[] {7, -7}) {
      ElegansIntegrator integrator = new ElegansIntegrator(method, 0, 10, 1e-9, 1e-9);
      ODEStateAndDerivative state = integrator.integrate(oscillator(), START, end);
      assertThat(state.getTime()).isEqualTo(end);
      assertThat(y(state)).isCloseTo(Math.cos(end), Offset.offset(1e-6));
      assertThat(state.getPrimaryDerivative()[0]).isCloseTo(-Math.sin(end), Offset.offset(1e-5));
      assertThat(integrator.getEvaluations()).isPositive();
    }
  }

  @Test
  void itsStepsAreThoseOfTheSolver() {
    SystemEquations lorenz = lorenz();
    ODEStateAndDerivative state =
        new ElegansIntegrator(0, 10, 1e-9, 1e-8)
            .integrate(lorenz, new ODEState(0, new double[] {1, 0, 0}), 3);
    Solution solution =
        Solver.of(lorenz.system())
            .method(Method.DOP853)
            .tolerance(new double[] {1e-8, 1e-8, 1e-8}, new double[] {1e-9, 1e-9, 1e-9})
            .maximumStep(10)
            .build()
            .solve(Ensemble.of(1).initial("y0", 1).end(3));
    assertThat(state.getPrimaryState()).containsExactly(solution.states(0));
  }

  private static SystemEquations lorenz() {
    return new SystemEquations(
        HipparchusSystems.trace(
            "Lorenz",
            p -> {
              Traced[] all = p.parameters(List.of("sigma", "rho", "beta"), 10, 28, 8.0 / 3);
              return new Lorenz<>(all[0], all[1], all[2]);
            }));
  }

  @Test
  void agreesWithHipparchusOnTheSameEquations() {
    SystemEquations lorenz = lorenz();
    ODEState start = new ODEState(0.5, new double[] {1, 2, 3});
    ODEStateAndDerivative found =
        new ElegansIntegrator(0, 1, 1e-12, 1e-12).integrate(lorenz, start, 2);
    ODEStateAndDerivative expected =
        new DormandPrince853Integrator(0, 1, 1e-12, 1e-12).integrate(lorenz, start, 2);
    for (int i = 0; i < 3; i++) {
      assertThat(found.getPrimaryState()[i])
          .isCloseTo(expected.getPrimaryState()[i], Offset.offset(1e-8));
      assertThat(found.getPrimaryDerivative()[i])
          .isCloseTo(expected.getPrimaryDerivative()[i], Offset.offset(1e-6));
    }
  }

  @Test
  void stepHandlersSeeTheSolutionEverywhere() {
    ElegansIntegrator integrator = integrator();
    DenseOutputModel model = new DenseOutputModel();
    List<Double> times = new ArrayList<>();
    integrator.addStepHandler(model);
    integrator.addStepHandler(
        new StepNormalizer(
            0.25,
            (state, isLast) -> {
              times.add(state.getTime());
              assertThat(y(state)).isCloseTo(Math.cos(state.getTime()), Offset.offset(1e-9));
            }));
    integrator.integrate(oscillator(), START, 5);
    assertThat(times).hasSize(21).endsWith(5.0);
    for (double time = 0; time <= 5; time += 0.01) {
      ODEStateAndDerivative state = model.getInterpolatedState(time);
      assertThat(y(state)).isCloseTo(Math.cos(time), Offset.offset(1e-9));
      assertThat(state.getPrimaryDerivative()[1]).isCloseTo(-Math.cos(time), Offset.offset(1e-7));
    }
  }

  @Test
  void eventsStopTheIntegration() {
    ElegansIntegrator integrator = integrator();
    integrator.addEventDetector(
        new Detector(ElegansIntegratorTest::y, (state, detector, increasing) -> Action.STOP));
    ODEStateAndDerivative state = integrator.integrate(oscillator(), START, 10);
    assertThat(state.getTime()).isCloseTo(Math.PI / 2, Offset.offset(1e-10));
  }

  @Test
  void anEventMayBeTheOnlyEnd() {
    for (double end : new double[] {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      ElegansIntegrator integrator = integrator();
      integrator.addEventDetector(
          new Detector(ElegansIntegratorTest::y, (state, detector, increasing) -> Action.STOP));
      ODEStateAndDerivative state = integrator.integrate(oscillator(), START, end);
      assertThat(state.getTime()).isCloseTo(Math.copySign(Math.PI / 2, end), Offset.offset(1e-10));
    }
  }

  @Test
  void eventsAreSeenAndPassed() {
    for (Action action : new Action[] {Action.CONTINUE, Action.RESET_EVENTS}) {
      ElegansIntegrator integrator = integrator();
      List<Double> times = new ArrayList<>();
      integrator.addEventDetector(
          new Detector(
              ElegansIntegratorTest::y,
              (state, detector, increasing) -> {
                times.add(state.getTime());
                return action;
              }));
      ODEStateAndDerivative end = integrator.integrate(oscillator(), START, 10);
      assertThat(times).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(times.get(i)).isCloseTo((i + 0.5) * Math.PI, Offset.offset(1e-9));
      }
      assertThat(y(end)).isCloseTo(Math.cos(10), Offset.offset(1e-9));
    }
  }

  @Test
  void eventsResetTheState() {
    ElegansIntegrator integrator = integrator();
    integrator.addEventDetector(
        new Detector(
            state -> state.getTime() - 2,
            new ODEEventHandler() {
              @Override
              public Action eventOccurred(
                  ODEStateAndDerivative state, ODEEventDetector detector, boolean increasing) {
                return Action.RESET_STATE;
              }

              @Override
              public ODEState resetState(ODEEventDetector detector, ODEStateAndDerivative state) {
                return new ODEState(state.getTime(), new double[] {3, 0});
              }
            }));
    ODEStateAndDerivative end = integrator.integrate(oscillator(), START, 5);
    assertThat(y(end)).isCloseTo(3 * Math.cos(3), Offset.offset(1e-9));
  }

  /** A handler changes a parameter: from then on, the spring is four times as stiff. */
  @Test
  void eventsResetTheDerivatives() {
    SystemEquations oscillator = oscillator();
    ElegansIntegrator integrator = integrator();
    integrator.addEventDetector(
        new Detector(
            ElegansIntegratorTest::y,
            (state, detector, increasing) -> {
              oscillator.setParameter("k", 4);
              return Action.RESET_DERIVATIVES;
            }));
    double end = Math.PI / 2 + 0.3;
    ODEStateAndDerivative state = integrator.integrate(oscillator, START, end);
    assertThat(oscillator.getParameter("k")).isEqualTo(4);
    assertThat(y(state)).isCloseTo(-0.5 * Math.sin(2 * 0.3), Offset.offset(1e-9));
  }

  @Test
  void stepEndHandlersStopIt() {
    ElegansIntegrator integrator = integrator();
    List<Double> times = new ArrayList<>();
    integrator.addStepEndHandler(
        (state, isForward) -> {
          times.add(state.getTime());
          return times.size() == 3 ? Action.STOP : Action.CONTINUE;
        });
    ODEStateAndDerivative state = integrator.integrate(oscillator(), START, 10);
    assertThat(times).hasSize(3);
    assertThat(state.getTime()).isCloseTo(times.getLast(), Offset.offset(1e-9));
  }

  /** The area under the solution, and what it is multiplied by. */
  private static FieldExpandableODE<Traced> withArea(TracedParameters p) {
    FieldExpandableODE<Traced> equations =
        new FieldExpandableODE<>(new Oscillator<>(p.parameter("k", 1)));
    equations.addSecondaryEquations(
        new FieldSecondaryODE<>() {
          @Override
          public int getDimension() {
            return 1;
          }

          @Override
          public Traced[] computeDerivatives(
              Traced t, Traced[] primary, Traced[] primaryDot, Traced[] secondary) {
            return new Traced[] {primary[0].multiply(p.parameter("factor", 2))};
          }
        });
    return equations;
  }

  @Test
  void secondaryEquationsAreIntegratedAndDecideOnNoSteps() {
    SystemExpandableODE traced =
        HipparchusSystems.traceExpandable("Oscillator", ElegansIntegratorTest::withArea);
    ODEState start = new ODEState(0, new double[] {1, 0}, new double[][] {{5}});
    for (ODEIntegrator each :
        List.of(integrator(), new DormandPrince853Integrator(0, 10, 1e-12, 1e-12))) {
      ODEStateAndDerivative end = each.integrate(traced, start, 4);
      assertThat(y(end)).isCloseTo(Math.cos(4), Offset.offset(1e-9));
      assertThat(end.getSecondaryState(1)[0]).isCloseTo(5 + 2 * Math.sin(4), Offset.offset(1e-7));
      assertThat(end.getSecondaryDerivative(1)[0]).isCloseTo(2 * Math.cos(4), Offset.offset(1e-7));
    }
    ElegansIntegrator alone = integrator();
    alone.integrate(oscillator(), START, 4);
    ElegansIntegrator both = integrator();
    both.integrate(traced, start, 4);
    assertThat(both.getEvaluations()).isCloseTo(alone.getEvaluations(), Offset.offset(16));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> traced.addSecondaryEquations(null))
        .withMessageContaining("FieldExpandableODE");
  }

  @Test
  void opaqueEquationsAreRefused() {
    OrdinaryDifferentialEquation opaque =
        new OrdinaryDifferentialEquation() {
          @Override
          public int getDimension() {
            return 1;
          }

          @Override
          public double[] computeDerivatives(double t, double[] y) {
            return y;
          }
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> integrator().integrate(opaque, new ODEState(0, new double[1]), 1))
        .withMessageContaining(opaque.getClass().getName())
        .withMessageContaining("opaque")
        .withMessageContaining("HipparchusSystems.trace");
    ExpandableODE half = new ExpandableODE(oscillator());
    half.addSecondaryEquations(
        new SecondaryODE() {
          @Override
          public int getDimension() {
            return 1;
          }

          @Override
          public double[] computeDerivatives(
              double t, double[] primary, double[] primaryDot, double[] secondary) {
            return primary;
          }
        });
    assertThatIllegalArgumentException()
        .isThrownBy(() -> integrator().integrate(half, START, 1))
        .withMessageContaining("traceExpandable");
  }

  @Test
  void limitsAreKept() {
    ElegansIntegrator few = integrator();
    few.setMaxEvaluations(40);
    assertThatExceptionOfType(MathIllegalStateException.class)
        .isThrownBy(() -> few.integrate(oscillator(), START, 100));
    // Least steps far too long for the tolerance.
    assertThatThrownBy(
            () -> new ElegansIntegrator(1, 10, 1e-14, 1e-14).integrate(oscillator(), START, 100))
        .isInstanceOfSatisfying(
            MathIllegalArgumentException.class,
            e ->
                assertThat(e.getSpecifier())
                    .isEqualTo(LocalizedODEFormats.MINIMAL_STEPSIZE_REACHED_DURING_INTEGRATION));
    assertThatExceptionOfType(MathIllegalArgumentException.class)
        .isThrownBy(() -> integrator().integrate(oscillator(), START, 0));
    assertThatExceptionOfType(MathIllegalArgumentException.class)
        .isThrownBy(
            () ->
                new ElegansIntegrator(0, 1, new double[3], new double[3])
                    .integrate(oscillator(), START, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ElegansIntegrator(Method.RK4, 0, 1, 1e-6, 1e-6))
        .withMessageContaining("RK4");
    assertThatExceptionOfType(MathIllegalArgumentException.class)
        .isThrownBy(() -> oscillator().setParameter("mass", 1));
  }

  /** y' = √(−1 − y): there is no number from the start. */
  @Test
  void whatIsNotFiniteIsToldAsHipparchusDoes() {
    SystemEquations bad =
        new SystemEquations(OdeSystem.parse("system Bad\nstate y = 1\ny' = sqrt(-1 - y)"));
    assertThatThrownBy(() -> integrator().integrate(bad, new ODEState(0, new double[] {1}), 1))
        .isInstanceOfSatisfying(
            MathIllegalStateException.class,
            e ->
                assertThat(e.getSpecifier())
                    .isEqualTo(LocalizedODEFormats.NAN_APPEARING_DURING_INTEGRATION));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, -0.3})
  void firstAndLongestStepsAreAsAskedFor(double end) {
    ElegansIntegrator integrator = new ElegansIntegrator(0, 0.02, 1e-6, 1e-6);
    integrator.setInitialStepSize(0.005);
    List<Double> lengths = new ArrayList<>();
    integrator.addStepHandler(
        step -> lengths.add(step.getCurrentState().getTime() - step.getPreviousState().getTime()));
    integrator.integrate(oscillator(), START, end);
    assertThat(lengths.getFirst()).isEqualTo(Math.copySign(0.005, end));
    assertThat(lengths)
        .allSatisfy(length -> assertThat(Math.abs(length)).isLessThanOrEqualTo(0.0201));
  }

  @Test
  void ensemblesGiveHipparchusStates() {
    SystemEquations equations = lorenz();
    OdeSystem system = equations.system();
    List<ODEState> initial =
        IntStream.range(0, 40)
            .mapToObj(i -> new ODEState(0.01 * i, new double[] {1 + 0.1 * i, 0, 0}))
            .toList();
    Ensemble ensemble =
        HipparchusSystems.ensemble(system, initial)
            .parameter("rho", i -> 20 + i)
            .end(1)
            .saveAt(i -> new double[] {0.5, 1});
    Solution solution = Solver.of(system).tolerance(1e-10, 1e-10).build().solve(ensemble);
    List<ODEStateAndDerivative> results = HipparchusSystems.results(system, ensemble, solution);
    assertThat(results).hasSize(40);
    for (int i : new int[] {0, 17, 39}) {
      equations.setParameter("rho", 20 + i);
      ODEStateAndDerivative expected =
          new DormandPrince853Integrator(0, 1, 1e-12, 1e-12)
              .integrate(equations, initial.get(i), 1);
      List<ODEStateAndDerivative> saved = HipparchusSystems.saved(system, ensemble, solution, i);
      assertThat(saved.getFirst().getTime()).isEqualTo(0.5);
      for (int j = 0; j < 3; j++) {
        assertThat(results.get(i).getPrimaryState()[j])
            .isCloseTo(expected.getPrimaryState()[j], Offset.offset(1e-6));
        assertThat(results.get(i).getPrimaryDerivative()[j])
            .isCloseTo(expected.getPrimaryDerivative()[j], Offset.offset(1e-4));
        assertThat(saved.getLast().getPrimaryState()[j])
            .isEqualTo(results.get(i).getPrimaryState()[j]);
        assertThat(saved.getLast().getPrimaryDerivative()[j])
            .isEqualTo(results.get(i).getPrimaryDerivative()[j]);
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HipparchusSystems.ensemble(system, List.of(START)))
        .withMessageContaining("initial state 0: 3 numbers are expected")
        .withMessageContaining("found 2");
  }
}
