package io.github.elegans.ode;

import io.github.elegans.checks.Require;
import io.github.elegans.expressions.Expr;
import io.github.elegans.kernels.ltc.LtcWeights;
import java.util.List;

/**
 * The dynamics of continuous-time recurrent networks as systems: for methods, tolerances, events
 * and sweeps that a network's own few substeps do not have. Inputs are parameters.
 */
public final class NeuronSystems {
  private NeuronSystems() {}

  /**
   * The continuous-time recurrent network of Beer (1995): τᵢ yᵢ' = −yᵢ + Σ wᵢⱼ σ(yⱼ + θⱼ) + Iᵢ,
   * with the logistic function σ. States are {@code y0 …}, inputs the parameters {@code I0 …}, all
   * 0 at first.
   *
   * @param tau time constants, positive, one for each neuron
   * @param weights [neurons][neurons], from neuron j to neuron i in row i
   * @param theta biases, one for each neuron
   * @throws IllegalArgumentException if a length does not fit, a number is not finite, or a time
   *     constant is not positive
   */
  public static OdeSystem continuousTimeRecurrent(
      double[] tau, double[][] weights, double[] theta) {
    int n = tau.length;
    Require.atLeast("neurons", 1, n);
    Require.length("weights", n, weights.length);
    Require.length("theta", n, theta.length);
    OdeSystem.Builder builder =
        OdeSystem.builder("continuous-time recurrent network of " + n)
            .source(
                "R. D. Beer, On the dynamics of small continuous-time recurrent networks, 1995");
    Expr[] active = new Expr[n];
    for (int j = 0; j < n; j++) {
      Require.length("weights[" + j + "]", n, weights[j].length);
      positive("tau", j, tau[j]);
      builder.parameter("I" + j, 0).state("y" + j, 0);
      active[j] = Expr.variable("y" + j).plus(finite("theta", j, theta[j])).sigmoid();
    }
    for (int i = 0; i < n; i++) {
      Expr sum = Expr.variable("I" + i).minus(Expr.variable("y" + i));
      for (int j = 0; j < n; j++) {
        double weight = finite("weights[" + i + "]", j, weights[i][j]);
        sum = weight == 0 ? sum : sum.plus(active[j].times(weight));
      }
      builder.derivative("y" + i, sum.over(tau[i]));
    }
    return builder.build();
  }

  /**
   * The liquid time-constant network of ncps (Lechner et al. 2020), equation of a neuron: cm v' =
   * gleak (vleak − v) + Σ w σ(σₛ (v_source − μ)) (E − v). States are {@code v0 …}, inputs the
   * parameters {@code input0 …}, all 0 at first.
   *
   * @param inputs how many there are
   * @param neurons the neurons
   * @param sensorySynapses from inputs to neurons
   * @param synapses from neurons to neurons
   * @throws IllegalArgumentException if a synapse's end does not exist, a number is not finite, or
   *     a capacitance is not positive
   */
  public static OdeSystem liquidTimeConstant(
      int inputs,
      List<LtcWeights.Neuron> neurons,
      List<LtcWeights.Synapse> sensorySynapses,
      List<LtcWeights.Synapse> synapses) {
    Require.atLeast("inputs", 0, inputs);
    Require.atLeast("neurons", 1, neurons.size());
    OdeSystem.Builder builder =
        OdeSystem.builder("liquid time-constant network of " + neurons.size())
            .source("M. Lechner et al., Neural circuit policies enabling auditable autonomy, 2020");
    for (int i = 0; i < inputs; i++) {
      builder.parameter("input" + i, 0);
    }
    Expr[] currents = new Expr[neurons.size()];
    for (int j = 0; j < currents.length; j++) {
      LtcWeights.Neuron neuron = neurons.get(j);
      positive("cm", j, neuron.cm());
      builder.state("v" + j, 0);
      Expr above = Expr.constant(finite("vleak", j, neuron.vleak())).minus(Expr.variable("v" + j));
      currents[j] = above.times(finite("gleak", j, neuron.gleak()));
    }
    add(currents, "sensory synapse", "input", inputs, sensorySynapses);
    add(currents, "synapse", "v", currents.length, synapses);
    for (int j = 0; j < currents.length; j++) {
      builder.derivative("v" + j, currents[j].over(neurons.get(j).cm()));
    }
    return builder.build();
  }

  private static void add(
      Expr[] currents,
      String kind,
      String sources,
      int sourceCount,
      List<LtcWeights.Synapse> synapses) {
    for (int s = 0; s < synapses.size(); s++) {
      LtcWeights.Synapse synapse = synapses.get(s);
      Require.between(kind + " " + s + ": source", 0, sourceCount - 1, synapse.source());
      Require.between(kind + " " + s + ": target", 0, currents.length - 1, synapse.target());
      Expr open =
          Expr.variable(sources + synapse.source())
              .minus(finite(kind + " mu", s, synapse.mu()))
              .times(finite(kind + " sigma", s, synapse.sigma()))
              .sigmoid()
              .times(finite(kind + " w", s, synapse.w()));
      Expr driving =
          Expr.constant(finite(kind + " erev", s, synapse.erev()))
              .minus(Expr.variable("v" + synapse.target()));
      currents[synapse.target()] = currents[synapse.target()].plus(open.times(driving));
    }
  }

  private static double finite(String name, int index, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "%s %d: a finite number is expected, found %s".formatted(name, index, value));
    }
    return value;
  }

  private static void positive(String name, int index, double value) {
    if (!(finite(name, index, value) > 0)) {
      throw new IllegalArgumentException(
          "%s %d: a positive number is expected, found %s".formatted(name, index, value));
    }
  }
}
