package io.github.elegans.networks.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the networks' equations imply. */
class MathematicsTest {
  private static final int UNITS = 5;

  private static float[] random(long seed, int n, double size) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-size, size);
    }
    return values;
  }

  private static Map<String, float[]> cfc(double size) {
    Map<String, float[]> parameters = new LinkedHashMap<>();
    int seed = 0;
    for (String head : new String[] {"ff1", "ff2", "time_a", "time_b"}) {
      parameters.put(head + ".weight", random(++seed, UNITS * (2 + UNITS), size));
      parameters.put(head + ".bias", random(++seed, UNITS, size));
    }
    return parameters;
  }

  private static float[] run(Network network, float timespan, int steps) {
    try (Session session = network.session(1)) {
      float[] out = new float[network.outputSize()];
      session.runToLast(random(77, steps * 2, 2), steps, Timespans.of(timespan), out);
      return out;
    }
  }

  /** A constant timespan can be folded into one time head: time_b' = time_a Δ + time_b. */
  @Test
  void aConstantTimespanFoldsIntoTheWeights() {
    CfcConfiguration shape = CfcConfiguration.of(2, UNITS).withBackbone(0, 0);
    Map<String, float[]> parameters = cfc(0.5);
    float timespan = 0.75f;
    float[] expected = run(Cfc.of(shape, parameters), timespan, 20);
    for (String part : new String[] {".weight", ".bias"}) {
      float[] a = parameters.get("time_a" + part);
      float[] b = parameters.get("time_b" + part);
      for (int i = 0; i < a.length; i++) {
        b[i] += a[i] * timespan;
        a[i] = 0;
      }
    }
    float[] folded = run(Cfc.of(shape, parameters), timespan, 20);
    for (int i = 0; i < expected.length; i++) {
      assertThat(folded[i]).isCloseTo(expected[i], within(1e-6f));
    }
  }

  /** In mode default a state lies between two values of tanh. */
  @Test
  void statesOfModeDefaultStayWithinOne() {
    CfcConfiguration shape = CfcConfiguration.of(2, UNITS).withBackbone(0, 0);
    for (double size : new double[] {1, 10, 1000}) {
      for (float h : run(Cfc.of(shape, cfc(size)), 1, 50)) {
        assertThat(Math.abs(h)).isLessThanOrEqualTo(1);
      }
    }
  }

  /** Mode pure solves x' = -(w_τ + f)(x - A) from x(0) = 0 exactly, where f is the constant 1. */
  @Test
  void modePureIsTheClosedFormForAConstantInput() {
    Map<String, float[]> parameters = new LinkedHashMap<>();
    parameters.put("ff1.weight", new float[UNITS * (2 + UNITS)]);
    parameters.put("ff1.bias", new float[] {1, 1, 1, 1, 1});
    float[] wTau = random(3, UNITS, 1);
    float[] level = random(4, UNITS, 1);
    parameters.put("w_tau", wTau);
    parameters.put("A", level);
    CfcConfiguration shape =
        CfcConfiguration.of(2, UNITS).withBackbone(0, 0).withMode(CfcMode.PURE);
    for (float t : new float[] {0, 0.1f, 1, 10}) {
      float[] found = run(Cfc.of(shape, parameters), t, 1);
      for (int i = 0; i < UNITS; i++) {
        double rate = Math.abs((double) wTau[i]) + 1;
        double exact = level[i] - level[i] * Math.exp(-rate * t);
        assertThat((double) found[i]).isCloseTo(exact, within(2e-7));
      }
    }
  }

  /**
   * With more and more unfolds the fused solver tends to the solution of its differential equation,
   * the error being halved when the number is doubled.
   */
  @Test
  void theFusedSolverConvergesToTheSolutionOfItsEquation() {
    Map<String, float[]> p = new LinkedHashMap<>();
    p.put("gleak", positive(1, UNITS, 0.2, 1));
    p.put("vleak", random(2, UNITS, 0.2));
    p.put("cm", positive(3, UNITS, 0.4, 0.6));
    p.put("sigma", positive(4, UNITS * UNITS, 3, 8));
    p.put("mu", positive(5, UNITS * UNITS, 0.3, 0.8));
    p.put("w", positive(6, UNITS * UNITS, 0, 1));
    p.put("erev", random(7, UNITS * UNITS, 1));
    p.put("sensory_sigma", positive(8, 2 * UNITS, 3, 8));
    p.put("sensory_mu", positive(9, 2 * UNITS, 0.3, 0.8));
    p.put("sensory_w", positive(10, 2 * UNITS, 0, 1));
    p.put("sensory_erev", random(11, 2 * UNITS, 1));
    p.put("input_w", new float[] {1, 1});
    p.put("input_b", new float[2]);
    p.put("output_w", new float[] {1, 1, 1, 1, 1});
    p.put("output_b", new float[UNITS]);
    float[] x = random(77, 2, 2);
    double[] exact = solve(p, x, 1, 20_000);
    double coarse = error(p, 32, exact);
    double fine = error(p, 64, exact);
    assertThat(coarse).isLessThan(0.05);
    assertThat(coarse / fine).isBetween(1.7, 2.3);
    assertThat(error(p, 2048, exact)).isLessThan(1e-3);
  }

  private static float[] positive(long seed, int n, double least, double most) {
    float[] values = random(seed, n, 1);
    for (int i = 0; i < n; i++) {
      values[i] = (float) (least + (most - least) * (values[i] + 1) / 2);
    }
    return values;
  }

  private static double error(Map<String, float[]> p, int unfolds, double[] exact) {
    LtcConfiguration shape =
        LtcConfiguration.of(2, UNITS, UNITS)
            .withImplicitParamConstraints(false)
            .withSolver(LtcSolver.SEMI_IMPLICIT, unfolds);
    float[] found = run(Ltc.of(shape, p), 1, 1);
    double error = 0;
    for (int i = 0; i < UNITS; i++) {
      error = Math.max(error, Math.abs(found[i] - exact[i]));
    }
    return error;
  }

  /** The midpoint rule in double precision. */
  private static double[] solve(Map<String, float[]> p, float[] x, double time, int steps) {
    double[] v = new double[UNITS];
    double h = time / steps;
    for (int step = 0; step < steps; step++) {
      double[] half = derivative(p, x, v);
      for (int i = 0; i < UNITS; i++) {
        half[i] = v[i] + h / 2 * half[i];
      }
      double[] slope = derivative(p, x, half);
      for (int i = 0; i < UNITS; i++) {
        v[i] += h * slope[i];
      }
    }
    return v;
  }

  /** C v' = g (v_leak - v) + Σ w σ(...) (E - v). */
  private static double[] derivative(Map<String, float[]> p, float[] x, double[] v) {
    double[] slope = new double[UNITS];
    for (int j = 0; j < UNITS; j++) {
      double current = p.get("gleak")[j] * (p.get("vleak")[j] - v[j]);
      for (int i = 0; i < x.length; i++) {
        current += synapse(p, "sensory_", i * UNITS + j, x[i], v[j]);
      }
      for (int i = 0; i < UNITS; i++) {
        current += synapse(p, "", i * UNITS + j, v[i], v[j]);
      }
      slope[j] = current / p.get("cm")[j];
    }
    return slope;
  }

  private static double synapse(
      Map<String, float[]> p, String kind, int at, double source, double target) {
    double sigma = p.get(kind + "sigma")[at];
    double mu = p.get(kind + "mu")[at];
    double open = 1 / (1 + Math.exp(-sigma * (source - mu)));
    return p.get(kind + "w")[at] * open * (p.get(kind + "erev")[at] - target);
  }
}
