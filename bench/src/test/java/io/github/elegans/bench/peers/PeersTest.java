package io.github.elegans.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The peers that need no download. */
class PeersTest {
  private static final Network CFC =
      Cfc.initialised(CfcConfiguration.of(3, 17).withBackbone(21, 2), 1);
  private static final float[] X = {0.3f, -1.5f, 2, 0, -0.25f, 1, 1, -1, 0.5f, 0, 0, 1};

  private static void check(Peer peer, PeerTask task) throws Exception {
    assertThat(peer.does(task)).isTrue();
    try (Peer.Operation operation = peer.prepare(task)) {
      Agreement.check(peer, task, operation);
    }
  }

  @ParameterizedTest
  @EnumSource
  void loopsComputeTheSame(JavaLoops.Functions functions) throws Exception {
    JavaLoops loops = new JavaLoops(functions);
    check(loops, new PeerTask.Step(CFC, 1, new float[] {1, 2, 3}, 0.7f, Map.of()));
    check(loops, new PeerTask.Step(CFC, 4, X, 0.7f, Map.of()));
    check(loops, new PeerTask.Sequence(CFC, 2, 2, X, 0.7f));
    float[] x = new float[10_001];
    for (int i = 0; i < x.length; i++) {
      x[i] = 0.004f * (i - 5000);
    }
    for (Activation function :
        List.of(Activation.TANH, Activation.SIGMOID, Activation.LECUN_TANH)) {
      check(loops, new PeerTask.Elementwise(function, x));
    }
  }

  @Test
  void hipparchusComputesTheSame() throws Exception {
    check(new Hipparchus(), new PeerTask.Lorenz(4096));
    assertThat(new Hipparchus().title()).startsWith("Hipparchus");
  }

  @Test
  void loopsRefuseOtherCells() {
    Network pure = Cfc.initialised(CfcConfiguration.of(3, 5).withMode(CfcMode.PURE), 1);
    assertThat(
            new JavaLoops(JavaLoops.Functions.MATH)
                .does(new PeerTask.Step(pure, 4, X, 1, Map.of())))
        .isFalse();
  }

  /** Multiplies what another computes. */
  private record Wrong(Peer peer, double factor) implements Peer {
    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public String version() {
      return "1.0";
    }

    @Override
    public String reason() {
      return "";
    }

    @Override
    public boolean does(PeerTask task) {
      return peer.does(task);
    }

    @Override
    public Operation prepare(PeerTask task) throws Exception {
      Operation right = peer.prepare(task);
      return new Operation() {
        @Override
        public void run() throws Exception {
          right.run();
        }

        @Override
        public double[] output() {
          double[] output = right.output();
          output[output.length - 1] *= factor;
          return output;
        }
      };
    }
  }

  @Test
  void whatComputesSomethingElseIsRefused() throws Exception {
    Peer loops = new JavaLoops(JavaLoops.Functions.MATH);
    PeerTask task = new PeerTask.Elementwise(Activation.TANH, new float[] {0.5f, 3});
    check(new Wrong(loops, 1 + 1e-6), task);
    for (double factor : new double[] {1 + 1e-4, Double.NaN}) {
      assertThatThrownBy(() -> check(new Wrong(loops, factor), task))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "wrong 1.0 computes something else: number 1 of call 1 must be 0.995");
    }
  }

  @Test
  void peersAreFoundByName() {
    assertThat(Peers.named("Hipparchus")).isInstanceOf(Hipparchus.class);
    assertThatThrownBy(() -> Peers.named("none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("unknown peer 'none': expected one of ");
  }
}
