package io.github.elegans.integration;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.recurrent.RecurrentNetwork.Kind;
import io.github.elegans.networks.recurrent.RecurrentNetworkTest;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import io.github.elegans.networks.wiring.WiringPlan.FullyConnected;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A small network of every kind, and a sequence that any of them can run. */
final class EveryNetwork {
  /** Rows of the sequence. */
  static final int BATCH = 5;

  private static final int INPUTS = 3;
  private static final int STEPS = 4;
  private static final CfcConfiguration CFC = CfcConfiguration.of(INPUTS, 24).withBackbone(32, 1);
  private static final Wiring NCP = new AutoNcp(20, 4).build(INPUTS);

  private EveryNetwork() {}

  /** Networks by name. */
  static Map<String, Network> all() {
    Map<String, Network> networks = new LinkedHashMap<>();
    for (CfcMode mode : CfcMode.values()) {
      networks.put("cfc " + mode, Cfc.initialised(CFC.withMode(mode), 1));
    }
    networks.put("cfc with memory", Cfc.initialised(CFC.withMixedMemory(true), 2));
    networks.put("cfc in bfloat16", Cfc.initialised(CFC, 3).with(WeightStorage.BFLOAT16));
    networks.put(
        "wired cfc",
        WiredCfc.initialised(INPUTS, NCP, CfcMode.DEFAULT, false, CfcDialect.NCPS_TORCH, 4));
    networks.put("ltc of an NCP", Ltc.initialised(NCP, 5));
    networks.put("full ltc", Ltc.initialised(new FullyConnected(16, 16).build(INPUTS), 6));
    networks.put(
        "stack",
        Stack.of(
            Cfc.initialised(CFC, 7),
            Ltc.initialised(new FullyConnected(8, 8).build(CFC.outputSize()), 8)));
    networks.put(
        "dense layers around a cfc",
        Sequential.of(
            List.of(Dense.initialised(INPUTS, 10, Activation.SILU, 9)),
            Cfc.initialised(CfcConfiguration.of(10, 12), 10),
            List.of(Dense.initialised(12, 2, Activation.TANH, 11))));
    for (Kind kind : Kind.values()) {
      networks.put(kind.name(), RecurrentNetworkTest.network(kind));
    }
    return networks;
  }

  /** The bits of all outputs and of the final state, any NaN counting as the same. */
  static int[] run(Network network, int threads) {
    SplittableRandom random = new SplittableRandom(20_261_125);
    float[] x = new float[BATCH * STEPS * INPUTS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-2, 2);
    }
    float[] timespans = new float[BATCH * STEPS];
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = (float) random.nextDouble(3);
    }
    float[] out = new float[BATCH * STEPS * network.outputSize()];
    try (Session session = network.session(BATCH).parallelism(threads)) {
      session.run(x, STEPS, Timespans.perRowAndStep(timespans), out);
      float[] state = session.state();
      int[] bits = new int[out.length + state.length];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = Float.floatToIntBits(i < out.length ? out[i] : state[i - out.length]);
      }
      return bits;
    }
  }
}
