package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Precision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
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
      names = {"DP5", "TSIT5", "DOP853", "RKN1210", "RODAS5P"})
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
      names = {"DP5", "TSIT5", "DOP853", "RKN1210", "RODAS5P"})
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

  private static final OdeSystem DOSES =
      OdeSystem.parse("system Doses\nstate a = 0\nstate b = 0\na' = -0.1*a\nb' = -0.2*b\n");

  private static Event reset(OdeSystem system, String name, String function, String... resets) {
    Map<String, Expr> values = new HashMap<>();
    for (String reset : resets) {
      String[] sides = reset.split("=", 2);
      values.put(sides[0], system.expression(sides[1]));
    }
    return Event.reset(name, system.expression(function), Event.Direction.RISING, values);
  }

  private static Event log(OdeSystem system, String name, String function) {
    return Event.log(name, system.expression(function), Event.Direction.RISING);
  }

  private static Event stop(OdeSystem system, String name, String function) {
    return Event.stop(name, system.expression(function), Event.Direction.RISING);
  }

  /** On the scalar backend: adaptive, explicit or Rosenbrock, or with steps of 0.3. */
  private static Solver.Builder precise(OdeSystem system, Method method) {
    Solver.Builder builder = Solver.of(system).method(method).kernels(Backends.named("scalar"));
    return method.isAdaptive() ? builder.tolerance(1e-9, 1e-9) : builder.fixedStep(0.3);
  }

  private static Solution solve(OdeSystem system, double end, Event... events) {
    Solver.Builder builder = precise(system, Method.TSIT5);
    List.of(events).forEach(builder::event);
    return builder.build().solve(Ensemble.of(1).end(end));
  }

  private static List<String> names(Solution solution) {
    return solution.crossings(0).stream().map(Solution.Crossing::event).toList();
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"RK4", "BS3", "TSIT5", "DOP853", "RODAS5P", "ROS34PW2"})
  void ofTwoDosesAtOnceNoneIsLost(Method method) {
    for (Precision precision : Precision.values()) {
      for (String at : List.of("t - 5", "t >= 5", "t > 5", "if(t < 5, -1, 1)", "2*t^3 - 250")) {
        Solver.Builder builder = precise(DOSES, method).precision(precision);
        if (method.isAdaptive() && precision == Precision.FLOAT) {
          builder.tolerance(1e-6, 1e-9);
        }
        Solution solution =
            builder
                .event(log(DOSES, "before", at))
                .event(reset(DOSES, "doseA", at, "a=a + 1"))
                .event(log(DOSES, "between", at))
                .event(reset(DOSES, "doseB", at, "b=b + 1"))
                .event(log(DOSES, "after", at))
                .build()
                .solve(Ensemble.of(1).end(10));
        double tolerance = precision == Precision.FLOAT ? 2e-5 : 1e-7;
        assertThat(solution.state(0, "a")).as(at).isCloseTo(Math.exp(-0.5), within(tolerance));
        assertThat(solution.state(0, "b")).as(at).isCloseTo(Math.exp(-1), within(tolerance));
        assertThat(names(solution)).containsExactly("before", "doseA", "between", "doseB", "after");
        double[][] states = {{0, 0}, {0, 0}, {1, 0}, {1, 0}, {1, 1}};
        for (int k = 0; k < 5; k++) {
          Solution.Crossing crossing = solution.crossings(0).get(k);
          assertThat(crossing.time())
              .isCloseTo(5, within(precision == Precision.FLOAT ? 1e-6 : 1e-14));
          assertThat(crossing.states()).containsExactly(states[k]);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"RK4", "TSIT5", "RODAS5P"})
  void backwardsToo(Method method) {
    Solution solution =
        precise(DOSES, method)
            .event(reset(DOSES, "doseA", "5 - t", "a=a + 1"))
            .event(reset(DOSES, "doseB", "5 - t", "b=b + 1"))
            .event(reset(DOSES, "react", "a - 0.5", "b=b + 2"))
            .build()
            .solve(Ensemble.of(1).start(10).end(0));
    assertThat(names(solution)).containsExactly("doseA", "doseB", "react");
    assertThat(solution.state(0, "a")).isCloseTo(Math.exp(0.5), within(1e-6));
    assertThat(solution.state(0, "b")).isCloseTo(3 * Math.exp(1), within(1e-5));
  }

  /** A time listed twice is that before all resets of the instant, and that after them. */
  @Test
  void bothSidesOfAnInstantAreSaved() {
    for (String at : List.of("t - 5", "t >= 5", "if(t < 5, -1, 1)", "a^2 + t - 5")) {
      Solution solution =
          precise(DOSES, Method.TSIT5)
              .event(reset(DOSES, "doseA", at, "a=a + 1"))
              .event(reset(DOSES, "doseB", at, "b=b + 1"))
              .event(reset(DOSES, "react", "a - 0.5", "b=b + 1"))
              .build()
              .solve(Ensemble.of(1).end(10).saveAt(4, 5, 5, 10));
      double[][] saved = solution.saved(0);
      assertThat(saved[1]).as(at).containsExactly(0, 0);
      assertThat(saved[2]).as(at).containsExactly(new double[] {1, 2}, within(1e-12));
      assertThat(saved[3][1]).isCloseTo(2 * Math.exp(-1), within(1e-7));
    }
  }

  @Test
  void eachSeesWhatThoseBeforeItHaveLeft() {
    Event more = reset(DOSES, "more", "t - 1", "a=a + 3", "b=a");
    Event twice = reset(DOSES, "twice", "t - 1", "a=2*a");
    double decay = Math.exp(-0.1);
    Solution solution = solve(DOSES, 2, more, twice);
    assertThat(solution.state(0, "a")).isCloseTo(6 * decay, within(1e-8));
    assertThat(solution.state(0, "b")).isZero();
    assertThat(solve(DOSES, 2, twice, more).state(0, "a")).isCloseTo(3 * decay, within(1e-8));
  }

  @Test
  void allHappenEvenIfOneTakesTheReasonAway() {
    OdeSystem ramp = OdeSystem.parse("system Ramp\nstate x = 0\nstate y = 0\nx' = 1\ny' = 0\n");
    Solution solution =
        solve(
            ramp,
            3.5,
            reset(ramp, "back", "x - 1", "x=0"),
            reset(ramp, "count", "x - 1", "y=y + 1"));
    assertThat(names(solution)).containsExactly("back", "count", "back", "count", "back", "count");
    assertThat(solution.state(0, "y")).isEqualTo(3);
    assertThat(solution.state(0, "x")).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void aTerminalEventEndsInItsTurn() {
    Event a = reset(DOSES, "doseA", "t - 5", "a=a + 1");
    Event b = reset(DOSES, "doseB", "t - 5", "b=b + 1");
    Event end = stop(DOSES, "end", "t - 5");
    Solution solution = solve(DOSES, 10, a, end, b);
    assertThat(names(solution)).containsExactly("doseA", "end");
    assertThat(solution.status(0)).isEqualTo(Status.EVENT);
    assertThat(solution.states(0)).containsExactly(1, 0);
    assertThat(names(solve(DOSES, 10, end, a, b))).containsExactly("end");
    assertThat(solve(DOSES, 10, a, b, end).states(0)).containsExactly(1, 1);
  }

  @Test
  void atTheEndTheyHappenBeforeIt() {
    Solution solution =
        solve(
            DOSES,
            5,
            reset(DOSES, "doseA", "t - 5", "a=a + 1"),
            reset(DOSES, "react", "a - 0.5", "b=b + 1"));
    assertThat(solution.status(0)).isEqualTo(Status.DONE);
    assertThat(solution.states(0)).containsExactly(1, 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"RK4", "TSIT5", "DOP853", "RODAS5P"})
  void aResetMakesAnotherEventHappen(Method method) {
    for (String function :
        List.of("a - 0.5", "a > 0.5", "a - 1", "if(a < 0.5, -1, 1)", "a^3 - 0.1")) {
      Solution solution =
          precise(DOSES, method)
              .event(reset(DOSES, "doseA", "t - 5", "a=a + 1"))
              .event(reset(DOSES, "react", function, "b=b + 1"))
              .event(log(DOSES, "seen", "b - 0.5"))
              .event(Event.log("fell", DOSES.expression("a - 0.5"), Event.Direction.FALLING))
              .build()
              .solve(Ensemble.of(1).end(10));
      assertThat(names(solution)).as(function).containsExactly("doseA", "react", "seen");
      assertThat(solution.crossings(0)).extracting(Solution.Crossing::time).containsOnly(5.0);
      assertThat(solution.crossings(0).get(2).states()).containsExactly(1, 1);
      assertThat(solution.state(0, "b")).isCloseTo(Math.exp(-1), within(1e-6));
    }
  }

  @Test
  void ofAllThatAreDueTheFirstDeclaredIsNext() {
    OdeSystem chain =
        OdeSystem.parse(
            "system Chain\nstate a = 0\nstate b = 0\nstate c = 0\na' = 0\nb' = 0\nc' = 0\n");
    Solution solution =
        solve(
            chain,
            2,
            reset(chain, "first", "b - 0.5", "a=a + 1"),
            log(chain, "twice", "a - 1.5"),
            reset(chain, "second", "t - 1", "b=1", "c=1"),
            reset(chain, "third", "t - 1", "a=a + 1"),
            reset(chain, "fourth", "c - 0.5", "c=-c"));
    assertThat(names(solution)).containsExactly("second", "first", "third", "twice", "fourth");
    assertThat(solution.states(0)).containsExactly(2, 1, -1);
  }

  @Test
  void aChainCanEndTheTrajectory() {
    Solution solution =
        solve(
            DOSES,
            10,
            reset(DOSES, "doseA", "t - 5", "a=a + 1"),
            stop(DOSES, "enough", "a - 0.5"),
            reset(DOSES, "doseB", "t - 5", "b=b + 1"));
    assertThat(names(solution)).containsExactly("doseA", "enough");
    assertThat(solution.status(0)).isEqualTo(Status.EVENT);
    assertThat(solution.time(0)).isEqualTo(5);
    assertThat(solution.states(0)).containsExactly(1, 0);
  }

  /** V reaches its threshold and is set back, over and over: in any direction once each time. */
  @Test
  void itsOwnResetMakesNoEventHappen() {
    OdeSystem neuron = OdeSystem.parse("system Neuron\nparameter I = 2\nstate v = 0\nv' = I - v\n");
    double period = Math.log(2);
    for (Event.Direction direction : List.of(Event.Direction.RISING, Event.Direction.ANY)) {
      for (double reset : new double[] {0, 1, 0.5}) {
        Solution solution =
            solve(
                neuron,
                3.5,
                new Event(
                    "spike",
                    neuron.expression("v - 1"),
                    direction,
                    false,
                    Map.of("v", Expr.constant(reset))));
        double again = Math.log(2 - reset);
        // From the threshold itself it never comes back.
        int spikes = reset == 1 ? 1 : 1 + (int) ((3.5 - period) / again);
        assertThat(solution.crossings(0)).hasSize(spikes);
        for (int k = 0; k < spikes; k++) {
          assertThat(solution.crossings(0).get(k).time())
              .isCloseTo(period + k * again, within(1e-7));
        }
      }
    }
  }

  @Test
  void chainsWithoutEndAreReported() {
    OdeSystem flip = OdeSystem.parse("system Flip\nstate a = 0\nstate b = 1\na' = 0\nb' = 0\n");
    Solution solution =
        solve(
            flip,
            3,
            reset(flip, "start", "t - 1", "a=1"),
            reset(flip, "up", "a - 0.5", "b=0", "a=0"),
            reset(flip, "down", "0.5 - b", "a=1", "b=1"));
    assertThat(solution.status(0)).isEqualTo(Status.MAXIMUM_EVENTS);
    assertThat(solution.time(0)).isEqualTo(1);
    assertThat(solution.crossings(0)).hasSizeBetween(1000, 2100);
  }

  /**
   * It comes to rest at √(2x/g)·(1 + r)/(1 − r), in ever smaller bounces; there is no floor below.
   */
  @ParameterizedTest
  @ValueSource(doubles = {0.99, 0.9, 0.8, 0.5, 0.1, 1e-3, 1e-6})
  void aBallNeverFallsThroughTheFloor(double restitution) {
    OdeSystem ball =
        OdeSystem.parse(
            "system Ball\nparameter r = 0.8\nstate x = 1\nstate v = 0\nx' = v\nv' = -9.81\n");
    double rest = Math.sqrt(2 / 9.81) * (1 + restitution) / (1 - restitution);
    for (Method method : List.of(Method.RK4, Method.TSIT5, Method.DOP853, Method.RODAS5P)) {
      Solution solution =
          precise(ball, method)
              .event(
                  Event.reset(
                      "bounce",
                      ball.expression("x"),
                      Event.Direction.FALLING,
                      Map.of("v", ball.expression("-r*v"))))
              .fold(Fold.minimum("least", ball.expression("x")))
              .build()
              .solve(Ensemble.of(1).parameter("r", restitution).end(200));
      assertThat(solution.status(0)).as("%s", method).isEqualTo(Status.MAXIMUM_EVENTS);
      assertThat(solution.time(0)).isCloseTo(rest, within(1e-8 * rest));
      assertThat(solution.state(0, "x")).isCloseTo(0, within(1e-12));
      assertThat(solution.fold(0, "least")).isGreaterThan(-1e-12);
    }
  }

  /**
   * S₁ falls to 0.5, where the event makes that its equilibrium: what rounding does around it is no
   * crossing. The slope there is 0.25·S₃ − 0.75·S₁·S₂ with S₁ + S₃ = 2, S₂ = S₁ + 1 until then.
   */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"RODAS4", "RODAS5P", "ROS34PW2", "RK4"})
  void whatRoundingLeavesAtZeroIsNoCrossing(Method method) {
    OdeSystem system =
        OdeSystem.parse(
            """
            system Reversible reaction
            state S1 = 1
            state S2 = 2
            state S3 = 1
            S1' = -0.75*S1*S2 + 0.25*S3
            S2' = -0.75*S1*S2 + 0.25*S3
            S3' = 0.75*S1*S2 - 0.25*S3
            """);
    Solution solution =
        precise(system, method)
            .event(reset(system, "half", "0.5 - S1", "S2=1"))
            .build()
            .solve(Ensemble.of(1).end(100));
    assertThat(solution.status(0)).isEqualTo(Status.DONE);
    assertThat(names(solution)).containsExactly("half");
    assertThat(solution.states(0)).containsExactly(new double[] {0.5, 1, 1.5}, within(1e-14));
  }

  @Test
  void whatIsRoundedInSinglePrecisionIsNotCrossedTwice() {
    OdeSystem system = OdeSystem.named("lotka-volterra");
    for (Method method : List.of(Method.TSIT5, Method.DOP853, Method.RODAS5P)) {
      Solution solution =
          Solver.of(system)
              .method(method)
              .precision(Precision.FLOAT)
              .tolerance(1e-5, 1e-6)
              .kernels(Backends.named("scalar"))
              .event(
                  Event.reset(
                      "low",
                      system.expression("0.2 - y"),
                      Event.Direction.ANY,
                      Map.of("x", system.expression("1.01*x"))))
              .build()
              .solve(Ensemble.of(64).initial("x", i -> 0.1 + 0.01 * i).end(5));
      for (int i = 0; i < solution.size(); i++) {
        double last = -1;
        for (Solution.Crossing crossing : solution.crossings(i)) {
          assertThat(crossing.time() - last).isGreaterThan(0.1);
          last = crossing.time();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"RK4", "BS3", "TSIT5", "DOP853", "RODAS5P", "ROS34PW2"})
  void piecesAreLocatedWhereTheyMeet(Method method) {
    OdeSystem decay = OdeSystem.parse("system Decay\nstate x = 1\nx' = -x\n");
    Solution solution =
        precise(decay, method)
            .event(log(decay, "constant", "if(x < 0.5, 1, -1)"))
            .event(log(decay, "condition", "x < 0.5"))
            .event(log(decay, "affine", "if(t < 5, x - 2, x + 2)"))
            .event(log(decay, "both", "x < 0.7 and not (t < 0.5 or x <= 0.1)"))
            .event(Event.log("over", decay.expression("x > 0.1"), Event.Direction.FALLING))
            .event(
                Event.log("pulse", decay.expression("t >= 6 and t < 6.001"), Event.Direction.ANY))
            .event(log(decay, "least", "min(x - 2, 3 - x) + 1.5"))
            .build()
            .solve(Ensemble.of(1).end(10));
    assertThat(names(solution))
        .containsExactly("both", "constant", "condition", "over", "affine", "pulse", "pulse");
    double[] times = {0.5, Math.log(2), Math.log(2), Math.log(10), 5, 6, 6.001};
    double tolerance = method == Method.RK4 ? 2e-3 : 1e-7;
    for (int k = 0; k < times.length; k++) {
      Solution.Crossing crossing = solution.crossings(0).get(k);
      boolean isExact = k == 0 || k >= 4;
      assertThat(crossing.time())
          .as(crossing.event())
          .isCloseTo(times[k], within(isExact ? 1e-14 : tolerance));
      if (crossing.event().startsWith("con")) {
        assertThat(crossing.states()[0]).isLessThan(0.5).isCloseTo(0.5, within(1e-14));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abs(x) - 0.1",
        "0.1 - max(min(0.2, x), -x)",
        "x < -0.1 or x > 0.1",
        "abs(x) > 0.1",
        "if(x < 0, -x, x) - 0.1",
        "x^2 > 0.01",
        "max(x - 0.1, -0.1 - x)"
      })
  void nothingIsMissedBetweenKinks(String function) {
    OdeSystem line = OdeSystem.parse("system Line\nstate x = -1\nx' = 1\n");
    for (double step : new double[] {0.05, 0.3, 1.5, 4}) {
      Solution solution =
          Solver.of(line)
              .method(Method.EULER)
              .fixedStep(step)
              .kernels(Backends.named("scalar"))
              .event(Event.log("narrow", line.expression(function), Event.Direction.ANY))
              .build()
              .solve(Ensemble.of(1).end(4));
      assertThat(solution.crossings(0)).as("%s", step).hasSize(2);
      assertThat(solution.crossings(0).get(0).time()).isCloseTo(0.9, within(1e-14));
      assertThat(solution.crossings(0).get(1).time()).isCloseTo(1.1, within(1e-14));
    }
  }

  /** Where a condition already holds, or a function is zero, nothing has become so. */
  @Test
  void whatHoldsFromTheStartHasNotBecomeTrue() {
    OdeSystem decay = OdeSystem.parse("system Decay\nstate x = 1\nx' = -x\n");
    assertThat(names(solve(decay, 3, log(decay, "a", "x <= 1"), log(decay, "b", "t >= 0"))))
        .isEmpty();
  }

  @Test
  void conditionsReset() {
    OdeSystem decay = OdeSystem.parse("system Decay\nstate x = 1\nx' = -x\n");
    Solution solution = solve(decay, 5, reset(decay, "refill", "x < 0.5", "x=2*x"));
    assertThat(solution.crossings(0)).hasSize(7);
    for (int k = 0; k < 7; k++) {
      assertThat(solution.crossings(0).get(k).time())
          .isCloseTo((k + 1) * Math.log(2), within(1e-7));
    }
  }

  /** x is t: each of these events is where another equation switches. */
  @ParameterizedTest
  @EnumSource
  void anEventWhereAnEquationSwitchesHappensOnce(Precision precision) {
    OdeSystem system =
        OdeSystem.parse(
            "system S\nparameter c = 1\nstate x = 0\nstate y = 0\nx' = 1\ny' = if(t >= c, 1, 0)\n");
    for (double fixedStep : new double[] {0, 0.09}) {
      Solver.Builder builder =
          Solver.of(system)
              .precision(precision)
              .event(Event.log("there", system.expression("x - c"), Event.Direction.ANY));
      if (fixedStep > 0) {
        builder.fixedStep(fixedStep);
      } else {
        builder.tolerance(1e-5, 1e-5);
      }
      Solution solution =
          builder.build().solve(Ensemble.of(99).parameter("c", i -> (i + 1) / 100.0).end(2));
      for (int i = 0; i < 99; i++) {
        assertThat(solution.crossings(i)).as("c = %d/100".formatted(i + 1)).hasSize(1);
      }
    }
  }
}
