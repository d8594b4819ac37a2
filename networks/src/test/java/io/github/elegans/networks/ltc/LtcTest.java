package io.github.elegans.networks.ltc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LtcTest {
  private static final int BATCH = 2;
  private static final int STEPS = 3;
  private static final int INPUTS = 3;
  private static final int UNITS = 4;
  private static final int OUTPUTS = 2;

  /** What the reference computes in double precision, and we in single. */
  private static final double TOLERANCE = 2e-6;

  private static final LtcConfiguration EXPLICIT =
      LtcConfiguration.of(INPUTS, UNITS, OUTPUTS).withImplicitParamConstraints(false);

  /**
   * The parameters of the golden case: centre + amplitude sin(1 + 0.7 k + 0.37 i), on a fully
   * connected wiring of ncps's default seed.
   */
  private static Map<String, float[]> parameters() {
    Map<String, float[]> parameters = new LinkedHashMap<>();
    fill(parameters, "gleak", 0.5, 0.4, UNITS);
    fill(parameters, "vleak", 0, 0.2, UNITS);
    fill(parameters, "cm", 0.5, 0.1, UNITS);
    fill(parameters, "sigma", 5, 2, UNITS * UNITS);
    fill(parameters, "mu", 0.5, 0.2, UNITS * UNITS);
    fill(parameters, "w", 0.5, 0.4, UNITS * UNITS);
    fill(parameters, "sensory_sigma", 5, 2, INPUTS * UNITS);
    fill(parameters, "sensory_mu", 0.5, 0.2, INPUTS * UNITS);
    fill(parameters, "sensory_w", 0.5, 0.4, INPUTS * UNITS);
    fill(parameters, "input_w", 1, 0.1, INPUTS);
    fill(parameters, "input_b", 0, 0.1, INPUTS);
    fill(parameters, "output_w", 1, 0.1, OUTPUTS);
    fill(parameters, "output_b", 0, 0.1, OUTPUTS);
    float[] erev = new float[UNITS * UNITS];
    Arrays.fill(erev, 1);
    erev[15] = -1;
    float[] sensoryErev = new float[INPUTS * UNITS];
    Arrays.fill(sensoryErev, 1);
    sensoryErev[3] = -1;
    sensoryErev[6] = -1;
    sensoryErev[11] = -1;
    parameters.put("erev", erev);
    parameters.put("sensory_erev", sensoryErev);
    return parameters;
  }

  private static void fill(
      Map<String, float[]> parameters, String name, double centre, double amplitude, int n) {
    int k = parameters.size();
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (centre + amplitude * Math.sin(1 + 0.7 * k + 0.37 * i));
    }
    parameters.put(name, values);
  }

  private static float[] inputs() {
    float[] x = new float[BATCH * STEPS * INPUTS];
    for (int i = 0; i < x.length; i++) {
      int b = i / (STEPS * INPUTS);
      int t = i / INPUTS % STEPS;
      x[i] = (float) Math.sin(0.5 + 0.9 * b + 0.31 * t + 1.7 * (i % INPUTS));
    }
    return x;
  }

  private static Timespans times() {
    return Timespans.perRowAndStep(timespans());
  }

  private static float[] timespans() {
    float[] timespans = new float[BATCH * STEPS];
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = (float) (0.25 + 0.5 * ((i / STEPS + i % STEPS) % 3));
    }
    return timespans;
  }

  /** The final states, and with {@code outputs} the outputs of the last step. */
  private static float[] run(Ltc network, Timespans timespans, boolean outputs) {
    try (Session session = network.session(BATCH)) {
      float[] out = new float[BATCH * network.outputSize()];
      session.runToLast(inputs(), STEPS, timespans, out);
      return outputs ? out : session.state();
    }
  }

  private static void assertClose(float[] found, double... expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).as("value %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  /** Golden values G8: ncps 1.0.1 on PyTorch in double precision. */
  @ParameterizedTest
  @EnumSource(Accuracy.class)
  void ncpsWithExplicitConstraints(Accuracy accuracy) {
    Ltc network = Ltc.of(EXPLICIT, parameters()).with(accuracy);
    assertClose(
        run(network, times(), false),
        0.7206852767,
        0.7144020094,
        0.6314600213,
        0.1234913534,
        0.7126154157,
        0.7146903686,
        0.7160904210,
        0.1291915664);
    assertClose(
        run(network, times(), true), 0.7709420355, 0.7053784985, 0.7623371676, 0.7056768747);
    assertClose(
        run(network, Timespans.ONE, false), 0.7209714211, 0.7141437055, 0.6284403989, 0.1221142575);
  }

  /** As the LSTM cell of ncps: Xavier-uniform, orthogonal, and within 0.1. */
  @Test
  void initialisesMixedMemoryAsTheReference() {
    Wiring wiring = new WiringPlan.AutoNcp(16, 4).build(INPUTS);
    LtcConfiguration configuration = LtcConfiguration.of(INPUTS, 16, 4).withMixedMemory(true);
    Ltc network = Ltc.initialised(configuration, wiring, 1);

    Map<String, float[]> parameters = network.stateDict().values();
    double bound = Math.sqrt(6.0 / (INPUTS + 64));
    assertThat(largest(parameters.get("lstm.input_map.weight"))).isBetween(0.8 * bound, bound);
    assertThat(largest(parameters.get("lstm.input_map.bias"))).isBetween(0.08, 0.1);
    float[] recurrent = parameters.get("lstm.recurrent_map.weight");
    for (int a = 0; a < 16; a++) {
      for (int b = 0; b < 16; b++) {
        double dot = 0;
        for (int row = 0; row < 64; row++) {
          dot += (double) recurrent[row * 16 + a] * recurrent[row * 16 + b];
        }
        assertThat(dot).isCloseTo(a == b ? 1 : 0, within(1e-6));
      }
    }
    assertThat(network.parameterCount())
        .isEqualTo(Ltc.initialised(wiring, 1).parameterCount() + 64 * (INPUTS + 1 + 16));
  }

  private static double largest(float[] values) {
    double most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  @Test
  void ncpsWithImplicitConstraints() {
    Ltc network = Ltc.of(LtcConfiguration.of(INPUTS, UNITS, OUTPUTS), parameters());
    assertClose(
        run(network, times(), false),
        0.7858828224,
        0.7748398197,
        0.6888024849,
        0.2291699566,
        0.7799987372,
        0.7732390089,
        0.7643811290,
        0.2249703074);
  }

  /** Golden values G11: the equations of the LTC repository in double precision. */
  @Test
  void solversOfTheLtcRepository() {
    assertClose(
        run(ltcRepository(LtcSolver.SEMI_IMPLICIT), times(), false),
        0.72611062,
        0.71992549,
        0.64096702,
        0.136262);
    assertClose(
        run(ltcRepository(LtcSolver.EXPLICIT), times(), false),
        0.72221977,
        0.71576605,
        0.63365049,
        0.1272405);
    assertClose(
        run(ltcRepository(LtcSolver.RUNGE_KUTTA), times(), false),
        0.72084211,
        0.71392977,
        0.62374329,
        0.12242869);
  }

  private static Ltc ltcRepository(LtcSolver solver) {
    LtcConfiguration configuration =
        LtcConfiguration.of(LtcDialect.LTC_TENSORFLOW, INPUTS, UNITS, OUTPUTS)
            .withSolver(solver, 6);
    Map<String, float[]> parameters = parameters();
    parameters.remove("output_w");
    parameters.remove("output_b");
    // The names of that repository.
    parameters.put("W", parameters.remove("w"));
    parameters.put("sensory_W", parameters.remove("sensory_w"));
    parameters.put("cm_t", parameters.remove("cm"));
    return Ltc.of(configuration, parameters);
  }

  /** The CfC repository's cells add 1, or a thousandth, to every timespan. */
  @ParameterizedTest
  @EnumSource(names = {"CFC_TORCH", "CFC_TENSORFLOW"})
  void timespansOfTheCfcRepositoryAreLonger(LtcDialect dialect) {
    LtcConfiguration longer =
        LtcConfiguration.of(dialect, INPUTS, UNITS, OUTPUTS)
            .withMappings(LtcMapping.AFFINE, LtcMapping.AFFINE)
            .withSolver(LtcSolver.SEMI_IMPLICIT, 6);
    float[] later = timespans();
    for (int i = 0; i < later.length; i++) {
      later[i] += dialect.timespanOffset();
    }
    assertThat(run(Ltc.of(longer, parameters()), times(), false))
        .containsExactly(
            run(Ltc.of(EXPLICIT, parameters()), Timespans.perRowAndStep(later), false));
  }

  /** Synapses that the mask removes give the bits of synapses that have no conductance. */
  @Test
  void absentSynapsesAreSynapsesWithoutConductance() {
    Map<String, float[]> masked = parameters();
    Map<String, float[]> zeros = parameters();
    float[] mask = {1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0};
    float[] sensoryMask = {1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0};
    masked.put("sparsity_mask", mask);
    masked.put("sensory_sparsity_mask", sensoryMask);
    zeros.put("w", product(zeros.get("w"), mask));
    zeros.put("sensory_w", product(zeros.get("sensory_w"), sensoryMask));
    Ltc sparse = Ltc.of(EXPLICIT, masked);
    Ltc dense = Ltc.of(EXPLICIT, zeros);
    assertThat(sparse.synapseCount()).isEqualTo(8);
    assertThat(sparse.sensorySynapseCount()).isEqualTo(5);
    assertThat(dense.synapseCount()).isEqualTo(16);
    for (Accuracy accuracy : Accuracy.values()) {
      assertThat(run(sparse.with(accuracy), times(), false))
          .containsExactly(run(dense.with(accuracy), times(), false));
    }
  }

  private static float[] product(float[] a, float[] b) {
    float[] product = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      product[i] = a[i] * b[i];
    }
    return product;
  }

  /** Without synapses a neuron tends to its leak potential. */
  @Test
  void withoutConductancesStatesTendToTheLeakPotentials() {
    Map<String, float[]> parameters = parameters();
    parameters.put("w", new float[UNITS * UNITS]);
    parameters.put("sensory_w", new float[INPUTS * UNITS]);
    float[] found = run(Ltc.of(EXPLICIT, parameters), Timespans.of(1e6f), false);
    float[] vleak = parameters.get("vleak");
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isCloseTo(vleak[i % UNITS], within(1e-6f));
    }
  }

  @Test
  void aTimespanOfZeroLeavesTheState() {
    try (Session session = Ltc.of(EXPLICIT, parameters()).session(BATCH)) {
      float[] state = {0.1f, -0.2f, 0.3f, -0.4f, 0.5f, -0.6f, 0.7f, -0.8f};
      session.state(state);
      float[] out = new float[BATCH * OUTPUTS];
      session.step(new float[BATCH * INPUTS], 0, out);
      assertThat(session.state()).containsExactly(state);
      float[] scale = parameters().get("output_w");
      float[] shift = parameters().get("output_b");
      assertThat(out[1]).isEqualTo(Math.fma(scale[1], state[1], shift[1]));
    }
  }

  @Test
  void inputsAndOutputsMayBeMappedOrNot() {
    Map<String, float[]> parameters = parameters();
    parameters.remove("output_b");
    parameters.remove("input_b");
    Ltc linear = Ltc.of(EXPLICIT.withMappings(LtcMapping.LINEAR, LtcMapping.LINEAR), parameters);
    parameters.remove("input_w");
    parameters.remove("output_w");
    Ltc none = Ltc.of(EXPLICIT.withMappings(LtcMapping.NONE, LtcMapping.NONE), parameters);
    Map<String, float[]> ones = parameters();
    Arrays.fill(ones.get("input_w"), 1);
    Arrays.fill(ones.get("input_b"), 0);
    Arrays.fill(ones.get("output_w"), 1);
    Arrays.fill(ones.get("output_b"), 0);
    assertThat(run(none, times(), true))
        .containsExactly(run(Ltc.of(EXPLICIT, ones), times(), true));
    Map<String, float[]> zeros = parameters();
    Arrays.fill(zeros.get("input_b"), 0);
    Arrays.fill(zeros.get("output_b"), 0);
    assertThat(run(linear, times(), true))
        .containsExactly(run(Ltc.of(EXPLICIT, zeros), times(), true));
  }

  /** 3 N + 4 N² + 4 I N + 2 I + 2 m: the lane-keeping network of the NCP paper has 6,495. */
  @Test
  void countsParametersAsNcpsDoes() {
    Map<String, float[]> parameters = new LinkedHashMap<>();
    int n = 19;
    int inputs = 64;
    for (String name : new String[] {"gleak", "vleak", "cm"}) {
      fill(parameters, name, 0.5, 0.1, n);
    }
    for (String name : new String[] {"sigma", "mu", "w", "erev"}) {
      fill(parameters, name, 0.5, 0.1, n * n);
      fill(parameters, "sensory_" + name, 0.5, 0.1, inputs * n);
    }
    fill(parameters, "input_w", 1, 0.1, inputs);
    fill(parameters, "input_b", 1, 0.1, inputs);
    fill(parameters, "output_w", 1, 0.1, 1);
    fill(parameters, "output_b", 1, 0.1, 1);
    assertThat(Ltc.of(LtcConfiguration.of(inputs, n, 1), parameters).parameterCount())
        .isEqualTo(6495);
  }

  @Test
  void bfloat16RoundsTheParametersOnce() {
    Ltc network = Ltc.of(EXPLICIT, parameters());
    Ltc rounded = network.with(WeightStorage.BFLOAT16);
    float[] exact = run(network, times(), false);
    float[] found = run(rounded, times(), false);
    assertThat(found).isNotEqualTo(exact);
    for (int i = 0; i < exact.length; i++) {
      assertThat(found[i]).isCloseTo(exact[i], within(0.02f));
    }
    assertThat(run(rounded.on(Backends.named("scalar")), times(), false)).containsExactly(found);
  }

  @Test
  void refusesWrongParameters() {
    assertWrong("gleak", new float[UNITS + 1], "'gleak'", "shape [4]", "5 elements");
    assertWrong("sigma", null, "'sigma'");
    assertWrong("extra", new float[1], "no others", "[extra]");
    float[] nan = parameters().get("mu");
    nan[7] = Float.NaN;
    assertWrong("mu", nan, "'mu'", "finite", "NaN at element 7");
    assertThatThrownBy(() -> LtcConfiguration.of(1, 2, 3)).hasMessageContaining("output_size");
    assertThatThrownBy(() -> EXPLICIT.withSolver(LtcSolver.EXPLICIT, 6))
        .hasMessageContaining("semi-implicit");
    assertThatThrownBy(() -> EXPLICIT.withSolver(LtcSolver.SEMI_IMPLICIT, 0))
        .hasMessageContaining("ode_unfolds");
  }

  private static void assertWrong(String name, float @Nullable [] values, String... parts) {
    Map<String, float[]> parameters = parameters();
    if (values == null) {
      parameters.remove(name);
    } else {
      parameters.put(name, values);
    }
    assertThatThrownBy(() -> Ltc.of(EXPLICIT, parameters))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll(parts);
  }
}
