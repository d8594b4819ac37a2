package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.ExprParser;
import io.github.elegans.expressions.Precision;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Right-hand sides that jump or bend at times which only time and parameters decide. */
class SwitchesTest {
  private static OdeSystem sum(String rate) {
    return OdeSystem.parse(
        """
        system Sum
        parameter start = 100
        parameter duration = 0.5
        state x = 0
        x' = %s
        """
            .formatted(rate));
  }

  private static Solver.Builder solver(OdeSystem system, Method method) {
    Solver.Builder builder =
        Solver.of(system).method(method).kernels(Backends.named("scalar")).tolerance(1e-8, 1e-8);
    return method.isAdaptive() ? builder : builder.fixedStep(0.7);
  }

  /** Whatever the method, it sums constants exactly, if no stage sees the other side of a jump. */
  @ParameterizedTest
  @EnumSource
  void noMethodStepsOverAPulse(Method method) {
    OdeSystem system = sum("if(t >= start and t < start + duration, 3, 0)");
    double[] starts = {0, 1e-3, 7, 100, 399.9, 500};
    double[] expected = {1.5, 1.5, 1.5, 1.5, 3 * (400 - 399.9), 0};
    Solution forward =
        solver(system, method)
            .build()
            .solve(Ensemble.of(starts.length).parameter("start", starts).end(400));
    Solution back =
        solver(system, method)
            .build()
            .solve(Ensemble.of(starts.length).parameter("start", starts).start(400).end(0));
    Solution fixed =
        solver(system, method)
            .fixedStep(0.3)
            .build()
            .solve(Ensemble.of(starts.length).parameter("start", starts).end(400));
    for (int i = 0; i < starts.length; i++) {
      assertThat(forward.status(i)).isEqualTo(Status.DONE);
      assertThat(forward.time(i)).isEqualTo(400);
      assertThat(forward.state(i, "x")).as("%d", i).isCloseTo(expected[i], within(1e-12));
      assertThat(back.state(i, "x")).as("%d back", i).isCloseTo(-expected[i], within(1e-12));
      assertThat(fixed.state(i, "x")).as("%d fixed", i).isCloseTo(expected[i], within(1e-12));
    }
  }

  /** Every way to write the same pulse, of height 3, from 100 to 100.5. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "if(t > start and t <= start + duration, 3, 0)",
        "if(not (t < start) and t - start < duration, 3, 0)",
        "if(t - start >= 0 and (t - start)/duration < 1, 3, 0)",
        "if(start <= t, 3, 0) - if(duration + start < t, 3, 0)",
        "if(2*start <= t + t, if(-t > -start - duration, 3, 0), 0)",
        "if(fma(2, t, -start) >= start, 1, 0)*if(duration - t + start > 0, 3, 0)",
        "3*if(abs(t - start - duration/2) < duration/2, 1, 0)",
        "3*if((t - start)*(t - start - duration) < 0, 1, 0)",
        "3*if((t - start - duration/2)^2 < duration^2/4, 1, 0)",
        "3*if(exp(t/100) >= exp(start/100) and log(t + 1) < log(start + duration + 1), 1, 0)",
        "if(t < start, 0, if(t < start + duration, 3, 0))",
        "if(if(t < 3, t, t + 10) >= start + 10 and t < start + duration, 3, 0)",
        "6*max(0, 1 - abs(t - start - duration/2)/(duration/2))",
        "if(sin(pi*(t - 100)/150) > 0 and t < start + duration and t > 1, 3, 0)",
        "if(t == 3, 1000, 0) + if(t != 5 and t >= start and t < start + duration, 3, 0)"
      })
  void whateverTheFormItIsFound(String rate) {
    Solution solution = solver(sum(rate), Method.TSIT5).build().solve(Ensemble.of(1).end(200));
    assertThat(solution.state(0, "x")).isCloseTo(1.5, within(1e-11));
    assertThat(solution.rejectedSteps(0)).isZero();
    assertThat(solution.acceptedSteps(0)).isLessThan(150);
  }

  /** Bateman's solution, dose by dose, of a drug that is infused and leaves at a rate. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"BS3", "DP5", "TSIT5", "DOP853", "RODAS4", "RODAS5P", "ROS34PW2"})
  void infusionsAreThoseOfTheClosedForm(Method method) {
    StringBuilder rate = new StringBuilder("0");
    int doses = 14;
    for (int d = 0; d < doses; d++) {
      rate.append(" + if(t >= %d and t < %d + length, dose/length, 0)".formatted(12 * d, 12 * d));
    }
    OdeSystem system =
        OdeSystem.parse(
            """
            system Infusions
            parameter k = 0.3
            parameter dose = 100
            parameter length = 0.25
            state A = 0
            A' = %s - k*A
            """
                .formatted(rate));
    double[] lengths = {0.01, 0.25, 2, 11};
    double[] saved = {0.005, 1, 12, 12.005, 100, 168};
    Solution solution =
        Solver.of(system)
            .method(method)
            .tolerance(1e-7, 1e-7)
            .kernels(Backends.named("scalar"))
            .build()
            .solve(Ensemble.of(lengths.length).parameter("length", lengths).end(168).saveAt(saved));
    for (int i = 0; i < lengths.length; i++) {
      for (int s = 0; s < saved.length; s++) {
        double exact = 0;
        for (int d = 0; d < doses; d++) {
          double since = Math.max(0, saved[s] - 12 * d);
          double during = Math.min(since, lengths[i]);
          exact +=
              100
                  / lengths[i]
                  / 0.3
                  * -Math.expm1(-0.3 * during)
                  * Math.exp(-0.3 * (since - during));
        }
        assertThat(solution.saved(i)[s][0])
            .as("length %s at %s", lengths[i], saved[s])
            .isCloseTo(exact, within(2e-4));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"400, TSIT5", "400, RODAS5P", "-400, DP5"})
  void aSquareWaveHasAllOfItsEdges(double end, Method method) {
    // 1,000 half periods, up and down; x is a triangle wave between 0 and 0.2.
    OdeSystem system = sum("if(sin(2*pi*t/0.8) > 0, 0.5, -0.5)");
    double[] times = new double[1000];
    for (int i = 0; i < times.length; i++) {
      times[i] = Math.signum(end) * (i + 1) * 0.4;
    }
    times[times.length - 1] = end;
    Solution solution = solver(system, method).build().solve(Ensemble.of(1).end(end).saveAt(times));
    for (int i = 0; i < times.length; i++) {
      assertThat(solution.saved(0)[i][0])
          .as("%s", times[i])
          .isCloseTo(i % 2 == 0 ? 0.2 : 0, within(1e-10));
    }
  }

  /** A solve by hand from one switch to the next gives the same, bit for bit. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"EULER", "RK4", "TSIT5", "DOP853", "RODAS5P"})
  void aSegmentIsATrajectoryOfItsOwn(Method method) {
    OdeSystem whole =
        OdeSystem.parse(
            "system Whole\nstate x = 1\nx' = -x + if(t >= 2, sin(t), 0) + if(t < 3.3, 1, 0)\n");
    Solution solution = solver(whole, method).build().solve(Ensemble.of(1).end(5));
    String[] rates = {"-x + 1", "-x + sin(t) + 1", "-x + sin(t)"};
    double[] times = {0, 2, 3.3, 5};
    double x = 1;
    for (int i = 0; i < rates.length; i++) {
      OdeSystem part = OdeSystem.parse("system Part\nstate x = 1\nx' = %s\n".formatted(rates[i]));
      x =
          solver(part, method)
              .build()
              .solve(Ensemble.of(1).initial("x", x).start(times[i]).end(times[i + 1]))
              .state(0, "x");
    }
    // Zeros are added where the parts have nothing: a rounding of the sums may differ.
    assertThat(solution.state(0, "x")).isCloseTo(x, within(1e-14));
  }

  @ParameterizedTest
  @ValueSource(strings = {"luo-rudy-1991", "beeler-reuter-1977", "ten-tusscher-panfilov-2006"})
  void aCellAtRestFiresWheneverItIsStimulated(String name) {
    OdeSystem cell = OdeSystem.named(name);
    double[] starts = {5, 50, 100, 250.25};
    Solution solution =
        solver(cell, Method.RODAS5P)
            .tolerance(1e-5, 1e-6)
            .fold(Fold.maximum("peak", cell.expression("V")))
            .build()
            .solve(Ensemble.of(starts.length).parameter("stimulus_start", starts).end(300));
    for (int i = 0; i < starts.length; i++) {
      assertThat(solution.fold(i, "peak")).as("start %s", starts[i]).isGreaterThan(10);
    }
  }

  @Test
  void foldsSeeNoSideButTheirOwn() {
    OdeSystem system = sum("0*t");
    Solution solution =
        solver(system, Method.TSIT5)
            .fold(Fold.mean("mean", system.expression("if(t >= 3.3 and t < 3.7, 2, 0)")))
            .fold(Fold.rootMeanSquare("rms", system.expression("if(t >= 3.3 and t < 3.7, 2, 0)")))
            .build()
            .solve(Ensemble.of(1).end(10));
    assertThat(solution.fold(0, "mean")).isCloseTo(0.08, within(1e-15));
    assertThat(solution.fold(0, "rms")).isCloseTo(Math.sqrt(0.16), within(1e-15));
  }

  @Test
  void foldsOfNoStepAreOfNothing() {
    OdeSystem system = sum("1");
    Expr x = system.expression("x");
    Solution solution =
        solver(system, Method.TSIT5)
            .fold(Fold.minimum("least", x))
            .fold(Fold.maximum("greatest", x))
            .fold(Fold.mean("mean", x))
            .fold(Fold.rootMeanSquare("rms", x))
            .fold(Fold.of("own", x, 7, ExprParser.parse("fold + 1", List.of("fold"))))
            .build()
            .solve(Ensemble.of(1).end(0));
    assertThat(solution.fold(0, "least")).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(solution.fold(0, "greatest")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(solution.fold(0, "mean")).isNaN();
    assertThat(solution.fold(0, "rms")).isNaN();
    assertThat(solution.fold(0, "own")).isEqualTo(7);
  }

  @Test
  void aDoseAtATimeIsGivenThen() {
    OdeSystem system =
        OdeSystem.parse("system Bolus\nparameter at = 0.3\nstate a = 0\na' = -0.1*a\n");
    Solution solution =
        solver(system, Method.TSIT5)
            .event(
                Event.reset(
                    "dose",
                    system.expression("t - at"),
                    Event.Direction.RISING,
                    Map.of("a", system.expression("a + 1"))))
            .build()
            .solve(Ensemble.of(50).parameter("at", i -> 0.3 + 0.1 * i).end(10));
    for (int i = 0; i < 50; i++) {
      assertThat(solution.crossings(i)).hasSize(1);
      assertThat(solution.crossings(i).getFirst().time()).isEqualTo(0.3 + 0.1 * i);
    }
  }

  /** A user's fold looks at the end of each step: it says whether one ends at these times. */
  @ParameterizedTest
  @EnumSource
  void stepsEndAtStops(Method method) {
    OdeSystem system = OdeSystem.parse("system Swing\nstate x = 1\nx' = cos(t)\n");
    double[] stops = {0.1 + 0.2, 3.3, -1, 7, 11, 1e-9};
    Solver.Builder builder = solver(system, method);
    for (double stop : stops) {
      builder.fold(
          new Fold(
              "at " + stop,
              system.expression("x"),
              Fold.Kind.USER,
              0,
              ExprParser.parse("if(t == " + stop + ", 1, fold)", List.of("t", "fold"))));
    }
    Solution solution = builder.build().solve(Ensemble.of(1).end(10).stopAt(stops));
    for (double stop : stops) {
      assertThat(solution.fold(0, "at " + stop)).isEqualTo(stop > 0 && stop < 10 ? 1 : 0);
    }
    assertThat(solution.time(0)).isEqualTo(10);
  }

  @Test
  void singlePrecisionHasItsOwnTimes() {
    OdeSystem system = sum("if(t >= start and t < start + duration, 3, 0)");
    Solution solution =
        Solver.of(system)
            .precision(Precision.FLOAT)
            .kernels(Backends.named("scalar"))
            .build()
            .solve(Ensemble.of(20).parameter("start", i -> 0.1 + 5.3 * i).end(200));
    for (int i = 0; i < solution.size(); i++) {
      assertThat(solution.status(i)).isEqualTo(Status.DONE);
      // The times have 24 bits: 2^-17 at 100.
      assertThat(solution.state(i, "x")).isCloseTo(1.5, within(3 * 0x1p-16));
    }
  }

  @Test
  void timesThatAreNoneDoNothing() {
    OdeSystem system = sum("if(t >= start, 3, 1)");
    double[] starts = {
      Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, 0, 10, 1e300, Double.MIN_VALUE
    };
    Solution solution =
        solver(system, Method.TSIT5)
            .build()
            .solve(Ensemble.of(starts.length).parameter("start", starts).end(10));
    double[] expected = {10, 30, 10, 30, 10, 10, 30};
    for (int i = 0; i < starts.length; i++) {
      assertThat(solution.status(i)).isEqualTo(Status.DONE);
      assertThat(solution.state(i, "x"))
          .as("start %s", starts[i])
          .isCloseTo(expected[i], within(1e-13));
    }
  }

  @Test
  void theLimitOfStepsHoldsOverAllSegments() {
    OdeSystem system = sum("if(sin(1000*t) > 0, 3, 1)");
    for (Method method : List.of(Method.RK4, Method.TSIT5)) {
      Solution solution =
          solver(system, method).maximumSteps(50).build().solve(Ensemble.of(1).end(100));
      assertThat(solution.status(0)).isEqualTo(Status.MAXIMUM_STEPS);
      assertThat(solution.acceptedSteps(0) + solution.rejectedSteps(0)).isEqualTo(50);
    }
  }
}
