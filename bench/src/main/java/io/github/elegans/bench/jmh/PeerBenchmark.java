package io.github.elegans.bench.jmh;

import io.github.elegans.bench.peers.Agreement;
import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.bench.peers.Peers;
import io.github.elegans.cli.measuring.OdeWorkload;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Any of the other benchmarks, done by a peer. The backend is the one that the machine's limits are
 * probed with. A peer that does not compute the same as the scalar backend is not measured.
 */
public class PeerBenchmark extends BackendState {
  /** Its name. */
  @Param("Java loops")
  public String peer = "";

  /** {@link BenchmarkCase#encoded}. */
  @Param("CfcStepBenchmark.step;shape=16-64-32;batch=1;accuracy=ACCURATE;threads=1")
  public String what = "";

  private Peer.Operation operation;

  /** The benchmark of a case done by a peer. */
  static BenchmarkCase of(Peer peer, BenchmarkCase what) {
    return new BenchmarkCase(Workload.PEER).with("peer", peer.name()).with("what", what.encoded());
  }

  /** What a case asks of peers, which have one thread and one accuracy; empty for some. */
  static Optional<PeerTask> task(BenchmarkCase what) {
    Map<String, String> parameters = what.parameters();
    if (!parameters.getOrDefault("threads", "1").equals("1")
        || !parameters.getOrDefault("accuracy", "ACCURATE").equals(Accuracy.ACCURATE.name())) {
      return Optional.empty();
    }
    return Optional.ofNullable(
        switch (what.benchmark()) {
          case Workload.STEP -> step(cfc(parameters), number(parameters, "batch"), Map.of());
          case Workload.SEQUENCE -> sequence(cfc(parameters), parameters);
          case Workload.NETWORK -> {
            NetworkKind kind = NetworkKind.valueOf(parameters.get("network"));
            // Weights are float32 everywhere else.
            yield kind == NetworkKind.CFC_BFLOAT16
                ? null
                : step(kind.network(), number(parameters, "batch"), kind.parameters());
          }
          case Workload.NETWORK_SEQUENCE -> {
            NetworkKind kind = NetworkKind.valueOf(parameters.get("network"));
            yield kind == NetworkKind.CFC_BFLOAT16 ? null : sequence(kind.network(), parameters);
          }
          case Workload.TRAINING -> {
            Network network = TrainingNetwork.valueOf(parameters.get("network")).network();
            int batch = number(parameters, "batch");
            int steps = number(parameters, "steps");
            yield new PeerTask.Gradients(
                network,
                batch,
                steps,
                CfcState.inputs(batch * steps, network.inputSize()),
                TrainingBenchmark.upstream(batch * steps, network.outputSize()));
          }
          case Workload.FLOAT32 ->
              new PeerTask.Elementwise(
                  Activation.valueOf(parameters.get("function")),
                  MathBenchmark.arguments(number(parameters, "elements")));
          case Workload.ODE ->
              OdeWorkload.valueOf(parameters.get("system")) == OdeWorkload.LORENZ_ADAPTIVE
                  ? new PeerTask.Lorenz(number(parameters, "trajectories"))
                  : null;
          default -> null;
        });
  }

  private static PeerTask step(Network network, int batch, Map<String, float[]> parameters) {
    float[] x = CfcState.inputs(batch, network.inputSize());
    return new PeerTask.Step(network, batch, x, CfcState.TIMESPAN, parameters);
  }

  private static PeerTask sequence(Network network, Map<String, String> parameters) {
    int batch = number(parameters, "batch");
    int steps = number(parameters, "steps");
    float[] x = CfcState.inputs(batch * steps, network.inputSize());
    return new PeerTask.Sequence(network, batch, steps, x, CfcState.TIMESPAN);
  }

  private static Network cfc(Map<String, String> parameters) {
    return Cfc.initialised(CfcShape.of(parameters.get("shape")).configuration(), 1);
  }

  private static int number(Map<String, String> parameters, String name) {
    return Integer.parseInt(parameters.get(name));
  }

  @Setup
  public void setUp(BenchmarkParams params) throws Exception {
    open();
    Peer found = Peers.named(peer);
    PeerTask task = task(BenchmarkCase.parse(what)).orElseThrow();
    operation = found.prepare(task);
    Agreement.check(found, task, operation);
    RunningJvm.announce(found.title());
    prepareAllocating(params, () -> run(operation));
  }

  @TearDown
  public void tearDown() {
    operation.close();
  }

  @Benchmark
  public void run() throws Exception {
    operation.run();
  }

  static void run(Peer.Operation operation) {
    try {
      operation.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
