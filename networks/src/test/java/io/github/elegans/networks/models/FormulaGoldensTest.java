package io.github.elegans.networks.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.cfc.WiredCfcConfiguration;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import io.github.elegans.networks.wiring.WiringPlan.Ncp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Networks whose parameters and inputs are given by formulas: tensor k of a list has the elements
 * 0.3 sin(1 + 0.7 k + 0.37 i), and what the reference implementations compute in double precision
 * after three steps with timespans of their own for each sample.
 */
class FormulaGoldensTest {
  private static final int BATCH = 2;
  private static final int STEPS = 3;
  private static final int INPUTS = 3;
  private static final int HIDDEN = 4;
  private static final double TOLERANCE = 2e-6;

  private final Map<String, float[]> parameters = new LinkedHashMap<>();
  private int k;

  private static double u(int k, int i) {
    return Math.sin(1 + 0.7 * k + 0.37 * i);
  }

  private void fill(String name, int n) {
    fill(name, n, 0, 0.3);
  }

  private void fill(String name, int n, double centre, double amplitude) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (centre + amplitude * u(k, i));
    }
    k++;
    parameters.put(name, values);
  }

  /** As a kernel [in, out], which is stored transposed here. */
  private void fillTransposed(String name, int in, int out) {
    fill(name, in * out);
    float[] kernel = parameters.get(name);
    float[] transposed = new float[in * out];
    for (int i = 0; i < in * out; i++) {
      transposed[i % out * in + i / out] = kernel[i];
    }
    parameters.put(name, transposed);
  }

  private void linear(String name, int outputs, int inputs) {
    fill(name + ".weight", outputs * inputs);
    fill(name + ".bias", outputs);
  }

  private void heads(String prefix, int outputs, int inputs) {
    for (String head : new String[] {"ff1", "ff2", "time_a", "time_b"}) {
      linear(prefix + head, outputs, inputs);
    }
  }

  private void cell(int inputs) {
    linear("backbone.0", 5, inputs + HIDDEN);
    linear("backbone.2", 5, 5);
    heads("", HIDDEN, 5);
  }

  private static CfcConfiguration cfc() {
    return CfcConfiguration.of(INPUTS, HIDDEN).withBackbone(5, 2);
  }

  private static float[] x() {
    float[] x = new float[BATCH * STEPS * INPUTS];
    for (int i = 0; i < x.length; i++) {
      int b = i / (STEPS * INPUTS);
      int t = i / INPUTS % STEPS;
      x[i] = (float) Math.sin(0.5 + 0.9 * b + 0.31 * t + 1.7 * (i % INPUTS));
    }
    return x;
  }

  private static float[] timespans() {
    float[] timespans = new float[BATCH * STEPS];
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = (float) (0.25 + 0.5 * ((i / STEPS + i % STEPS) % 3));
    }
    return timespans;
  }

  /** The output of the last step, then the state and the memory. */
  private static float[][] run(Network network) {
    try (Session session = network.session(BATCH)) {
      float[] out = new float[BATCH * network.outputSize()];
      session.runToLast(x(), STEPS, Timespans.perRowAndStep(timespans()), out);
      boolean mixed = network.memorySize() > 0;
      return new float[][] {out, session.state(), mixed ? session.memory() : new float[0]};
    }
  }

  private static void assertClose(float[] found, double... expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).as("value %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  /** G5: ncps on PyTorch. */
  @Test
  void mixedMemoryOfPyTorch() {
    cell(INPUTS);
    k = 20;
    fill("lstm.input_map.weight", 4 * HIDDEN * INPUTS);
    fill("lstm.input_map.bias", 4 * HIDDEN);
    fill("lstm.recurrent_map.weight", 4 * HIDDEN * HIDDEN);
    float[][] found = run(Cfc.of(cfc().withMixedMemory(true), parameters));
    assertClose(
        found[1],
        -0.0756601662,
        -0.2963363418,
        0.0072033055,
        0.1797692058,
        -0.0673196865,
        -0.3136133291,
        -0.0826352452,
        0.1799971459);
    // From the equations in double precision.
    assertClose(found[2], 0.22826151, 0.00005427, -0.43410885, -0.50384352);
  }

  /** G15: the equations of the CfC repository's TensorFlow code. */
  @Test
  void mixedMemoryOfTensorFlow() {
    cell(HIDDEN);
    k = 20;
    fillTransposed("lstm.input_map.weight", INPUTS, 4 * HIDDEN);
    fillTransposed("lstm.recurrent_map.weight", HIDDEN, 4 * HIDDEN);
    fill("lstm.input_map.bias", 4 * HIDDEN);
    CfcConfiguration configuration =
        cfc().withMixedMemory(true).withDialect(CfcDialect.CFC_TENSORFLOW);
    assertClose(
        run(Cfc.of(configuration, parameters))[1],
        -0.0829462858,
        -0.3812140303,
        -0.2550426201,
        0.1937256786,
        -0.0831721045,
        -0.3675758020,
        -0.1533111784,
        0.2011424865);
  }

  /** G9: ncps on PyTorch. */
  @Test
  void wiredCfc() {
    Wiring wiring = new AutoNcp(16, 4).build(INPUTS);
    int inputs = INPUTS;
    Integer[] sizes = wiring.layers().stream().map(List::size).toArray(Integer[]::new);
    for (int layer = 0; layer < sizes.length; layer++) {
      heads("layer_" + layer + ".", sizes[layer], inputs + sizes[layer]);
      inputs = sizes[layer];
    }
    parameters.putAll(WiredCfc.masks(wiring));
    assertClose(
        run(WiredCfc.of(WiredCfcConfiguration.of(INPUTS, CfcMode.DEFAULT, sizes), parameters))[0],
        0.3609036491,
        0.0224956098,
        0.4076977650,
        0.0209554298,
        0.3688785418,
        0.0151756857,
        0.4035900135,
        -0.0064170389);
  }

  /** G10: ncps on PyTorch. */
  @Test
  void wiredLtc() {
    Wiring wiring = new AutoNcp(16, 4).build(INPUTS);
    int units = wiring.units();
    fill("gleak", units, 0.5, 0.4);
    fill("vleak", units, 0, 0.2);
    fill("cm", units, 0.5, 0.1);
    for (String kind : new String[] {"", "sensory_"}) {
      int sources = kind.isEmpty() ? units : INPUTS;
      fill(kind + "sigma", sources * units, 5, 2);
      fill(kind + "mu", sources * units, 0.5, 0.2);
      fill(kind + "w", sources * units, 0.5, 0.4);
    }
    fill("input_w", INPUTS, 1, 0.1);
    fill("input_b", INPUTS, 0, 0.1);
    fill("output_w", 4, 1, 0.1);
    fill("output_b", 4, 0, 0.1);
    parameters.put("erev", wiring.adjacency());
    parameters.put("sensory_erev", wiring.sensoryAdjacency());
    parameters.put("sparsity_mask", absolute(wiring.adjacency()));
    parameters.put("sensory_sparsity_mask", absolute(wiring.sensoryAdjacency()));
    LtcConfiguration configuration =
        LtcConfiguration.of(INPUTS, units, 4).withImplicitParamConstraints(false);
    assertClose(
        run(Ltc.of(configuration, parameters))[0],
        0.1970740168,
        0.1438325392,
        0.0577574520,
        -0.0135694967,
        0.1949629349,
        0.1448766484,
        0.0574303150,
        -0.0060583820);
  }

  private static float[] absolute(float[] signed) {
    float[] values = signed.clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
    return values;
  }

  /** The lane-keeping networks of the CfC paper, and what ncps counts. */
  @Test
  void parameterCounts() {
    Ncp ncp = new Ncp(12, 6, 1, 4, 4, 6, 6);
    Wiring wiring = ncp.build(64);
    CfcDialect torch = CfcDialect.NCPS_TORCH;
    assertThat(count(wiring, CfcMode.DEFAULT, false, torch)).isEqualTo(4184);
    assertThat(count(wiring, CfcMode.NO_GATE, false, torch)).isEqualTo(4184);
    assertThat(count(wiring, CfcMode.PURE, false, torch)).isEqualTo(1084);
    assertThat(count(wiring, CfcMode.DEFAULT, true, torch)).isEqualTo(10568);
    assertThat(count(ncp.build(19), CfcMode.DEFAULT, true, CfcDialect.NCPS_KERAS)).isEqualTo(8408);
    assertThat(Ltc.initialised(wiring, 1).parameterCount()).isEqualTo(6495);
    assertThat(Cfc.initialised(CfcConfiguration.of(20, 50), 1).parameterCount()).isEqualTo(34888);
  }

  private static long count(Wiring wiring, CfcMode mode, boolean mixed, CfcDialect dialect) {
    return WiredCfc.initialised(64, wiring, mode, mixed, dialect, 1).parameterCount();
  }

  @Test
  void freshNetworksAreOfTheirSeed() {
    Wiring wiring = new AutoNcp(28, 4).build(INPUTS);
    for (boolean mixed : new boolean[] {false, true}) {
      float[] first = run(fresh(wiring, mixed, 1))[0];
      assertThat(run(fresh(wiring, mixed, 1))[0]).containsExactly(first);
      assertThat(run(fresh(wiring, mixed, 2))[0]).isNotEqualTo(first);
    }
    float[] first = run(Ltc.initialised(wiring, 1))[0];
    assertThat(run(Ltc.initialised(wiring, 1))[0]).containsExactly(first);
    assertThat(run(Ltc.initialised(wiring, 2))[0]).isNotEqualTo(first);
  }

  private static Network fresh(Wiring wiring, boolean mixed, long seed) {
    return WiredCfc.initialised(
        INPUTS, wiring, CfcMode.DEFAULT, mixed, CfcDialect.NCPS_TORCH, seed);
  }
}
