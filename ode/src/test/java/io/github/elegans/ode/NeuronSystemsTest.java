package io.github.elegans.ode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.ltc.LtcWeights.Neuron;
import io.github.elegans.kernels.ltc.LtcWeights.Synapse;
import java.util.List;
import org.junit.jupiter.api.Test;

class NeuronSystemsTest {
  private static Solution solve(OdeSystem system, Ensemble ensemble) {
    return Solver.of(system)
        .method(Method.DOP853)
        .tolerance(1e-11, 1e-11)
        .kernels(Backends.named("scalar"))
        .build()
        .solve(ensemble);
  }

  /** Without a synapse, y relaxes to its input. */
  @Test
  void aNeuronAloneRelaxesToItsInput() {
    OdeSystem system =
        NeuronSystems.continuousTimeRecurrent(
            new double[] {2}, new double[][] {{0}}, new double[] {1});
    Solution solution = solve(system, Ensemble.of(1).parameter("I0", 3).end(5));
    assertThat(solution.state(0, "y0")).isCloseTo(3 * (1 - Math.exp(-2.5)), within(1e-9));
  }

  /** Beer's network of two, written out. */
  @Test
  void twoNeuronsAreThoseOfTheText() {
    OdeSystem system =
        NeuronSystems.continuousTimeRecurrent(
            new double[] {1, 0.5},
            new double[][] {{4.5, -1}, {1, 4.5}},
            new double[] {-2.75, -1.75});
    OdeSystem written =
        OdeSystem.parse(
            """
            system Two
            state a = 0
            state b = 0
            s = sigmoid(a - 2.75)
            r = sigmoid(b - 1.75)
            a' = -a + 4.5*s - r + 0.25
            b' = (-b + s + 4.5*r - 0.5)/0.5
            """);
    Solution expected = solve(written, Ensemble.of(1).end(20));
    Solution actual =
        solve(system, Ensemble.of(1).parameter("I0", 0.25).parameter("I1", -0.5).end(20));
    assertThat(actual.state(0, "y0")).isCloseTo(expected.state(0, "a"), within(1e-9));
    assertThat(actual.state(0, "y1")).isCloseTo(expected.state(0, "b"), within(1e-9));
  }

  @Test
  void aLiquidNetworkIsThatOfTheText() {
    OdeSystem system =
        NeuronSystems.liquidTimeConstant(
            1,
            List.of(new Neuron(0.5, -0.2, 0.6), new Neuron(0.9, 0.1, 0.4)),
            List.of(new Synapse(0, 0, 3, 0.4, 0.7, 1)),
            List.of(new Synapse(0, 1, 5, 0.3, 0.9, -1), new Synapse(1, 1, 4, 0.6, 0.2, 1)));
    OdeSystem written =
        OdeSystem.parse(
            """
            system Liquid
            parameter u = 0
            state a = 0
            state b = 0
            a' = (0.5*(-0.2 - a) + 0.7*sigmoid(3*(u - 0.4))*(1 - a))/0.6
            b' = (0.9*(0.1 - b) + 0.9*sigmoid(5*(a - 0.3))*(-1 - b) + 0.2*sigmoid(4*(b - 0.6))*(1 - b))/0.4
            """);
    Solution expected = solve(written, Ensemble.of(1).parameter("u", 0.8).end(7));
    Solution actual = solve(system, Ensemble.of(1).parameter("input0", 0.8).end(7));
    assertThat(actual.state(0, "v0")).isCloseTo(expected.state(0, "a"), within(1e-9));
    assertThat(actual.state(0, "v1")).isCloseTo(expected.state(0, "b"), within(1e-9));
  }

  @Test
  void whatDoesNotExistIsRefused() {
    assertThatThrownBy(
            () ->
                NeuronSystems.liquidTimeConstant(
                    1,
                    List.of(new Neuron(1, 0, 1)),
                    List.of(),
                    List.of(new Synapse(0, 1, 1, 0, 1, 1))))
        .hasMessageContaining("synapse 0: target");
    assertThatThrownBy(
            () ->
                NeuronSystems.continuousTimeRecurrent(
                    new double[] {0}, new double[][] {{0}}, new double[] {0}))
        .hasMessageContaining("tau 0");
  }
}
