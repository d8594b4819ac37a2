package io.github.elegans.networks.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.recurrent.RecurrentNetwork.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tensor k of a list has the elements 0.3 sin(1 + 0.7 k + 0.37 i); inputs and timespans are given
 * by formulas, too. Golden values come from the references or their equations in double precision.
 */
public class RecurrentNetworkTest {
  RecurrentNetworkTest() {}

  private static final int BATCH = 2;
  private static final int STEPS = 3;
  private static final int INPUTS = 3;
  private static final int UNITS = 4;
  private static final double TOLERANCE = 5e-6;

  /** Parameters by formula. */
  private static final class Formula {
    final Map<String, float[]> parameters = new LinkedHashMap<>();
    int k;

    Formula fill(String name, int n) {
      return fill(name, n, 0);
    }

    Formula fill(String name, int n, double centre) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (float) (centre + 0.3 * Math.sin(1 + 0.7 * k + 0.37 * i));
      }
      k++;
      parameters.put(name, values);
      return this;
    }

    Formula at(int next) {
      k = next;
      return this;
    }

    Formula dense(String name, int inputs, int outputs) {
      return fill(name + ".kernel", inputs * outputs).fill(name + ".bias", outputs);
    }

    Formula linear(String name, int inputs, int outputs) {
      return fill(name + ".weight", inputs * outputs).fill(name + ".bias", outputs);
    }

    Formula ctRnn(String prefix, int inputs) {
      return fill(prefix + "kernel", inputs * UNITS)
          .fill(prefix + "recurrent_kernel", UNITS * UNITS)
          .fill(prefix + "bias", UNITS)
          .fill(prefix + "scale", UNITS, 1);
    }

    Formula keras(int inputs, int chunks) {
      return fill("input_kernel", inputs * chunks * UNITS)
          .fill("recurrent_kernel", UNITS * chunks * UNITS)
          .fill("bias", chunks * UNITS);
    }

    Formula torch(String prefix, String suffix, int chunks) {
      return fill(prefix + "weight_ih" + suffix, chunks * UNITS * INPUTS)
          .fill(prefix + "weight_hh" + suffix, chunks * UNITS * UNITS)
          .fill(prefix + "bias_ih" + suffix, chunks * UNITS)
          .fill(prefix + "bias_hh" + suffix, chunks * UNITS);
    }

    Formula gru() {
      return dense("reset_gate", INPUTS + UNITS, UNITS)
          .dense("update_gate", INPUTS + UNITS, UNITS)
          .dense("detect_signal", INPUTS + UNITS, UNITS);
    }
  }

  /** Parameters of a kind. */
  private static Map<String, float[]> parameters(Kind kind) {
    Formula f = new Formula();
    int all = INPUTS + UNITS;
    switch (kind) {
      case CT_RNN, ODE_RNN -> f.ctRnn("", INPUTS);
      case ODE_LSTM -> f.ctRnn("ctrnn.", UNITS).at(20).keras(INPUTS, 4);
      case ODE_LSTM_TORCH ->
          f.torch("lstm.", "", 4).linear("f_node.0", UNITS, UNITS).linear("f_node.2", UNITS, UNITS);
      case GRU_ODE -> f.gru();
      case CT_GRU ->
          f.dense("retrieval_layer", all, 8 * UNITS)
              .dense("detect_layer", all, UNITS)
              .dense("update_layer", all, 8 * UNITS);
      case GRU_D -> f.gru().dense("d_gate", 1, UNITS);
      case PHASED_LSTM -> f.keras(INPUTS, 4).fill("tau", 1).fill("ron", 1).fill("s", 1);
      case CT_LSTM -> f.keras(INPUTS, 7);
      case LSTM -> f.torch("", "_l0", 4);
      case AUGMENTED_LSTM -> f.keras(INPUTS + 1, 4);
      case GRU -> f.torch("", "_l0", 3);
      case VANILLA_RNN ->
          f.dense("layer", all, UNITS).dense("out_layer", UNITS, UNITS).fill("tau", UNITS);
      case LTC_CT_RNN, LTC_NODE -> {
        f.ctRnn("", INPUTS);
        f.parameters.remove("scale");
      }
    }
    return f.parameters;
  }

  /** A network of a kind, with 3 inputs. */
  public static RecurrentNetwork network(Kind kind) {
    return RecurrentNetwork.of(kind, INPUTS, UNITS, parameters(kind));
  }

  private static RecurrentNetwork network(Kind kind, OdeMethod method, int unfolds) {
    return RecurrentNetwork.of(
        kind, INPUTS, UNITS, OdeSolver.of(method, unfolds), parameters(kind));
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

  private static float[] run(RecurrentNetwork network) {
    try (Session session = network.session(BATCH)) {
      float[] out = new float[BATCH * network.outputSize()];
      session.runToLast(x(), STEPS, Timespans.perRowAndStep(timespans()), out);
      return out;
    }
  }

  private static void assertClose(float[] found, double... expected) {
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).as("value %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  /** G12. */
  @Test
  void ctRnn() {
    assertClose(
        run(network(Kind.CT_RNN, OdeMethod.EULER, 3)),
        0.60158244,
        0.49656804,
        0.35312766,
        0.18286814);
    assertClose(
        run(network(Kind.CT_RNN, OdeMethod.HEUN, 3)),
        0.56929376,
        0.46828415,
        0.33094861,
        0.16862419);
    assertClose(run(network(Kind.CT_RNN)), 0.57345105, 0.47214231, 0.33423494, 0.17109214);
    assertClose(run(network(Kind.ODE_RNN)), 1.47759736, 1.1741487, 0.77494163, 0.31219483);
  }

  /** G13. */
  @Test
  void odeLstmOfPyTorch() {
    assertClose(
        run(network(Kind.ODE_LSTM_TORCH, OdeMethod.EULER, 3)),
        -0.1113557574,
        -0.4559370496,
        -0.1247097936,
        0.6284010819);
    assertClose(
        run(network(Kind.ODE_LSTM_TORCH, OdeMethod.HEUN, 3)),
        -0.1126786512,
        -0.4541067769,
        -0.1230650444,
        0.6268700983);
    assertClose(
        run(network(Kind.ODE_LSTM_TORCH)),
        -0.1126591472,
        -0.4541160041,
        -0.1230861597,
        0.6268753831);
  }

  /** G16 to G20. */
  @Test
  void gatedCells() {
    assertClose(
        run(network(Kind.ODE_LSTM)), 0.2887543871, 0.1686739621, 0.0469288897, -0.0594191826);
    assertClose(
        run(network(Kind.CT_GRU)), 0.1379111129, 0.0629230737, -0.0713499847, -0.3373513578);
    assertClose(
        run(network(Kind.GRU_D)), -0.4759444818, -0.5590799337, -0.5809598308, -0.4988645941);
    assertClose(
        run(network(Kind.GRU_ODE)), -0.3644738127, -0.4467264414, -0.4840397385, -0.4642193138);
    assertClose(run(network(Kind.CT_LSTM)), 0.0835327457, 0.1119791116, 0.1270860278, 0.1260771234);
  }

  /** Eight significant bits, ties to even. */
  private static float rounded(float value) {
    float unit = Math.scalb(1f, Math.getExponent(value) - 7);
    return (float) (Math.rint(value / unit) * unit);
  }

  /** The matrices are rounded, the vectors are not. */
  @ParameterizedTest
  @EnumSource
  void bfloat16RoundsTheMatricesOnce(Kind kind) {
    Map<String, float[]> parameters = parameters(kind);
    parameters.replaceAll(
        (name, values) -> {
          boolean matrix = name.contains("kernel") || name.contains("weight");
          float[] stored = values.clone();
          for (int i = 0; matrix && !name.startsWith("d_gate") && i < stored.length; i++) {
            stored[i] = rounded(stored[i]);
          }
          return stored;
        });
    RecurrentNetwork exact = RecurrentNetwork.of(kind, INPUTS, UNITS, parameters(kind));
    RecurrentNetwork stored = exact.with(WeightStorage.BFLOAT16);
    float[] found = run(stored);
    assertThat(found).isEqualTo(run(RecurrentNetwork.of(kind, INPUTS, UNITS, parameters)));
    assertThat(found).isNotEqualTo(run(exact));
    assertThat(run(stored.on(Backends.named("scalar")))).isEqualTo(found);
    assertThat(stored.storage()).isEqualTo(WeightStorage.BFLOAT16);
    assertThat(stored.toString()).endsWith(", bfloat16");
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double sum(float[] w, int row, double[] v) {
    double sum = 0;
    for (int i = 0; i < v.length; i++) {
      sum += w[row * v.length + i] * v[i];
    }
    return sum;
  }

  private static double[] input(int row, int step) {
    double[] input = new double[INPUTS];
    for (int i = 0; i < INPUTS; i++) {
      input[i] = x()[(row * STEPS + step) * INPUTS + i];
    }
    return input;
  }

  @Test
  void lstmOfPyTorch() {
    Map<String, float[]> p = parameters(Kind.LSTM);
    double[] expected = new double[BATCH * UNITS];
    for (int row = 0; row < BATCH; row++) {
      double[] h = new double[UNITS];
      double[] c = new double[UNITS];
      for (int step = 0; step < STEPS; step++) {
        double[] z = new double[4 * UNITS];
        for (int o = 0; o < z.length; o++) {
          z[o] =
              p.get("bias_ih_l0")[o]
                  + p.get("bias_hh_l0")[o]
                  + sum(p.get("weight_ih_l0"), o, input(row, step))
                  + sum(p.get("weight_hh_l0"), o, h);
        }
        for (int i = 0; i < UNITS; i++) {
          c[i] = sigmoid(z[UNITS + i]) * c[i] + sigmoid(z[i]) * Math.tanh(z[2 * UNITS + i]);
          h[i] = sigmoid(z[3 * UNITS + i]) * Math.tanh(c[i]);
        }
      }
      System.arraycopy(h, 0, expected, row * UNITS, UNITS);
    }
    assertClose(run(network(Kind.LSTM)), expected);
  }

  @Test
  void gruOfPyTorch() {
    Map<String, float[]> p = parameters(Kind.GRU);
    double[] expected = new double[BATCH * UNITS];
    for (int row = 0; row < BATCH; row++) {
      double[] h = new double[UNITS];
      for (int step = 0; step < STEPS; step++) {
        double[] a = new double[3 * UNITS];
        double[] b = new double[3 * UNITS];
        for (int o = 0; o < a.length; o++) {
          a[o] = p.get("bias_ih_l0")[o] + sum(p.get("weight_ih_l0"), o, input(row, step));
          b[o] = p.get("bias_hh_l0")[o] + sum(p.get("weight_hh_l0"), o, h);
        }
        for (int i = 0; i < UNITS; i++) {
          double r = sigmoid(a[i] + b[i]);
          double z = sigmoid(a[UNITS + i] + b[UNITS + i]);
          double n = Math.tanh(a[2 * UNITS + i] + r * b[2 * UNITS + i]);
          h[i] = (1 - z) * n + z * h[i];
        }
      }
      System.arraycopy(h, 0, expected, row * UNITS, UNITS);
    }
    assertClose(run(network(Kind.GRU)), expected);
  }

  /** An LSTM of Keras, always or at times, with the timespan as an input or without. */
  private static double[] keras(Kind kind) {
    Map<String, float[]> p = parameters(kind);
    boolean augmented = kind == Kind.AUGMENTED_LSTM;
    double[] expected = new double[BATCH * UNITS];
    for (int row = 0; row < BATCH; row++) {
      double[] h = new double[UNITS];
      double[] c = new double[UNITS];
      for (int step = 0; step < STEPS; step++) {
        double elapsed = timespans()[row * STEPS + step];
        double[] in = Arrays.copyOf(input(row, step), INPUTS + (augmented ? 1 : 0));
        if (augmented) {
          in[INPUTS] = elapsed;
        }
        double[] z = new double[4 * UNITS];
        for (int o = 0; o < z.length; o++) {
          z[o] = p.get("bias")[o];
          for (int i = 0; i < in.length; i++) {
            z[o] += p.get("input_kernel")[i * z.length + o] * in[i];
          }
          for (int i = 0; i < UNITS; i++) {
            z[o] += p.get("recurrent_kernel")[i * z.length + o] * h[i];
          }
        }
        double open = augmented ? 1 : openness(p, elapsed);
        double[] next = new double[UNITS];
        for (int i = 0; i < UNITS; i++) {
          double cell =
              sigmoid(z[2 * UNITS + i] + 1) * c[i] + sigmoid(z[UNITS + i]) * Math.tanh(z[i]);
          next[i] = open * sigmoid(z[3 * UNITS + i]) * Math.tanh(cell) + (1 - open) * h[i];
          c[i] = open * cell + (1 - open) * c[i];
        }
        h = next;
      }
      System.arraycopy(h, 0, expected, row * UNITS, UNITS);
    }
    return expected;
  }

  private static double openness(Map<String, float[]> p, double elapsed) {
    double tau = Math.log1p(Math.exp(p.get("tau")[0]));
    double ron = Math.log1p(Math.exp(p.get("ron")[0]));
    double s = Math.log1p(Math.exp(p.get("s")[0]));
    double phase = ((elapsed - s) / tau) - Math.floor((elapsed - s) / tau);
    return phase < 0.5 * ron ? 2 * phase * ron : phase < ron ? 2 - 2 * phase / ron : 0.001 * phase;
  }

  @ParameterizedTest
  @EnumSource(names = {"AUGMENTED_LSTM", "PHASED_LSTM"})
  void lstmsOfKeras(Kind kind) {
    assertClose(run(network(kind)), keras(kind));
  }

  @Test
  void vanillaRnn() {
    Map<String, float[]> p = parameters(Kind.VANILLA_RNN);
    double[] h = new double[UNITS];
    for (int step = 0; step < STEPS; step++) {
      double[] hidden = new double[UNITS];
      for (int o = 0; o < UNITS; o++) {
        double z = p.get("layer.bias")[o];
        for (int i = 0; i < INPUTS + UNITS; i++) {
          double v = i < INPUTS ? input(0, step)[i] : h[i - INPUTS];
          z += p.get("layer.kernel")[i * UNITS + o] * v;
        }
        hidden[o] = Math.tanh(z);
      }
      double[] next = new double[UNITS];
      for (int o = 0; o < UNITS; o++) {
        next[o] = p.get("out_layer.bias")[o] - timespans()[step] * p.get("tau")[o];
        for (int i = 0; i < UNITS; i++) {
          next[o] += p.get("out_layer.kernel")[i * UNITS + o] * hidden[i];
        }
      }
      h = next;
    }
    assertClose(run(network(Kind.VANILLA_RNN)), h);
  }

  /** The LTC repository's networks are CT-RNN and ODE-RNN of scale 1 over 0.6 units of time. */
  @Test
  void networksOfTheLtcRepository() {
    for (Kind kind : new Kind[] {Kind.LTC_CT_RNN, Kind.LTC_NODE}) {
      boolean node = kind == Kind.LTC_NODE;
      Map<String, float[]> p = parameters(kind);
      p.put("scale", new float[] {1, 1, 1, 1});
      RecurrentNetwork same =
          RecurrentNetwork.of(
              node ? Kind.ODE_RNN : Kind.CT_RNN,
              INPUTS,
              UNITS,
              OdeSolver.of(node ? OdeMethod.RK4 : OdeMethod.EULER, 6),
              p);
      float[] expected = new float[BATCH * UNITS];
      try (Session session = same.session(BATCH)) {
        session.runToLast(x(), STEPS, Timespans.of(0.6f), expected);
      }
      float[] found = run(network(kind));
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isCloseTo(expected[i], within(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void rowsAreIndependentAndStepsAreSteps(Kind kind) {
    RecurrentNetwork network = network(kind);
    int outputs = network.outputSize();
    int rows = 50;
    int steps = 4;
    float[] x = new float[rows * steps * INPUTS];
    float[] timespans = new float[rows * steps];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i * 1.3);
    }
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = i % 7 == 0 ? 0 : 0.1f * (i % 11);
    }
    float[] out = new float[rows * steps * outputs];
    float[] states;
    try (Session session = network.session(rows)) {
      session.run(x, steps, Timespans.perRowAndStep(timespans), out);
      states = session.state();
    }
    assertThat(out).doesNotContain(Float.NaN);
    int size = network.stateSize();
    try (Session session = network.session(1)) {
      for (int row = 0; row < rows; row++) {
        session.reset();
        for (int step = 0; step < steps; step++) {
          int item = row * steps + step;
          float[] one = new float[outputs];
          session.step(
              Arrays.copyOfRange(x, item * INPUTS, (item + 1) * INPUTS), timespans[item], one);
          assertThat(one)
              .containsExactly(Arrays.copyOfRange(out, item * outputs, (item + 1) * outputs));
        }
        assertThat(session.state())
            .containsExactly(Arrays.copyOfRange(states, row * size, (row + 1) * size));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void largeInputsSaturate(Kind kind) {
    RecurrentNetwork network = network(kind);
    for (float size : new float[] {100, -100, 1e-40f}) {
      try (Session session = network.session(1)) {
        float[] out = new float[network.outputSize()];
        session.step(new float[] {size, size, size}, 1, out);
        assertThat(out).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY);
      }
    }
  }

  /** Halving the substeps divides the error by two to the order. */
  @ParameterizedTest
  @EnumSource(OdeMethod.class)
  void methodsHaveTheirOrder(OdeMethod method) {
    double order = method == OdeMethod.EULER ? 1 : method == OdeMethod.HEUN ? 2 : 4;
    // Coarse steps, so that float32 does not hide the error of a high order.
    int unfolds = method == OdeMethod.RK4 ? 4 : 8;
    double coarse = error(method, unfolds);
    double fine = error(method, 2 * unfolds);
    assertThat(Math.log(coarse / fine) / Math.log(2)).isCloseTo(order, within(0.35));
  }

  private static double error(OdeMethod method, int unfolds) {
    float[] exact = longStep(OdeMethod.RK4, 64);
    float[] found = longStep(method, unfolds);
    double error = 0;
    for (int i = 0; i < exact.length; i++) {
      error = Math.max(error, Math.abs(found[i] - exact[i]));
    }
    return error;
  }

  private static float[] longStep(OdeMethod method, int unfolds) {
    try (Session session = network(Kind.CT_RNN, method, unfolds).session(1)) {
      float[] out = new float[UNITS];
      session.state(new float[] {1, -1, 0.5f, -0.5f});
      session.step(new float[] {0.5f, -1, 1}, 2, out);
      return out;
    }
  }

  @Test
  void aProjectionFollows() {
    Map<String, float[]> p = parameters(Kind.LSTM);
    p.put("fc.weight", new float[] {1, 0, 0, 0, 0, 0, 0, 2});
    p.put("fc.bias", new float[] {0.5f, -0.5f});
    float[] plain = run(network(Kind.LSTM));
    float[] found = run(RecurrentNetwork.of(Kind.LSTM, INPUTS, UNITS, p));
    assertThat(found)
        .containsExactly(
            Math.fma(plain[0], 1f, 0.5f),
            Math.fma(plain[3], 2f, -0.5f),
            Math.fma(plain[4], 1f, 0.5f),
            Math.fma(plain[7], 2f, -0.5f));
  }

  /** The lane-keeping LSTM of the CfC paper: 64 units on 64 features, and one output. */
  @Test
  void countsParameters() {
    Map<String, float[]> p = new LinkedHashMap<>();
    p.put("input_kernel", new float[63 * 256 + 256]);
    p.put("recurrent_kernel", new float[64 * 256]);
    p.put("bias", new float[256]);
    p.put("fc.weight", new float[64]);
    p.put("fc.bias", new float[1]);
    assertThat(RecurrentNetwork.of(Kind.AUGMENTED_LSTM, 63, 64, p).parameterCount())
        .isEqualTo(33089);
    for (Kind kind : Kind.values()) {
      long stored = parameters(kind).values().stream().mapToLong(v -> v.length).sum();
      assertThat(network(kind).parameterCount()).as("%s", kind).isEqualTo(stored);
    }
  }

  /** {@code sum(p.numel() for p in torch.nn.LSTM(16, 64).parameters())}, and of a GRU. */
  @Test
  void countsParametersAsPyTorchDoes() {
    assertThat(ofPyTorch(Kind.LSTM, 4).parameterCount()).isEqualTo(20992);
    assertThat(ofPyTorch(Kind.GRU, 3).parameterCount()).isEqualTo(15744);
  }

  private static RecurrentNetwork ofPyTorch(Kind kind, int gates) {
    Map<String, float[]> p = new LinkedHashMap<>();
    p.put("weight_ih_l0", new float[gates * 64 * 16]);
    p.put("weight_hh_l0", new float[gates * 64 * 64]);
    p.put("bias_ih_l0", new float[gates * 64]);
    p.put("bias_hh_l0", new float[gates * 64]);
    return RecurrentNetwork.of(kind, 16, 64, p);
  }

  @Test
  void wordsTellTheSolverUnlessItIsTheReferences() {
    RecurrentNetwork usual = network(Kind.CT_RNN);
    assertThat(usual.toString()).endsWith(" parameters");
    assertThat(network(Kind.CT_RNN, OdeMethod.RK4, 3)).hasToString(usual.toString());
    assertThat(network(Kind.CT_RNN, OdeMethod.EULER, 1))
        .hasToString(usual + ", euler with 1 substep");
    OdeSolver fixed = new OdeSolver(OdeMethod.HEUN, 4, 0.25f);
    assertThat(RecurrentNetwork.of(Kind.CT_RNN, INPUTS, UNITS, fixed, parameters(Kind.CT_RNN)))
        .hasToString(usual + ", heun with 4 substeps of 0.25");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void refusesWrongParameters(Kind kind) {
    String name = parameters(kind).keySet().iterator().next();
    Map<String, float[]> missing = parameters(kind);
    missing.remove(name);
    assertWrong(kind, missing, name);
    Map<String, float[]> wrong = parameters(kind);
    wrong.put(name, new float[3]);
    assertWrong(kind, wrong, name, "3 elements");
    Map<String, float[]> nan = parameters(kind);
    nan.get(name)[1] = Float.NaN;
    assertWrong(kind, nan, name, "NaN at element 1");
    Map<String, float[]> more = parameters(kind);
    more.put("more", new float[1]);
    assertWrong(kind, more, "[more]");
  }

  private static void assertWrong(Kind kind, Map<String, float[]> parameters, String... parts) {
    assertThatThrownBy(() -> RecurrentNetwork.of(kind, INPUTS, UNITS, parameters))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll(parts);
  }
}
