package io.github.elegans.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Precision;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Event;
import io.github.elegans.ode.Fold;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.NeuralOde;
import io.github.elegans.ode.NeuralSolution;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import io.github.elegans.ode.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What solving must give on every backend: the scalar backend's bits, whatever runs beside. */
public interface OdeContract {
  /** The backend to be tested. */
  Kernels kernels();

  /** The backend that defines results. */
  default Kernels scalar() {
    return Backends.named("scalar");
  }

  private static void assertSame(Solution expected, Solution actual, String what) {
    assertThat(actual.size()).isEqualTo(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      assertSame(expected, i, actual, i, what);
    }
  }

  private static void assertSame(Solution expected, int i, Solution actual, int k, String what) {
    assertThat(actual.status(k)).as("%s, status of %d", what, i).isEqualTo(expected.status(i));
    assertThat(actual.time(k)).as("%s, time of %d", what, i).isEqualTo(expected.time(i));
    assertThat(actual.states(k)).as("%s, states of %d", what, i).isEqualTo(expected.states(i));
    assertThat(actual.acceptedSteps(k)).isEqualTo(expected.acceptedSteps(i));
    assertThat(actual.rejectedSteps(k)).isEqualTo(expected.rejectedSteps(i));
    assertThat(actual.crossings(k)).hasSameSizeAs(expected.crossings(i));
    for (int c = 0; c < actual.crossings(k).size(); c++) {
      assertThat(actual.crossings(k).get(c).time()).isEqualTo(expected.crossings(i).get(c).time());
      assertThat(actual.crossings(k).get(c).states())
          .isEqualTo(expected.crossings(i).get(c).states());
    }
  }

  private Solution same(
      Function<Kernels, Solver> solver, Function<Integer, Ensemble> ensemble, int size) {
    Solution expected = solver.apply(scalar()).solve(ensemble.apply(size));
    Solution actual = solver.apply(kernels()).solve(ensemble.apply(size));
    assertSame(expected, actual, kernels().backend());
    return actual;
  }

  private static OdeSystem oscillator() {
    return OdeSystem.parse("system Oscillator\nstate x = 0\nstate v = 1\nx' = v\nv' = -x\n");
  }

  private static Ensemble lorenz(int size) {
    return Ensemble.of(size).parameter("rho", i -> 0.5 * i).end(i -> 0.2 + 0.05 * (i % 7));
  }

  /**
   * With steps under control where the method has them, with fixed ones in both precisions, and
   * with states saved.
   */
  @ParameterizedTest
  @EnumSource
  default void everyMethodGivesTheScalarBits(Method method) {
    OdeSystem system =
        OdeSystem.named(
            switch (method) {
              case RUSH_LARSEN, GRL1 -> "hodgkin-huxley";
              case RKN1210 -> "kepler";
              default -> "lorenz";
            });
    Function<Integer, Ensemble> ensemble =
        size ->
            switch (method) {
              case RUSH_LARSEN, GRL1 -> Ensemble.of(size).parameter("I", i -> 5 + i).end(1.005);
              case RKN1210 -> Ensemble.of(size).parameter("eccentricity", i -> 0.04 * i).end(6.285);
              default -> lorenz(size);
            };
    if (method.isAdaptive()) {
      same(k -> Solver.of(system).method(method).kernels(k).build(), ensemble, 19);
    }
    same(k -> Solver.of(system).method(method).fixedStep(0.01).kernels(k).build(), ensemble, 19);
    same(
        k ->
            Solver.of(system)
                .method(method)
                .precision(Precision.FLOAT)
                .fixedStep(0.01)
                .kernels(k)
                .build(),
        ensemble,
        19);
    Solution saved =
        same(
            k -> Solver.of(system).method(method).fixedStep(0.02).kernels(k).build(),
            size -> ensemble.apply(size).saveAt(0, 0.05, 0.1, 0.15, 0.2),
            3);
    assertThat(saved.saved(2)).hasDimensions(5, system.states().size());
  }

  /** Stiff systems and others, of 1 to 8 states, by a Rosenbrock method. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "robertson",
        "hires",
        "hodgkin-huxley",
        "beeler-reuter-1977",
        "kepler",
        "detest-a3"
      })
  default void systemsOfAllKindsGiveTheScalarBits(String name) {
    OdeSystem system = OdeSystem.named(name);
    same(
        k -> Solver.of(system).method(Method.RODAS5P).tolerance(1e-5, 1e-8).kernels(k).build(),
        size -> Ensemble.of(size).end(i -> 0.5 + 0.1 * i),
        9);
  }

  /** Pulses at times of each trajectory's own are found, and their mean is right to 1e-12. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"TSIT5", "DOP853", "RODAS5P"})
  default void switchesAtTimesGiveTheScalarBits(Method method) {
    OdeSystem system =
        OdeSystem.parse(
            """
            system Infusions
            parameter k = 0.3
            parameter start = 1
            parameter length = 0.25
            state A = 0
            state B = 1
            output rate = if(t >= start and t < start + length, 1/length, 0)
            A' = rate - k*A
            B' = k*A - B + if(sin(7*t) > 0, 0.1, 0)
            """);
    Function<Integer, Ensemble> ensemble =
        size ->
            Ensemble.of(size)
                .parameter("start", i -> 0.3 * i)
                .parameter("length", i -> 0.01 + 0.05 * (i % 5))
                .stopAt(i -> new double[] {2.5, 0.1 * i})
                .end(i -> 3 + i % 3);
    Function<Kernels, Solver.Builder> solver =
        k ->
            Solver.of(system)
                .method(method)
                .fold(Fold.mean("mean", system.expression("rate")))
                .event(Event.log("B", system.expression("B - 0.3"), Event.Direction.ANY))
                .kernels(k);
    Solution adaptive = same(k -> solver.apply(k).build(), ensemble, 19);
    same(k -> solver.apply(k).fixedStep(0.01).build(), ensemble, 19);
    same(k -> solver.apply(k).precision(Precision.FLOAT).build(), ensemble, 19);
    for (int i = 0; i < 19; i++) {
      double end = 3 + i % 3;
      double during = Math.clamp(end - 0.3 * i, 0, 0.01 + 0.05 * (i % 5));
      assertThat(adaptive.fold(i, "mean"))
          .isCloseTo(during / (0.01 + 0.05 * (i % 5)) / end, within(1e-12));
    }
  }

  /** Fewer trajectories, another order or four threads change no bit. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 15, 16, 17, 31, 33, 64, 65, 127})
  default void resultsDoNotDependOnWhatRunsBeside(int size) {
    OdeSystem system = OdeSystem.named("lorenz");
    Solver solver = Solver.of(system).tolerance(1e-6, 1e-6).kernels(kernels()).build();
    Solution all = solver.solve(lorenz(127));
    Solution some = solver.solve(lorenz(size));
    for (int i = 0; i < size; i++) {
      assertSame(all, i, some, i, "of " + size);
    }
    Solution reversed =
        solver.solve(
            Ensemble.of(size)
                .parameter("rho", i -> 0.5 * (size - 1 - i))
                .end(i -> 0.2 + 0.05 * ((size - 1 - i) % 7)));
    for (int i = 0; i < size; i++) {
      assertSame(all, i, reversed, size - 1 - i, "reversed");
    }
    Solution threaded =
        Solver.of(system)
            .tolerance(1e-6, 1e-6)
            .threads(4)
            .kernels(kernels())
            .build()
            .solve(lorenz(size));
    assertSame(some, threaded, "on 4 threads");
  }

  /**
   * NaN, infinite and huge numbers and endless trajectories leave the bits of those beside alone.
   */
  @Test
  default void aBadTrajectoryTouchesNoOther() {
    OdeSystem system = OdeSystem.named("lorenz");
    Solver solver =
        Solver.of(system).tolerance(1e-6, 1e-6).maximumSteps(500).kernels(kernels()).build();
    int size = 200;
    Solution good = solver.solve(lorenz(size));
    Solution mixed =
        solver.solve(
            Ensemble.of(size)
                .parameter("rho", i -> i % 10 == 3 ? Double.NaN : 0.5 * i)
                .initial("x", i -> i % 10 == 5 ? Double.POSITIVE_INFINITY : i % 10 == 6 ? 1e200 : 1)
                .end(
                    i ->
                        i % 10 == 7
                            ? 0
                            : i % 10 == 8 ? Double.NaN : i % 10 == 9 ? 1e6 : 0.2 + 0.05 * (i % 7)));
    for (int i = 0; i < size; i++) {
      switch (i % 10) {
        case 3, 5, 8 -> assertThat(mixed.status(i)).isEqualTo(Status.NOT_FINITE);
        case 6 -> assertThat(mixed.status(i)).isNotEqualTo(Status.DONE);
        case 7 -> {
          assertThat(mixed.status(i)).isEqualTo(Status.DONE);
          assertThat(mixed.time(i)).isZero();
          assertThat(mixed.states(i)).containsExactly(1, 0, 0);
        }
        case 9 -> {
          assertThat(mixed.status(i)).isEqualTo(Status.MAXIMUM_STEPS);
          assertThat(mixed.time(i)).isBetween(0.01, 1e5);
        }
        default -> assertSame(good, i, mixed, i, "beside bad ones");
      }
    }
  }

  /** An event that resets happens again and again, until there are more than allowed. */
  @Test
  default void aBallBounces() {
    OdeSystem ball =
        OdeSystem.parse(
            """
            system Ball
            parameter g = 9.81
            parameter restitution = 0.8
            state x = 1
            state v = 0
            x' = v
            v' = -g
            """);
    Event bounce =
        Event.reset(
            "bounce",
            ball.expression("x"),
            Event.Direction.FALLING,
            Map.of("v", ball.expression("-restitution*v")));
    Solution solution =
        same(
            k -> Solver.of(ball).event(bounce).maximumEvents(20).kernels(k).build(),
            size -> Ensemble.of(size).initial("x", i -> 1 + 0.1 * i).end(i -> 1 + 0.4 * i),
            17);
    List<Solution.Crossing> bounces = solution.crossings(2);
    double fall = Math.sqrt(2 * 1.2 / 9.81);
    assertThat(bounces.getFirst().time()).isCloseTo(fall, within(1e-12));
    assertThat(bounces.get(1).time()).isCloseTo(fall + 1.6 * fall, within(1e-11));
    // It comes to rest at a finite time, after infinitely many bounces.
    double rest = Math.sqrt(2 * 2.6 / 9.81) * (1 + 2 * 0.8 / (1 - 0.8));
    assertThat(solution.status(16)).isEqualTo(Status.MAXIMUM_EVENTS);
    assertThat(solution.time(16)).isBetween(0.9 * rest, rest);
  }

  /** Crossings of several events in one step are logged in the order of time. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"DOP853", "RKN1210"})
  default void crossingsAreFoundInTheOrderOfTime(Method method) {
    OdeSystem oscillator = oscillator();
    // Steps of 2: sin t - 0.9 crosses twice within one step, near its greatest value.
    Solution solution =
        same(
            k ->
                Solver.of(oscillator)
                    .method(method)
                    .tolerance(1e-4, 1e-4)
                    .event(
                        Event.log("high", oscillator.expression("x - 0.995"), Event.Direction.ANY))
                    .event(Event.log("zero", oscillator.expression("x"), Event.Direction.ANY))
                    .event(Event.log("turn", oscillator.expression("x*v"), Event.Direction.FALLING))
                    .kernels(k)
                    .build(),
            size -> Ensemble.of(size).end(9.3),
            5);
    List<String> names = solution.crossings(0).stream().map(Solution.Crossing::event).toList();
    assertThat(names)
        .containsExactly("high", "turn", "high", "zero", "turn", "zero", "high", "turn", "high");
    double half = Math.PI / 2;
    assertThat(solution.crossings(0).get(1).time()).isCloseTo(half, within(1e-2));
    assertThat(solution.crossings(0).get(3).time()).isCloseTo(Math.PI, within(1e-2));
  }

  /** Doses at one time, what follows from them, and conditions, on the lanes of one solve. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"RK4", "TSIT5", "DOP853", "RODAS5P"})
  default void allEventsOfAnInstantHappen(Method method) {
    OdeSystem system =
        OdeSystem.parse(
            """
            system Doses
            parameter at = 5
            state a = 0
            state b = 0
            a' = -0.1*a
            b' = -0.2*b
            """);
    for (Precision precision : Precision.values()) {
      double rounding = precision == Precision.FLOAT ? 1e-6 : 1e-14;
      Function<Kernels, Solver> solver =
          k -> {
            Solver.Builder builder =
                Solver.of(system).method(method).precision(precision).kernels(k);
            if (method.isAdaptive()) {
              builder.tolerance(precision == Precision.FLOAT ? 1e-6 : 1e-9, 1e-9);
            } else {
              builder.fixedStep(0.3);
            }
            return builder
                .event(dose(system, "doseA", "t - at", "a"))
                .event(dose(system, "doseB", "t >= at", "b"))
                .event(dose(system, "react", "a - 0.5", "b"))
                .event(dose(system, "again", "if(b < 1.5, -1, 1)", "b"))
                .event(
                    Event.log(
                        "low", system.expression("a < 0.9 and t > 2"), Event.Direction.RISING))
                .build();
          };
      Solution solution =
          same(solver, size -> Ensemble.of(size).parameter("at", i -> 1 + 0.1 * i).end(10), 19);
      for (int i = 0; i < 19; i++) {
        double at = 1 + 0.1 * i;
        double since = 9 - 0.1 * i;
        double tolerance = precision == Precision.FLOAT ? 2e-5 : 1e-6;
        assertThat(solution.status(i)).isEqualTo(Status.DONE);
        assertThat(solution.state(i, "a")).isCloseTo(Math.exp(-0.1 * since), within(tolerance));
        assertThat(solution.state(i, "b")).isCloseTo(3 * Math.exp(-0.2 * since), within(tolerance));
        List<Solution.Crossing> crossings = solution.crossings(i);
        // At first, a is 0 and less than 0.9: the condition becomes true at 2 then.
        List<Solution.Crossing> doses =
            crossings.stream().filter(c -> !c.event().equals("low")).toList();
        assertThat(doses)
            .extracting(Solution.Crossing::event)
            .containsExactly("doseA", "doseB", "react", "again");
        assertThat(doses).allSatisfy(c -> assertThat(c.time()).isCloseTo(at, within(rounding)));
        assertThat(doses.get(3).states()).containsExactly(1, 2);
        Solution.Crossing low = crossings.getLast();
        assertThat(low.event()).isEqualTo("low");
        assertThat(low.time())
            .isCloseTo(1 + 0.1 * i - 10 * Math.log(0.9), within(Math.max(2e-4, rounding)));
        assertThat(crossings).hasSize(i > 10 ? 6 : 5);
      }
    }
  }

  private static Event dose(OdeSystem system, String name, String function, String state) {
    return Event.reset(
        name,
        system.expression(function),
        Event.Direction.RISING,
        Map.of(state, system.expression(state + " + 1")));
  }

  /** Status, time, states and folds are those at the event; later states to be saved are NaN. */
  @Test
  default void aTerminalEventEndsATrajectoryWhereItHappens() {
    OdeSystem system = OdeSystem.named("detest-a1");
    Solution solution =
        same(
            k ->
                Solver.of(system)
                    .tolerance(1e-10, 1e-12)
                    .event(
                        Event.stop("half", system.expression("y - 0.5"), Event.Direction.FALLING))
                    .fold(Fold.mean("mean", Expr.variable("y")))
                    .fold(Fold.minimum("least", Expr.variable("y")))
                    .kernels(k)
                    .build(),
            size -> Ensemble.of(size).initial("y", i -> 1 + i).end(3).saveAt(0, 0.5, 1, 2),
            4);
    for (int i = 0; i < 4; i++) {
      double time = Math.log(2 * (1 + i));
      assertThat(solution.status(i)).isEqualTo(Status.EVENT);
      assertThat(solution.time(i)).isCloseTo(time, within(1e-8));
      assertThat(solution.state(i, "y")).isCloseTo(0.5, within(1e-9));
      assertThat(solution.fold(i, "mean")).isCloseTo((0.5 + i) / time, within(1e-6));
      assertThat(solution.fold(i, "least")).isCloseTo(0.5, within(1e-9));
      assertThat(solution.saved(i)[1][0])
          .isCloseTo(0.5 <= time ? (1 + i) * Math.exp(-0.5) : 0, within(1e-8));
      assertThat(Double.isNaN(solution.saved(i)[3][0])).isEqualTo(time < 2);
    }
  }

  /** The folds of a sine over one period are near what calculus gives. */
  @Test
  default void foldsGatherAlongTheTrajectory() {
    OdeSystem oscillator = oscillator();
    Solution solution =
        same(
            k ->
                Solver.of(oscillator)
                    .tolerance(1e-9, 1e-9)
                    .fold(Fold.maximum("max", Expr.variable("x")))
                    .fold(Fold.mean("mean", Expr.variable("x")))
                    .fold(Fold.rootMeanSquare("rms", Expr.variable("x")))
                    .fold(
                        Fold.of(
                            "area",
                            Expr.variable("v"),
                            0,
                            Expr.variable("fold")
                                .plus(Expr.variable("x").abs().times(Expr.variable("dt")))))
                    .kernels(k)
                    .build(),
            size -> Ensemble.of(size).end(2 * Math.PI),
            3);
    assertThat(solution.fold(0, "max")).isCloseTo(1, within(2e-3));
    assertThat(solution.fold(0, "mean")).isCloseTo(0, within(1e-7));
    assertThat(solution.fold(0, "rms")).isCloseTo(Math.sqrt(0.5), within(1e-6));
    // The sum of |v| dt is a first-order estimate of 4.
    assertThat(solution.fold(0, "area")).isCloseTo(4, within(0.5));
  }

  /** Forth and back, a trajectory ends where it began, within 1e-7. */
  @Test
  default void trajectoriesRunBackwards() {
    OdeSystem system = OdeSystem.named("lotka-volterra");
    Function<Kernels, Solver> solver =
        k -> Solver.of(system).tolerance(1e-10, 1e-10).kernels(k).build();
    Solution forth = same(solver, size -> Ensemble.of(size).end(3), 2);
    double[] there = forth.states(0);
    Solution back =
        same(
            solver,
            size ->
                Ensemble.of(size)
                    .initial("x", there[0])
                    .initial("y", there[1])
                    .start(3)
                    .end(0)
                    .saveAt(2, 1, 0),
            2);
    assertThat(back.states(1)).containsExactly(new double[] {1, 1}, within(1e-7));
    assertThat(back.saved(1)[2]).isEqualTo(back.states(1));
  }

  /** Every step of each trajectory, in its lane, is kept with the bits of the scalar backend. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  default void everyStepIsSaved(Precision precision) {
    OdeSystem oscillator = oscillator();
    Event bounce =
        Event.reset(
            "bounce",
            oscillator.expression("x - 0.5"),
            Event.Direction.RISING,
            Map.of("v", oscillator.expression("-v")));
    Function<Kernels, Solver> solver =
        k ->
            Solver.of(oscillator)
                .precision(precision)
                .tolerance(1e-5, 1e-5)
                .event(bounce)
                .kernels(k)
                .build();
    Ensemble ensemble =
        Ensemble.of(21).initial("x", i -> 0.02 * i).end(i -> 4 + 0.1 * i).saveSteps(3);
    Solution expected = solver.apply(scalar()).solve(ensemble);
    Solution actual = solver.apply(kernels()).solve(ensemble);
    for (int i = 0; i < actual.size(); i++) {
      double[] times = actual.savedTimes(i);
      assertThat(times).isEqualTo(expected.savedTimes(i)).isSorted().hasSizeGreaterThan(10);
      assertThat(times[times.length - 1]).isEqualTo(actual.time(i));
      assertThat(actual.saved(i)).isDeepEqualTo(expected.saved(i));
    }
  }

  /**
   * Single precision has no 2²⁴ + 1: what counts steps, and the time that follows, must not care.
   */
  @Test
  default void stepsAreCountedExactlyInSinglePrecision() {
    // Every step from about 16.5 on adds 1. Half of those times have no number: none of these is
    // rounded across the one chosen, whose last bit is odd.
    double from = 16.5 + 0x1p-19;
    OdeSystem late =
        OdeSystem.parse("system Late\nstate x = 0\nx' = if(t < %s, 0, 1048576)\n".formatted(from));
    Solution solution =
        Solver.of(late)
            .method(Method.EULER)
            .precision(Precision.FLOAT)
            .fixedStep(0x1p-20)
            .maximumSteps(100_000_000)
            .kernels(kernels())
            .build()
            .solve(Ensemble.of(2).end(i -> 17 - 0.4 * i));
    int[] steps = {17 << 20, (int) Math.ceil(16.6 * (1 << 20))};
    for (int i = 0; i < 2; i++) {
      assertThat(solution.status(i)).isEqualTo(Status.DONE);
      assertThat(solution.acceptedSteps(i)).isEqualTo(steps[i]);
      assertThat(solution.rejectedSteps(i)).isZero();
      assertThat(solution.time(i)).isEqualTo((float) (17 - 0.4 * i));
    }
    assertThat(solution.state(0, "x")).isEqualTo((17 - from) * 0x1p20);
  }

  /** The greatest limit of steps gives as many, accepted and rejected, as a limit of 10,000. */
  @Test
  default void theMostStepsAreCountedExactlyInSinglePrecision() {
    OdeSystem decay = OdeSystem.parse("system Decay\nstate x = 1\nx' = -x\n");
    int[] tried = new int[2];
    for (int k = 0; k < 2; k++) {
      int most = k == 0 ? 10_000 : Integer.MAX_VALUE;
      Solution solution =
          same(
              kernels ->
                  Solver.of(decay)
                      .precision(Precision.FLOAT)
                      .tolerance(1e-4, 1e-4)
                      .firstStep(9)
                      .maximumSteps(most)
                      .kernels(kernels)
                      .build(),
              size -> Ensemble.of(size).end(10),
              3);
      assertThat(solution.status(0)).isEqualTo(Status.DONE);
      assertThat(solution.rejectedSteps(0)).isBetween(1, 20);
      tried[k] = solution.acceptedSteps(0) + solution.rejectedSteps(0);
    }
    assertThat(tried[1]).isEqualTo(tried[0]);
  }

  /** More than 2²⁴ steps are counted, and end at a limit beyond it. */
  @Test
  @Tag("nightly")
  default void stepsUnderControlAreCountedExactlyInSinglePrecision() {
    Solver.Builder solver =
        Solver.of(OdeSystem.parse("system Still\nstate x = 1\nx' = 0\n"))
            .method(Method.BS3)
            .precision(Precision.FLOAT)
            .firstStep(0x1p-20)
            .maximumStep(0x1p-20)
            .kernels(kernels());
    Ensemble ensemble = Ensemble.of(1).start(-8.5).end(8.25);
    Solution all = solver.maximumSteps(100_000_000).build().solve(ensemble);
    assertThat(all.status(0)).isEqualTo(Status.DONE);
    assertThat(all.rejectedSteps(0)).isZero();
    assertThat(all.acceptedSteps(0)).isEqualTo((67 << 20) / 4);
    Solution some = solver.maximumSteps((1 << 24) + 5).build().solve(ensemble);
    assertThat(some.status(0)).isEqualTo(Status.MAXIMUM_STEPS);
    assertThat(some.acceptedSteps(0)).isEqualTo((1 << 24) + 5);
  }

  /** Bytes that a call allocates. */
  private static long bytes(Runnable call) {
    long before = Allocation.ofThisThread();
    call.run();
    return Allocation.ofThisThread() - before;
  }

  /** Arrays as a solution has them, for the bytes that they take. */
  private static Object[] remade(int[] crossings) {
    int size = crossings.length;
    double[][] saved = new double[size][];
    List<?>[] logs = new List<?>[size];
    for (int i = 0; i < size; i++) {
      saved[i] = new double[2 * 3];
      if (crossings[i] > 0) {
        List<Solution.Crossing> log = new ArrayList<>();
        for (int c = 0; c < crossings[i]; c++) {
          log.add(new Solution.Crossing("", 0, new double[2]));
        }
        logs[i] = log;
      }
    }
    double[][] numbers = {new double[2 * size], new double[size], new double[size]};
    return new Object[] {numbers, new Status[size], new int[size], new int[size], saved, logs};
  }

  /**
   * More trajectories and longer ones take more memory for what is returned, results and logs of
   * events, and for nothing else.
   */
  @Test
  default void nothingIsAllocatedButWhatIsReturned() {
    Allocation.requireCompiler();
    OdeSystem oscillator = oscillator();
    // The first is a polynomial along each step, the second is not.
    Solver solver =
        Solver.of(oscillator)
            .tolerance(1e-4, 1e-4)
            .event(Event.log("line", oscillator.expression("x - 0.5"), Event.Direction.ANY))
            .event(Event.log("curve", oscillator.expression("x*v - 0.25"), Event.Direction.ANY))
            .event(
                Event.reset(
                    "reset",
                    oscillator.expression("v - 0.5"),
                    Event.Direction.FALLING,
                    Map.of("v", oscillator.expression("0.25"))))
            .fold(Fold.mean("mean", Expr.variable("x")))
            .kernels(kernels())
            .build();
    int[] sizes = {32, 132, 32};
    double[] ends = {6, 6, 40};
    Object[][] kept = new Object[1][];
    long[] surplus = new long[sizes.length];
    long deadline = System.nanoTime() + 120_000_000_000L;
    do {
      for (int k = 0; k < sizes.length; k++) {
        Ensemble ensemble =
            Ensemble.of(sizes[k]).initial("x", i -> 0.01 * i).end(ends[k]).saveAt(0, 1, 2);
        Solution[] solved = new Solution[1];
        surplus[k] = bytes(() -> solved[0] = solver.solve(ensemble));
        int[] crossings = new int[sizes[k]];
        for (int i = 0; i < crossings.length; i++) {
          crossings[i] = solved[0].crossings(i).size();
        }
        assertThat(crossings[0]).isGreaterThan(2);
        surplus[k] -= bytes(() -> kept[0] = remade(crossings));
      }
      // What is not compiled yet may allocate more.
    } while ((surplus[1] != surplus[0] || surplus[2] != surplus[0])
        && System.nanoTime() < deadline);
    assertThat(surplus[1]).as("of 100 further trajectories").isEqualTo(surplus[0]);
    assertThat(surplus[2]).as("of further steps").isEqualTo(surplus[0]);
  }

  /** What was done is kept, and the rest has the status of cancelled ones. */
  @Test
  default void aSolveCanBeCancelled() {
    Solver solver =
        Solver.of(OdeSystem.named("lorenz"))
            .tolerance(1e-8, 1e-8)
            .kernels(kernels())
            .threads(2)
            .build();
    Solution solution =
        solver.solve(Ensemble.of(5000).parameter("rho", 20).end(0.5), done -> done < 300);
    assertThat(solution.count(Status.DONE)).isBetween(300, 4000);
    assertThat(solution.count(Status.CANCELLED)).isEqualTo(5000 - solution.count(Status.DONE));
  }

  /** For several numbers of samples, each over its own time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 15, 16, 17, 31, 33, 64, 65, 127, 300})
  default void neuralOdesGiveTheScalarBits(int samples) {
    Random random = new Random(20261124 + samples);
    float[] initial = random(random, samples * 3);
    double[] ends = new double[samples];
    for (int i = 0; i < samples; i++) {
      ends[i] = 0.2 * (i % 11) - 0.6;
    }
    float[] in = random(random, 33 * 4);
    float[] inBias = random(random, 33);
    float[] out = random(random, 3 * 33);
    Function<Kernels, NeuralSolution> solve =
        kernels ->
            NeuralOde.builder(3)
                .timeIsInput()
                .layer(in, inBias, Activation.TANH)
                .layer(out, new float[3], Activation.LINEAR)
                .kernels(kernels)
                .build()
                .solve(initial, new double[samples], ends, 0);
    NeuralSolution expected = solve.apply(scalar());
    NeuralSolution actual = solve.apply(kernels());
    assertThat(actual.states()).isEqualTo(expected.states());
    for (int i = 0; i < samples; i++) {
      assertThat(actual.status(i)).isEqualTo(Status.DONE).isEqualTo(expected.status(i));
      assertThat(actual.steps(i)).isEqualTo(expected.steps(i));
      assertThat(actual.saved(i)).isEqualTo(expected.saved(i));
    }
  }

  private static float[] random(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 0.4f * (float) random.nextGaussian();
    }
    return values;
  }
}
