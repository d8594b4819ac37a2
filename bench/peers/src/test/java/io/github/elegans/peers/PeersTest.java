package io.github.elegans.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.peers.Agreement;
import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.bench.peers.Peers;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.recurrent.RecurrentNetwork.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each peer is there and computes the same as the scalar backend, within 1e-5. */
class PeersTest {

  static List<Peer> peers() {
    return ServiceLoader.load(Peer.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  private static List<PeerTask> tasks() {
    List<PeerTask> tasks = new ArrayList<>();
    for (Activation function : List.of(Activation.TANH, Activation.SIGMOID, Activation.EXP)) {
      tasks.add(new PeerTask.Elementwise(function, floats(1003, 8)));
    }
    for (int batch : new int[] {1, 5}) {
      for (Activation activation : List.of(Activation.LECUN_TANH, Activation.TANH)) {
        CfcConfiguration shape =
            CfcConfiguration.of(3, 17).withBackbone(21, 2).withActivation(activation);
        Network cfc = Cfc.initialised(shape, 1);
        tasks.add(new PeerTask.Step(cfc, batch, floats(batch * 3, 2), 0.7f, Map.of()));
        tasks.add(new PeerTask.Sequence(cfc, batch, 9, floats(batch * 9 * 3, 2), 0.7f));
        tasks.add(
            new PeerTask.Gradients(
                cfc, batch, 9, floats(batch * 9 * 3, 2), floats(batch * 9 * 17, 0.5)));
      }
      for (Kind kind : List.of(Kind.LSTM, Kind.GRU)) {
        int rows = (kind == Kind.LSTM ? 4 : 3) * 6;
        Map<String, float[]> parameters =
            Map.of(
                "weight_ih_l0", floats(rows * 3, 0.5),
                "weight_hh_l0", floats(rows * 6, 0.5),
                "bias_ih_l0", floats(rows, 0.5),
                "bias_hh_l0", floats(rows, 0.4));
        Network network = RecurrentNetwork.of(kind, 3, 6, parameters);
        tasks.add(new PeerTask.Step(network, batch, floats(batch * 3, 2), 1, parameters));
      }
    }
    return tasks;
  }

  private static float[] floats(int n, double range) {
    SplittableRandom random = new SplittableRandom(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-range, range);
    }
    return values;
  }

  @Test
  void allAreFound() {
    assertThat(Peers.all().stream().map(Peer::name))
        .contains(
            "ONNX Runtime",
            "PyTorch, TorchScript",
            "PyTorch, eager",
            "Vector API's own functions",
            "Java loops");
  }

  @ParameterizedTest
  @MethodSource("peers")
  void computesTheSame(Peer peer) throws Exception {
    assertThat(peer.reason()).as(peer.name()).isEmpty();
    int done = 0;
    for (PeerTask task : tasks()) {
      if (peer.does(task)) {
        try (Peer.Operation operation = peer.prepare(task)) {
          Agreement.check(peer, task, operation);
          done++;
        }
      }
    }
    assertThat(done).as("tasks of " + peer.name()).isPositive();
  }
}
