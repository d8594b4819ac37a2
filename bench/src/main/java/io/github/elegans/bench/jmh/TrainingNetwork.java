package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;

/** Networks that are trained, and what a step of a sample costs on the way forward and back. */
public enum TrainingNetwork {
  /** CfC of 64 inputs, one backbone layer of 128 units and 64 hidden units. */
  CFC {
    @Override
    Network network() {
      return Cfc.initialised(CONFIGURATION, 1);
    }

    @Override
    double operations() {
      // Forward, the gradient of the weights, and that of what they read but for the inputs.
      return 2.0
          * (3L * CONFIGURATION.multiplyAdds() - (long) CONFIGURATION.inputSize() * BACKBONE);
    }

    @Override
    long weightBytes() {
      long hidden = CONFIGURATION.hiddenSize();
      long heads = 4L * PanelLayout.roundUp(CONFIGURATION.hiddenSize());
      // And the transposed ones of the way back.
      return new CfcShape(CONFIGURATION.inputSize(), BACKBONE, CONFIGURATION.hiddenSize())
              .weightBytes()
          + (hidden * BACKBONE + BACKBONE * heads) * Float.BYTES;
    }
  },
  /** LTC of an AutoNCP with 28 neurons, 4 of them motor neurons, 20 inputs, 6 unfolds. */
  LTC_NCP {
    @Override
    Network network() {
      return NetworkKind.LTC_NCP.network();
    }

    @Override
    double operations() {
      // Three multiply-adds forward, and ten operations back.
      return NetworkKind.LTC_NCP.operations() * (6 + 10) / 6;
    }

    @Override
    long weightBytes() {
      return NetworkKind.LTC_NCP.workingSet();
    }
  };

  private static final int BACKBONE = 128;
  private static final CfcConfiguration CONFIGURATION =
      CfcConfiguration.of(64, 64).withBackbone(BACKBONE, 1);

  abstract Network network();

  /**
   * Floating-point operations of a sample's step, without elementwise functions; nobody asks for
   * the gradient of the inputs.
   */
  abstract double operations();

  /** Bytes of weights that the steps of a leaf read over and over. */
  abstract long weightBytes();
}
