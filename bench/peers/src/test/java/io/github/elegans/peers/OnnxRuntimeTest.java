package io.github.elegans.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import io.github.elegans.backends.Backends;
import io.github.elegans.contract.Golden;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.ltc.LtcDialect;
import io.github.elegans.networks.onnx.OnnxModel;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.recurrent.RecurrentNetwork.Kind;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is exported computes in ONNX Runtime what the scalar backend computes. */
class OnnxRuntimeTest {
  /** Rounding of float32, some steps long; the largest that was seen is 1e-6. */
  private static final float TOLERANCE = 5e-6f;

  /** A network with arguments: x [N, T, I], timespans [N, T], states before. */
  private record Case(
      String name,
      Network network,
      int rows,
      int steps,
      float[] x,
      float[] timespans,
      float[] h,
      float[] c) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String golden : Golden.NAMES) {
      cases.add(golden(golden));
    }
    CfcConfiguration cfc = CfcConfiguration.of(3, 5).withBackbone(7, 2);
    for (Activation activation : CfcDialect.NCPS_KERAS.activations()) {
      CfcConfiguration keras = cfc.withDialect(CfcDialect.NCPS_KERAS).withActivation(activation);
      cases.add(random("Keras, " + activation.fieldName(), Cfc.initialised(keras, 1)));
    }
    for (CfcMode mode : CfcMode.values()) {
      CfcConfiguration mixed =
          cfc.withDialect(CfcDialect.CFC_TENSORFLOW).withMode(mode).withMixedMemory(true);
      cases.add(random("TensorFlow, mixed, " + mode, Cfc.initialised(mixed.withProjection(2), 1)));
    }
    var wiring = new AutoNcp(9, 2).build(3);
    cases.add(random("LTC", Ltc.initialised(wiring, 1)));
    for (LtcDialect dialect : LtcDialect.values()) {
      LtcConfiguration ltc = LtcConfiguration.of(dialect, 3, 9, 2);
      cases.add(random("LTC, " + dialect, Ltc.initialised(ltc, wiring, 1)));
    }
    LtcConfiguration ltc = LtcConfiguration.of(LtcDialect.LTC_TENSORFLOW, 3, 9, 2);
    for (LtcSolver solver : LtcSolver.values()) {
      cases.add(random("LTC, " + solver, Ltc.initialised(ltc.withSolver(solver, 2), wiring, 1)));
    }
    Network lstm = torch(Kind.LSTM, 4);
    cases.add(random("LSTM", lstm));
    cases.add(random("GRU", torch(Kind.GRU, 3)));
    cases.add(
        random(
            "augmented LSTM",
            RecurrentNetwork.of(
                Kind.AUGMENTED_LSTM,
                3,
                5,
                Map.of(
                    "input_kernel", floats(4 * 20, 2),
                    "recurrent_kernel", floats(5 * 20, 3),
                    "bias", floats(20, 4)))));
    cases.add(
        random(
            "LSTM and CfC",
            Stack.of(lstm, Cfc.initialised(CfcConfiguration.of(5, 4).withMixedMemory(true), 1))));
    for (Activation activation : Activation.values()) {
      cases.add(
          random(
              "dense layers, " + activation,
              Sequential.of(
                  List.of(
                      Dense.initialised(3, 6, activation, 1),
                      Dense.initialised(6, 5, Activation.TANH, 2)),
                  Cfc.initialised(CfcConfiguration.of(5, 4), 3),
                  List.of(
                      Dense.initialised(4, 3, activation, 4),
                      Dense.initialised(3, 2, Activation.LINEAR, 5)))));
    }
    return cases;
  }

  private static Network torch(Kind kind, int gates) {
    return RecurrentNetwork.of(
        kind,
        3,
        5,
        Map.of(
            "weight_ih_l0", floats(gates * 5 * 3, 2),
            "weight_hh_l0", floats(gates * 5 * 5, 3),
            "bias_ih_l0", floats(gates * 5, 4),
            "bias_hh_l0", floats(gates * 5, 5)));
  }

  private static Case random(String name, Network network) {
    int rows = 4;
    int steps = 7;
    Cell cell = network.cell();
    float[] timespans = floats(rows * steps, 6);
    for (int i = 0; i < timespans.length; i++) {
      // Some are 0.
      timespans[i] = Math.max(0, 2 * timespans[i]);
    }
    return new Case(
        name,
        network,
        rows,
        steps,
        floats(rows * steps * cell.inputSize(), 7),
        timespans,
        floats(rows * cell.stateSize(), 8),
        floats(rows * cell.memorySize(), 9));
  }

  private static float[] floats(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-0.8, 0.8);
    }
    return values;
  }

  private static Case golden(String name) {
    Golden golden = Golden.of(name);
    Network network = golden.model();
    return new Case(
        name,
        network,
        golden.batch(),
        golden.steps(),
        golden.floats("x"),
        golden.floats("ts"),
        golden.floats("h0"),
        network.memorySize() > 0 ? golden.floats("c0") : new float[0]);
  }

  private record Result(float[] out, float[] h, float[] c) {}

  private static Result expected(Case it) {
    Network network = it.network.on(Backends.named("scalar"));
    try (Session session = network.session(it.rows)) {
      session.state(it.h);
      if (it.c.length > 0) {
        session.memory(it.c);
      }
      float[] out = new float[it.rows * it.steps * network.outputSize()];
      session.run(it.x, it.steps, Timespans.perRowAndStep(it.timespans), out);
      return new Result(out, session.state(), it.c.length > 0 ? session.memory() : new float[0]);
    }
  }

  private static void assertClose(String what, float[] found, float[] expected) {
    assertThat(found).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i])
          .as("%s %d", what, i)
          .isCloseTo(expected[i], within(TOLERANCE * Math.max(1, Math.abs(expected[i]))));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sequenceIsTheSame(Case it) throws OrtException {
    Map<String, float[]> values = new HashMap<>(Map.of("x", it.x, "timespans", it.timespans));
    values.put("hx", it.h);
    values.put("cx", it.c);
    try (var bound =
        new OnnxRuntime.Bound(
            OnnxModel.ofSequence(it.network).toBytes(),
            Map.of("N", it.rows, "T", it.steps),
            values)) {
      bound.run();
      Result expected = expected(it);
      assertClose("out", bound.values("out"), expected.out);
      assertClose("next_hx", bound.values("next_hx"), expected.h);
      if (it.c.length > 0) {
        assertClose("next_cx", bound.values("next_cx"), expected.c);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stepsAreTheSame(Case it) throws OrtException {
    Cell cell = it.network.cell();
    try (var bound =
        new OnnxRuntime.Bound(
            OnnxModel.ofStep(it.network).toBytes(),
            Map.of("N", it.rows),
            Map.of("hx", it.h, "cx", it.c))) {
      Result expected = expected(it);
      for (int step = 0; step < it.steps; step++) {
        bound.set("x", column(it.x, it, step, cell.inputSize()));
        if (bound.has("timespans")) {
          bound.set("timespans", column(it.timespans, it, step, 1));
        }
        bound.run();
        float[] out = column(expected.out, it, step, cell.outputSize());
        assertClose("out of step " + step, bound.values("out"), out);
      }
    }
  }

  /** Items of all rows in one step. */
  private static float[] column(float[] all, Case it, int step, int size) {
    float[] column = new float[it.rows * size];
    for (int row = 0; row < it.rows; row++) {
      System.arraycopy(all, (row * it.steps + step) * size, column, row * size, size);
    }
    return column;
  }
}
