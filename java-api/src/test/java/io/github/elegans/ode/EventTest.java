package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.kernels.Backends;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that are easily missed or found twice. */
class EventTest {
  private static final OdeSystem CIRCLE =
      OdeSystem.parse("system Circle\nstate x = 0\nstate v = 1\nx' = v\nv' = -x\n");

  private static Solver.Builder solver(Method method) {
    return Solver.of(CIRCLE)
        .method(method)
        .tolerance(1e-10, 1e-10)
        .kernels(Backends.named("scalar"));
  }

  /** x = sin(t + phase), for many phases: the peak is met anywhere in a step. */
  private static Ensemble phases() {
    return Ensemble.of(40)
        .initial("x", i -> Math.sin(0.03 * i))
        .initial("v", i -> Math.cos(0.03 * i))
        .end(3);
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"DP5", "TSIT5", "DOP853", "RODAS5P"})
  void twoCrossingsNearEachOtherAreBothFound(Method method) {
    double level = 1 - 1e-6;
    Solution solution =
        solver(method)
            .event(Event.log("near", CIRCLE.expression("x - " + level), Event.Direction.ANY))
            .build()
            .solve(phases());
    // sin t = level at π/2 ∓ this.
    double half = Math.acos(level);
    for (int i = 0; i < solution.size(); i++) {
      List<Solution.Crossing> crossings = solution.crossings(i);
      assertThat(crossings).as("phase %d", i).hasSize(2);
      double peak = Math.PI / 2 - 0.03 * i;
      assertThat(crossings.get(0).time()).isCloseTo(peak - half, within(1e-5));
      assertThat(crossings.get(1).time()).isCloseTo(peak + half, within(1e-5));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"DP5", "TSIT5", "DOP853", "RODAS5P"})
  void whatIsJustMissedIsNotCrossed(Method method) {
    Solution solution =
        solver(method)
            .event(Event.log("above", CIRCLE.expression("x - 1.000001"), Event.Direction.ANY))
            .build()
            .solve(phases());
    for (int i = 0; i < solution.size(); i++) {
      assertThat(solution.crossings(i)).isEmpty();
    }
  }

  /**
   * (t − 1)² touches zero within a step: rounding may make it cross and come back, but never once.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.4, 0.7, 0.15})
  void aTouchIsNoCrossing(double step) {
    OdeSystem parabola = OdeSystem.parse("system Parabola\nstate x = 1\nx' = 2*(t - 1)\n");
    Solution solution =
        Solver.of(parabola)
            .method(Method.RK4)
            .fixedStep(step)
            .event(Event.log("touch", parabola.expression("x"), Event.Direction.ANY))
            .kernels(Backends.named("scalar"))
            .build()
            .solve(Ensemble.of(1).end(2));
    assertThat(solution.crossings(0).size() % 2).isZero();
    for (Solution.Crossing crossing : solution.crossings(0)) {
      assertThat(crossing.time()).isCloseTo(1, within(1e-7));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.125, 0.5, 2})
  void eventsAtTheEndsOfStepsAreFoundOnce(double step) {
    OdeSystem line = OdeSystem.parse("system Line\nstate x = 0\nx' = 1\n");
    Solution solution =
        Solver.of(line)
            .method(Method.EULER)
            .fixedStep(step)
            .event(Event.log("start", line.expression("x"), Event.Direction.ANY))
            .event(Event.log("inner", line.expression("x - " + 2 * step), Event.Direction.ANY))
            .event(Event.log("end", line.expression("x - " + 4 * step), Event.Direction.ANY))
            .kernels(Backends.named("scalar"))
            .build()
            .solve(Ensemble.of(1).end(4 * step));
    // Where it begins it does not cross; the others count, each once.
    assertThat(solution.crossings(0))
        .extracting(Solution.Crossing::event)
        .containsExactly("inner", "end");
    assertThat(solution.crossings(0).get(0).time()).isCloseTo(2 * step, within(0.0));
    assertThat(solution.crossings(0).get(1).time()).isCloseTo(4 * step, within(0.0));
  }

  /** A sawtooth: each step's points, and both values where it is reset, at the end too. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stepsAreSavedWithBothSidesOfResets(boolean fixed) {
    OdeSystem line = OdeSystem.parse("system Sawtooth\nstate x = 0.25\nx' = 1\n");
    Solver.Builder builder =
        Solver.of(line)
            .kernels(Backends.named("scalar"))
            .event(
                Event.reset(
                    "top",
                    line.expression("x - 1"),
                    Event.Direction.RISING,
                    Map.of("x", line.expression("0"))));
    Solver solver = (fixed ? builder.fixedStep(0.4) : builder.maximumStep(0.4)).build();
    Solution solution = solver.solve(Ensemble.of(3).end(i -> i == 0 ? 2.5 : 3.5).saveSteps(4));
    for (int i = 0; i < 3; i++) {
      double[] times = solution.savedTimes(i);
      double[][] rows = solution.saved(i);
      assertThat(rows).hasNumberOfRows(times.length);
      assertThat(times[0]).isZero();
      assertThat(times[times.length - 1]).isEqualTo(i == 0 ? 2.5 : 3.5);
      int resets = 0;
      for (int k = 0; k < times.length; k++) {
        double phase = (times[k] + 0.25) % 1;
        assertThat(rows[k][0] % 1)
            .satisfiesAnyOf(
                x -> assertThat(x).isCloseTo(phase, within(1e-9)),
                x -> assertThat(Math.abs(x - phase)).isCloseTo(1, within(1e-9)));
        if (k > 0) {
          assertThat(times[k] - times[k - 1]).isBetween(0., 0.1000001);
          if (times[k] == times[k - 1]) {
            resets++;
            assertThat(rows[k - 1][0]).isCloseTo(1, within(1e-9));
            assertThat(rows[k][0]).isZero();
          }
        }
      }
      assertThat(resets).isEqualTo(i == 0 ? 2 : 3);
    }
  }

  /** In a relaxation oscillation with a large μ, |y| reaches 4/3 μ for a moment (Dorodnitsyn). */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"RODAS4", "RODAS5P"})
  void whatHappensInAMomentIsSavedToo(Method method) {
    Solution solution =
        Solver.of(OdeSystem.named("van-der-pol"))
            .method(method)
            .tolerance(1e-7, 1e-7)
            .kernels(Backends.named("scalar"))
            .build()
            .solve(Ensemble.of(1).end(3000).saveSteps(4));
    double greatest = 0;
    for (double[] row : solution.saved(0)) {
      greatest = Math.max(greatest, Math.abs(row[1]));
    }
    assertThat(greatest).isCloseTo(4000 / 3., within(4.));
  }
}
