package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.expressions.Expr;
import io.github.elegans.kernels.math.Activation;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Neural ODEs against solutions known in closed form, and against the same network as a graph. */
class NeuralOdeTest {
  /** y' = (y₁, −y₀) turns. */
  private static NeuralOde.Builder rotation() {
    return NeuralOde.builder(2)
        .layer(new float[] {0, 1, -1, 0}, new float[2], Activation.LINEAR)
        .kernels(Backends.named("scalar"));
  }

  /** A network with random weights, and the same one as a system in double precision. */
  private record Twin(NeuralOde.Builder ode, OdeSystem system) {}

  private static Twin twin(int states, boolean timeIsInput, int... hidden) {
    Random random = new Random(states * 31L + hidden.length);
    NeuralOde.Builder ode = NeuralOde.builder(states).kernels(Backends.named("scalar"));
    if (timeIsInput) {
      ode.timeIsInput();
    }
    OdeSystem.Builder system = OdeSystem.builder("network");
    Expr[] values = new Expr[states + (timeIsInput ? 1 : 0)];
    for (int i = 0; i < states; i++) {
      system.state("y" + i, 0);
      values[i] = Expr.variable("y" + i);
    }
    if (timeIsInput) {
      values[states] = Expr.variable("t");
    }
    for (int l = 0; l <= hidden.length; l++) {
      int outputs = l < hidden.length ? hidden[l] : states;
      float[] weights = new float[outputs * values.length];
      float[] bias = new float[outputs];
      Expr[] results = new Expr[outputs];
      for (int o = 0; o < outputs; o++) {
        bias[o] = 0.1f * (float) random.nextGaussian();
        Expr sum = Expr.constant(bias[o]);
        for (int i = 0; i < values.length; i++) {
          float weight = (float) (random.nextGaussian() / Math.sqrt(values.length));
          weights[o * values.length + i] = weight;
          sum = values[i].times(weight).plus(sum);
        }
        results[o] = l < hidden.length ? sum.tanh() : sum;
      }
      ode.layer(weights, bias, l < hidden.length ? Activation.TANH : Activation.LINEAR);
      values = results;
    }
    for (int i = 0; i < states; i++) {
      system.derivative("y" + i, values[i]);
    }
    return new Twin(ode, system.build());
  }

  private static float[] initial(int samples, int states) {
    Random random = new Random(7);
    float[] initial = new float[samples * states];
    for (int i = 0; i < initial.length; i++) {
      initial[i] = (float) random.nextGaussian();
    }
    return initial;
  }

  @ParameterizedTest
  @CsvSource({"1,false,0", "2,false,1", "3,true,1", "5,true,2", "4,false,4"})
  void aNetworkOfAnyDepthIsSolved(int states, boolean timeIsInput, int depth) {
    int[] hidden = {9, 17, 8, 5};
    Twin twin = twin(states, timeIsInput, Arrays.copyOf(hidden, depth));
    int samples = 37;
    float[] initial = initial(samples, states);
    NeuralSolution actual = twin.ode.tolerance(1e-6, 1e-6).build().solve(initial, 0.5, 3);
    Ensemble ensemble = Ensemble.of(samples).start(0.5).end(3);
    for (int s = 0; s < states; s++) {
      int state = s;
      ensemble.initial("y" + s, i -> initial[i * states + state]);
    }
    Solution expected =
        Solver.of(twin.system)
            .method(Method.DOP853)
            .tolerance(1e-10, 1e-10)
            .kernels(Backends.named("scalar"))
            .build()
            .solve(ensemble);
    for (int i = 0; i < samples; i++) {
      assertThat(actual.status(i)).isEqualTo(Status.DONE);
      for (int s = 0; s < states; s++) {
        double value = expected.state(i, "y" + s);
        assertThat((double) actual.state(i, s))
            .as("sample %d, state %d", i, s)
            .isCloseTo(value, within(2e-5 * (1 + Math.abs(value))));
      }
    }
  }

  @Test
  void aTimeThatMissesAnEndByRoundingIsThatEnd() {
    NeuralOde ode = rotation().tolerance(1e-6, 1e-6).build();
    for (double direction : new double[] {1, -1}) {
      NeuralSolution solution =
          ode.solve(
              new float[] {1, 0},
              direction * (0.1 + 0.2),
              direction * 0.7,
              direction * 0.3,
              direction * Math.nextUp(0.7));
      float[] saved = solution.saved(0);
      assertThat(saved).startsWith(1, 0);
      assertThat((double) saved[2]).isCloseTo(Math.cos(0.4), within(3e-6));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"BS3", "DP5", "TSIT5"})
  void statesAreKeptAtAnyTimeInBothDirections(Method method) {
    NeuralOde ode = rotation().method(method).tolerance(1e-6, 1e-6).build();
    for (double direction : new double[] {1, -1}) {
      double[] times = new double[21];
      for (int i = 0; i < times.length; i++) {
        times[i] = direction * 0.3 * i;
      }
      NeuralSolution solution = ode.solve(new float[] {1, 0}, 0, direction * 6, times);
      float[] saved = solution.saved(0);
      for (int i = 0; i < times.length; i++) {
        assertThat((double) saved[2 * i]).isCloseTo(Math.cos(times[i]), within(3e-5));
        assertThat((double) saved[2 * i + 1]).isCloseTo(-Math.sin(times[i]), within(3e-5));
      }
      assertThat(solution.steps(0)).isLessThan(2000);
    }
  }

  @ParameterizedTest
  @CsvSource({"EULER,1,0.01", "HEUN,2,0.05", "RK4,4,0.25", "BS3,3,0.1", "TSIT5,5,0.5"})
  void fixedStepsHaveTheMethodsOrder(Method method, int order, double step) {
    double[] errors = new double[2];
    for (int i = 0; i < 2; i++) {
      NeuralSolution solution =
          rotation().method(method).fixedStep(step / (1 << i)).build().solve(fromOne(), 0, 2);
      assertThat(solution.steps(0)).isEqualTo((int) Math.rint(2 / step) << i);
      errors[i] =
          Math.hypot(solution.state(0, 0) - Math.cos(2), solution.state(0, 1) + Math.sin(2));
    }
    double found = Math.log(errors[0] / errors[1]) / Math.log(2);
    assertThat(found).as("errors %s and %s", errors[0], errors[1]).isCloseTo(order, within(0.35));
  }

  private static float[] fromOne() {
    return new float[] {1, 0};
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 191, 192, 193, 500})
  void aSamplesBitsDependOnItAlone(int samples) {
    NeuralOde ode = twin(3, true, 16).ode.tolerance(1e-5, 1e-6).build();
    float[] initial = initial(samples, 3);
    double[] starts = new double[samples];
    double[] ends = new double[samples];
    for (int i = 0; i < samples; i++) {
      ends[i] = 0.1 * (i % 41) - 1;
    }
    NeuralSolution together = ode.solve(initial, starts, ends);
    for (int i = 0; i < samples; i += 1 + samples / 17) {
      float[] own = Arrays.copyOfRange(initial, 3 * i, 3 * i + 3);
      NeuralSolution alone = ode.solve(own, 0, ends[i]);
      for (int s = 0; s < 3; s++) {
        assertThat(together.state(i, s)).isEqualTo(alone.state(0, s));
      }
      assertThat(together.steps(i)).isEqualTo(alone.steps(0));
      assertThat(together.rejected(i)).isEqualTo(alone.rejected(0));
      assertThat(together.time(i)).isEqualTo(ends[i]);
    }
  }

  @Test
  void aBadSampleTouchesNoOther() {
    NeuralOde ode = rotation().tolerance(1e-5, 1e-6).maximumSteps(200).build();
    float nan = Float.NaN;
    float[] initial = {1, 0, nan, 0, 0, Float.POSITIVE_INFINITY, 1, 0, 1, 0};
    double[] ends = {1, 1, 1, 1e9, 0};
    NeuralSolution solution = ode.solve(initial, new double[5], ends);
    assertThat(solution.status(0)).isEqualTo(Status.DONE);
    assertThat((double) solution.state(0, 0)).isCloseTo(Math.cos(1), within(1e-4));
    assertThat(solution.status(1)).isEqualTo(Status.NOT_FINITE);
    assertThat(solution.status(2)).isEqualTo(Status.NOT_FINITE);
    assertThat(solution.status(3)).isEqualTo(Status.MAXIMUM_STEPS);
    assertThat(solution.time(3)).isBetween(1.0, 1e4);
    assertThat(solution.status(4)).isEqualTo(Status.DONE);
    assertThat(solution.steps(4)).isZero();
  }

  @Test
  void growthBeyondAllNumbersIsSeen() {
    NeuralOde ode =
        NeuralOde.builder(1)
            .layer(new float[] {50}, new float[1], Activation.LINEAR)
            .kernels(Backends.named("scalar"))
            .build();
    NeuralSolution solution = ode.solve(new float[] {1}, 0, 10);
    assertThat(solution.status(0)).isIn(Status.NOT_FINITE, Status.STEP_UNDERFLOW);
    // Slopes leave the floats at e^(50 t) = 2^128 / 50.
    assertThat(solution.time(0)).isBetween(1.65, 1.75);
  }

  @Test
  void tighterTolerancesGiveSmallerErrors() {
    double[] errors = new double[2];
    for (int i = 0; i < 2; i++) {
      NeuralSolution solution =
          rotation().tolerance(i == 0 ? 1e-2 : 1e-5, 1e-6).build().solve(fromOne(), 0, 5);
      errors[i] = Math.abs(solution.state(0, 0) - Math.cos(5));
    }
    assertThat(errors[1]).isLessThan(errors[0] / 20).isLessThan(1e-4);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> NeuralOde.builder(2).build())
        .hasMessageContaining("2 outputs")
        .hasMessageContaining("found 0");
    assertThatThrownBy(
            () -> NeuralOde.builder(2).layer(new float[3], new float[1], Activation.TANH))
        .hasMessageContaining("weights");
    assertThatThrownBy(() -> rotation().method(Method.RODAS5P).build())
        .hasMessageContaining("RODAS5P");
    assertThatThrownBy(() -> rotation().method(Method.RK4).build())
        .hasMessageContaining("fixedStep");
    NeuralOde ode = rotation().build();
    assertThatThrownBy(() -> ode.solve(new float[3], 0, 1)).hasMessageContaining("multiple of 2");
    assertThatThrownBy(() -> ode.solve(fromOne(), 0, Double.NaN)).hasMessageContaining("finite");
    assertThatThrownBy(() -> ode.solve(fromOne(), 0, 1, 0.5, 0.2)).hasMessageContaining("0.2");
    assertThat(ode.solve(new float[0], 0, 1).samples()).isZero();
  }
}
