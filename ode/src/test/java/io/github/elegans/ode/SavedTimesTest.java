package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Precision;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Times to save at that meet ends, resets and the limits of rounding. */
class SavedTimesTest {
  private static final OdeSystem DECAY =
      OdeSystem.parse("system Decay\nparameter k = 1\nstate x = 1\nx' = -k*x\n");

  private static Solver.Builder solver(OdeSystem system) {
    return Solver.of(system).kernels(Backends.named("scalar")).tolerance(1e-9, 1e-9);
  }

  @ParameterizedTest
  @CsvSource({
    "DOUBLE, 0, 0.3, 0.30000000000000004",
    "DOUBLE, 0, -0.3, -0.30000000000000004",
    "DOUBLE, 0.30000000000000004, 2, 0.3",
    "DOUBLE, 1, 100, 100.00000000000004",
    "FLOAT, 0, 0.7, 0.7",
    "FLOAT, 0, 0.7, 0.7000001",
    "FLOAT, 0.1, 1, 0.1"
  })
  void aTimeThatMissesAnEndByRoundingIsThatEnd(
      Precision precision, double start, double end, double time) {
    boolean isStart = Math.abs(time - start) < Math.abs(time - end);
    for (boolean fixed : new boolean[] {false, true}) {
      Solver.Builder builder = solver(DECAY).precision(precision);
      Solution solution =
          (fixed ? builder.fixedStep(0.1) : builder)
              .build()
              .solve(Ensemble.of(1).start(start).end(end).saveAt(time));
      assertThat(solution.status(0)).isEqualTo(Status.DONE);
      assertThat(solution.saved(0)[0][0]).isEqualTo(isStart ? 1 : solution.state(0, "x"));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0.3, 0.3000000000000004", "0, 1, 2", "0, 1, -1", "1, 0, -0.1", "0, 1, NaN"})
  void aTimeOutsideIsAnErrorBeforeTheSolve(double start, double end, double time) {
    AtomicInteger asked = new AtomicInteger();
    Ensemble ensemble =
        Ensemble.of(100)
            .parameter("k", i -> asked.incrementAndGet())
            .start(start)
            .end(i -> i == 99 ? end : start + 3 * (end - start))
            .saveAt(i -> i == 99 ? new double[] {start, time} : new double[] {start});
    assertThatThrownBy(() -> solver(DECAY).build().solve(ensemble))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trajectory 99")
        .hasMessageContaining(Double.toString(time));
    assertThat(asked).hasValue(0);
  }

  @Test
  void aSharedGridIsHeldAgainstEveryTrajectory() {
    Ensemble ensemble = Ensemble.of(3).end(i -> 3 - i).saveAt(0, 1, 2);
    assertThatThrownBy(() -> solver(DECAY).build().solve(ensemble))
        .hasMessageContaining("trajectory 2")
        .hasMessageContaining("its end 1.0")
        .hasMessageContaining("one is 2.0");
  }

  @ParameterizedTest
  @CsvSource({"TSIT5, 5", "RODAS5P, 5", "TSIT5, 0.3", "DOP853, 10", "EULER, 0.3", "EULER, 10"})
  void aTimeOnAResetIsBeforeItAndTwiceIsAfterItToo(Method method, double at) {
    OdeSystem constant = OdeSystem.parse("system Constant\nstate a = 2\na' = 0\n");
    Solver.Builder builder =
        solver(constant)
            .method(method)
            .event(
                Event.reset(
                    "dose",
                    constant.expression("t - " + at),
                    Event.Direction.RISING,
                    Map.of("a", constant.expression("a + 1"))));
    if (!method.isAdaptive()) {
      builder.fixedStep(0.7);
    }
    Solver solver = builder.build();
    Solution once = solver.solve(Ensemble.of(1).end(10).saveAt(0, at, 10));
    assertThat(once.saved(0)).isDeepEqualTo(new double[][] {{2}, {2}, {3}});
    Solution twice = solver.solve(Ensemble.of(1).end(10).saveAt(0.1, at, at, at));
    assertThat(twice.saved(0)).isDeepEqualTo(new double[][] {{2}, {2}, {3}, {3}});
  }

  /** At 1e15 the last place is 1/8: steps are whole numbers of it, or time and state part. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"BS3", "DP5", "TSIT5", "DOP853", "RKN1210", "RODAS4", "RODAS5P", "ROS34PW2"})
  void timeAndStateStayTogetherFarFromZero(Method method) {
    OdeSystem system =
        OdeSystem.parse(
            "system Clock\nstate x = 0\nstate v = 1\nstate s = 0\nx' = v\nv' = -x\ns' = 1\n");
    for (double sign : new double[] {1, -1}) {
      double start = sign * 1e15;
      Solution solution =
          solver(system)
              .method(method)
              .tolerance(1e-3, 1e-3)
              .maximumStep(0.7)
              .build()
              .solve(
                  Ensemble.of(1)
                      .start(start)
                      .end(start + 20)
                      .saveAt(start, start + 5, start + 10.25, start + 20));
      assertThat(solution.status(0)).isEqualTo(Status.DONE);
      assertThat(solution.state(0, "s")).isCloseTo(20, within(1e-12));
      assertThat(solution.saved(0)[1][2]).isCloseTo(5, within(1e-12));
      assertThat(solution.saved(0)[2][2]).isCloseTo(10.25, within(1e-12));
      assertThat(solution.state(0, "x")).isCloseTo(Math.sin(20), within(0.03));
    }
    Solution single =
        solver(system)
            .method(method)
            .precision(Precision.FLOAT)
            .tolerance(1e-3, 1e-3)
            .maximumStep(0.7)
            .build()
            .solve(Ensemble.of(1).start(1e6).end(1e6 + 100));
    // At 1e6 the last place is 1/16.
    assertThat(single.status(0)).isEqualTo(Status.DONE);
    assertThat(single.state(0, "s")).isCloseTo(100, within(1e-3));
  }

  /** A step of one last place of the time is the shortest that there is, and is taken. */
  @Test
  void stepsOfOneLastPlaceAreTaken() {
    for (double sign : new double[] {1, -1}) {
      double start = sign * 1e15;
      Solution solution =
          solver(OdeSystem.parse("system Clock\nstate s = 0\ns' = 1\n"))
              .maximumStep(0.125)
              .build()
              .solve(Ensemble.of(2).start(start).end(i -> start + (1 - 2 * i) * 20));
      for (int i = 0; i < 2; i++) {
        assertThat(solution.status(i)).isEqualTo(Status.DONE);
        assertThat(solution.state(i, "s")).isCloseTo((1 - 2 * i) * 20, within(1e-12));
        assertThat(solution.acceptedSteps(i)).isEqualTo(160);
      }
    }
  }

  /** Whatever single precision makes of the time. */
  @Test
  void aTimeListedTwiceOnAResetHasBothSides() {
    OdeSystem system = OdeSystem.parse("system S\nparameter c = 1\nstate x = 0\nx' = 0\n");
    for (double c : new double[] {0.1, 0.3, 0.7}) {
      for (Precision precision : Precision.values()) {
        Solution solution =
            Solver.of(system)
                .precision(precision)
                .event(
                    Event.reset(
                        "set",
                        system.expression("t - c"),
                        Event.Direction.RISING,
                        Map.of("x", system.expression("5"))))
                .build()
                .solve(Ensemble.of(1).parameter("c", c).end(1).saveAt(0, c, c, 1));
        assertThat(solution.saved(0))
            .as("c = %s, %s", c, precision)
            .isDeepEqualTo(new double[][] {{0}, {0}, {5}, {5}});
      }
    }
  }
}
