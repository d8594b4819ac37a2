package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.expressions.Precision;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StepperTest {
  private static final String OSCILLATOR =
      """
      system Oscillator
      parameter k = 4
      state x = 1
      state v = 0
      x' = v
      v' = -k*x
      """;

  private static final String PULSE =
      """
      system Pulse
      parameter from = 0.3
      state x = 1
      x' = if(t >= from and t < from + 1e-3, 1000, 0) - x
      """;

  private static void run(Stepper stepper) {
    while (!stepper.isDone()) {
      stepper.step();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TSIT5", "DOP853"})
  void itsStepsAreThoseOfTheSolver(Method method) {
    for (Kernels kernels : Backends.available()) {
      for (double end : new double[] {3, -0.2}) {
        OdeSystem lorenz = OdeSystem.named("lorenz");
        Solver.Builder builder =
            Solver.of(lorenz)
                .method(method)
                .tolerance(new double[] {1e-6, 1e-5, 1e-6}, new double[] {1e-6, 1e-7, 1e-6})
                .maximumStep(0.5)
                .kernels(kernels);
        Solution solution = builder.build().solve(Ensemble.of(1).end(end));
        Stepper stepper = builder.stepper();
        // Once by the definition, once compiled, and once while one takes over from the other.
        for (int i = 0; i < 3; i++) {
          assertThat(stepper.begin(0, new double[] {1, 0, 0}, new double[] {10, 28, 8.0 / 3}, end))
              .isTrue();
          run(stepper);
          for (int state = 0; state < 3; state++) {
            assertThat(stepper.state(state)).isEqualTo(solution.states(0)[state]);
          }
        }
      }
    }
  }

  @Test
  void takesTheBackendsKernelsInTheMiddleOfATrajectory() throws InterruptedException {
    Kernels fastest = Backends.available().getLast();
    Solver.Builder builder =
        Solver.of(OdeSystem.named("lorenz")).tolerance(1e-9, 1e-9).kernels(fastest);
    Stepper stepper = builder.stepper();
    stepper.begin(0, new double[] {1, 0, 0}, new double[] {10, 28, 8.0 / 3}, 5);
    for (int i = 0; i < 80; i++) {
      stepper.step();
    }
    for (int i = 0; i < 3000 && !stepper.isCompiled() && !fastest.backend().equals("scalar"); i++) {
      Thread.sleep(10);
    }
    run(stepper);
    assertThat(stepper.state(0))
        .isEqualTo(builder.build().solve(Ensemble.of(1).end(5)).state(0, "x"));
  }

  @ParameterizedTest
  @EnumSource(names = {"DP5", "TSIT5", "DOP853"})
  void polynomialsFollowTheSolution(Method method) {
    Stepper stepper =
        Solver.of(OdeSystem.parse(OSCILLATOR)).method(method).tolerance(1e-9, 1e-9).stepper();
    stepper.begin(0, new double[] {1, 0}, new double[] {4}, 3);
    double[] coefficients = new double[2 * (stepper.degree() + 1)];
    while (!stepper.isDone()) {
      if (!stepper.step()) {
        continue;
      }
      stepper.polynomials(coefficients);
      for (double theta = 0; theta <= 1; theta += 0.25) {
        double x = 0;
        for (int j = stepper.degree(); j >= 0; j--) {
          x = x * theta + coefficients[j];
        }
        double time = stepper.timeBefore() + theta * stepper.lastStep();
        assertThat(x).isCloseTo(Math.cos(2 * time), Offset.offset(1e-6));
      }
      assertThat(stepper.error()).isLessThanOrEqualTo(1);
    }
    assertThat(stepper.time()).isEqualTo(3);
  }

  @Test
  void stepsOverNoPulse() {
    OdeSystem pulse = OdeSystem.parse(PULSE);
    Stepper stepper = Solver.of(pulse).tolerance(1e-9, 1e-9).stepper();
    stepper.begin(0, new double[] {1}, new double[] {0.3}, 1);
    run(stepper);
    // e⁻¹ and what an input of 1000 over 0.001 leaves.
    double pulseEnd = Math.exp(-1) + 1000 * (Math.exp(-0.699) - Math.exp(-0.7));
    assertThat(stepper.state(0)).isCloseTo(pulseEnd, Offset.offset(1e-7));
    assertThat(stepper.state(0))
        .isEqualTo(
            Solver.of(pulse)
                .tolerance(1e-9, 1e-9)
                .build()
                .solve(Ensemble.of(1).end(1))
                .state(0, "x"));
  }

  /** Each is 1 from a time on that its function tells: what is gathered until 1 is the rest. */
  @ParameterizedTest
  @CsvSource({
    "atan(t - 0.3), 0.7",
    "asin(t - 0.3), 0.7",
    "acos(0.3 - t) - acos(0), 0.7",
    "'atan2(t - 0.3, 2)', 0.7",
    "rint(t) - 1, 0.5",
    "'hypot(t, 0.3) - 0.5', 0.6"
  })
  void switchesOfInverseFunctionsAreFound(String function, double expected) {
    String text = "system Switch\nstate x = 0\nx' = if(%s >= 0, 1, 0)".formatted(function);
    Stepper stepper = Solver.of(OdeSystem.parse(text)).stepper();
    stepper.begin(0, new double[1], new double[0], 1);
    run(stepper);
    assertThat(stepper.state(0)).isCloseTo(expected, Offset.offset(1e-9));
  }

  @Test
  void firstAndLongestStepsAreAsAskedFor() {
    Stepper stepper = Solver.of(OdeSystem.parse(OSCILLATOR)).stepper();
    stepper.firstStep(0.01);
    stepper.maximumStep(0.02);
    stepper.tolerance(new double[] {1e-3, 1e-3}, new double[] {1e-3, 1e-3});
    Stepper other = stepper.another();
    for (Stepper each : new Stepper[] {stepper, other}) {
      each.begin(1, new double[] {1, 0}, new double[] {4}, 0);
      assertThat(each.nextStep()).isEqualTo(-0.01);
      each.step();
      assertThat(each.time()).isEqualTo(0.99);
      assertThat(each.lastStep()).isEqualTo(-0.01);
      while (!each.isDone()) {
        each.step();
        assertThat(Math.abs(each.lastStep())).isLessThanOrEqualTo(0.0200021);
      }
    }
    other.begin(0, new double[] {1, 0}, new double[] {4}, 1);
    other.nextStep(0.005);
    other.step();
    assertThat(other.time()).isEqualTo(0.005);
  }

  @Test
  void countsWhatStepsEvaluate() {
    OdeSystem system = OdeSystem.parse(OSCILLATOR);
    // Stages, less one that is carried over, and those of the polynomial.
    assertThat(Solver.of(system).method(Method.DP5).stepper().evaluationsOfStep()).isEqualTo(6);
    assertThat(Solver.of(system).method(Method.TSIT5).stepper().evaluationsOfStep()).isEqualTo(6);
    assertThat(Solver.of(system).method(Method.DOP853).stepper().evaluationsOfStep()).isEqualTo(16);
    assertThat(Solver.of(system).method(Method.RKN1210).stepper().evaluationsOfStep())
        .isEqualTo(18);
    assertThat(Solver.of(system).method(Method.BS3).stepper().evaluationsOfStep()).isEqualTo(3);
  }

  @Test
  void whatCannotBeSteppedIsRefused() {
    OdeSystem system = OdeSystem.parse(OSCILLATOR);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Solver.of(system).fixedStep(0.1).stepper())
        .withMessageContaining("fixed steps");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Solver.of(system).method(Method.RK4).stepper())
        .withMessageContaining("RK4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Solver.of(system).precision(Precision.FLOAT).stepper())
        .withMessageContaining("FLOAT");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Solver.of(system)
                    .event(Event.log("up", system.expression("x"), Event.Direction.RISING))
                    .stepper())
        .withMessageContaining("events");
    Stepper stepper = Solver.of(system).stepper();
    assertThatIllegalStateException().isThrownBy(stepper::step).withMessageContaining("begin");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stepper.begin(0, new double[3], new double[1], 1))
        .withMessageContaining("states must have 2 elements, but has 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stepper.begin(0, new double[2], new double[1], Double.NaN))
        .withMessageContaining("finite");
    assertThat(stepper.begin(0, new double[] {Double.NaN, 0}, new double[1], 1)).isFalse();
    assertThatIllegalStateException().isThrownBy(stepper::step).withMessageContaining("begin");
    stepper.begin(0, new double[] {1, 0}, new double[] {4}, 0.001);
    run(stepper);
    assertThatIllegalStateException().isThrownBy(stepper::step).withMessageContaining("0.001");
  }
}
