package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.recurrent.RecurrentNetwork.Kind;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import io.github.elegans.networks.wiring.WiringPlan.FullyConnected;
import java.util.Map;
import java.util.SplittableRandom;

/** Networks with fresh weights, other than the plain CfC, and what a step of a sample computes. */
public enum NetworkKind {
  /** LTC of an AutoNCP with 28 neurons, 4 of them motor neurons, 20 inputs, 6 unfolds. */
  LTC_NCP {
    @Override
    Network network() {
      return Ltc.initialised(NCP, 1);
    }

    @Override
    double operations() {
      return synapses(NCP);
    }

    @Override
    double weightBytes() {
      return evaluations(NCP) * SYNAPSE_BYTES;
    }

    @Override
    long workingSet() {
      return synapseBytes(NCP);
    }
  },
  /** LTC of 64 neurons, all connected, 8 inputs, 6 unfolds. */
  LTC_FULL {
    @Override
    Network network() {
      return Ltc.initialised(FULL, 1);
    }

    @Override
    double operations() {
      return synapses(FULL);
    }

    @Override
    double weightBytes() {
      return evaluations(FULL) * SYNAPSE_BYTES;
    }

    @Override
    long workingSet() {
      return synapseBytes(FULL);
    }
  },
  /** Wired CfC of the same AutoNCP. */
  WIRED_CFC {
    @Override
    Network network() {
      return WiredCfc.initialised(20, NCP, CfcMode.DEFAULT, false, CfcDialect.NCPS_TORCH, 1);
    }

    @Override
    double operations() {
      double sum = 0;
      int inputs = NCP.inputSize();
      for (var layer : NCP.layers()) {
        sum += 2.0 * 4 * (inputs + layer.size()) * layer.size();
        inputs = layer.size();
      }
      return sum;
    }
  },
  /** CfC (16, 128, 128) with mixed memory. */
  MIXED_CFC {
    @Override
    Network network() {
      return Cfc.initialised(MIXED, 1);
    }

    @Override
    double operations() {
      return 2.0 * MIXED.multiplyAdds();
    }
  },
  /** PyTorch's LSTM, 16 inputs, 64 units. */
  LSTM {
    @Override
    Network network() {
      return RecurrentNetwork.of(Kind.LSTM, INPUTS, UNITS, parameters());
    }

    @Override
    Map<String, float[]> parameters() {
      return gates(4);
    }

    @Override
    double operations() {
      return 2.0 * 4 * UNITS * (INPUTS + UNITS);
    }
  },
  /** PyTorch's GRU, 16 inputs, 64 units. */
  GRU {
    @Override
    Network network() {
      return RecurrentNetwork.of(Kind.GRU, INPUTS, UNITS, parameters());
    }

    @Override
    Map<String, float[]> parameters() {
      return gates(3);
    }

    @Override
    double operations() {
      return 2.0 * 3 * UNITS * (INPUTS + UNITS);
    }
  },
  /** CfC (16, 128, 128) with weights stored as bfloat16. */
  CFC_BFLOAT16 {
    @Override
    Network network() {
      return Cfc.initialised(PLAIN, 1).with(WeightStorage.BFLOAT16);
    }

    @Override
    double operations() {
      return 2.0 * PLAIN.multiplyAdds();
    }

    @Override
    double weightBytes() {
      return PLAIN.multiplyAdds() * (double) Short.BYTES;
    }
  };

  private static final Wiring NCP = new AutoNcp(28, 4).build(20);
  private static final Wiring FULL = new FullyConnected(64, 64).build(8);
  private static final CfcConfiguration PLAIN = CfcConfiguration.of(16, 128).withBackbone(128, 1);
  private static final CfcConfiguration MIXED = PLAIN.withMixedMemory(true);
  private static final int UNFOLDS = 6;

  /** a, b, w and w E of a synapse. */
  private static final int SYNAPSE_BYTES = 4 * Float.BYTES;

  private static final int INPUTS = 16;
  private static final int UNITS = 64;

  abstract Network network();

  /** The parameters of PyTorch's own networks, by its names; none of others. */
  Map<String, float[]> parameters() {
    return Map.of();
  }

  /** As PyTorch initialises them: uniform within ±1/√H. */
  private static Map<String, float[]> gates(int count) {
    SplittableRandom random = new SplittableRandom(1);
    double bound = 1 / Math.sqrt(UNITS);
    int rows = count * UNITS;
    return Map.of(
        "weight_ih_l0", uniform(random, rows * INPUTS, bound),
        "weight_hh_l0", uniform(random, rows * UNITS, bound),
        "bias_ih_l0", uniform(random, rows, bound),
        "bias_hh_l0", uniform(random, rows, bound));
  }

  private static float[] uniform(SplittableRandom random, int n, double bound) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /** Floating-point operations, without elementwise functions. */
  abstract double operations();

  /** Bytes of weights that a step reads: of each multiply-add, unless a kind says otherwise. */
  double weightBytes() {
    return operations() / 2 * Float.BYTES;
  }

  /** Bytes of weights: most are read once in a step. */
  long workingSet() {
    return Math.round(weightBytes());
  }

  /** Every evaluation of a synapse is a multiply-add for the argument and one for either sum. */
  private static double synapses(Wiring wiring) {
    return 6 * evaluations(wiring);
  }

  private static double evaluations(Wiring wiring) {
    return (double) UNFOLDS * wiring.synapseCount() + wiring.sensorySynapseCount();
  }

  private static long synapseBytes(Wiring wiring) {
    return (long) (wiring.synapseCount() + wiring.sensorySynapseCount()) * SYNAPSE_BYTES;
  }
}
