package io.github.elegans.bench.peers;

import io.github.elegans.backends.Kernels;
import io.github.elegans.cli.measuring.OdeWorkload;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.training.GradientSession;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;

/** What is measured, with its arguments: arrays, as the other libraries take them. */
public sealed interface PeerTask {

  /** The same, done by a backend of this library. */
  Peer.Operation by(Kernels kernels);

  /**
   * One step of a network, which goes on from call to call; the first begins with a zero state.
   *
   * @param batch N
   * @param x [N, I], the same in every step
   * @param timespan of every step and row
   * @param parameters of an LSTM or a GRU, by PyTorch's names; otherwise none
   */
  record Step(
      Network network, int batch, float[] x, float timespan, Map<String, float[]> parameters)
      implements PeerTask {
    @Override
    public Peer.Operation by(Kernels kernels) {
      Network model = network.on(kernels);
      Session session = model.session(batch);
      float[] out = new float[batch * model.outputSize()];
      return operation(() -> session.step(x, timespan, out), () -> doubles(out));
    }
  }

  /**
   * A network over whole sequences.
   *
   * @param batch N
   * @param steps T
   * @param x [N, T, I]
   * @param timespan of every step and row
   */
  record Sequence(Network network, int batch, int steps, float[] x, float timespan)
      implements PeerTask {
    @Override
    public Peer.Operation by(Kernels kernels) {
      Network model = network.on(kernels);
      Session session = model.session(batch);
      float[] ofSteps = new float[steps];
      Arrays.fill(ofSteps, timespan);
      Timespans timespans = Timespans.perStep(ofSteps);
      float[] out = new float[batch * steps * model.outputSize()];
      return operation(() -> session.run(x, steps, timespans, out), () -> doubles(out));
    }
  }

  /**
   * The gradients of all parameters of a network over a batch of sequences from zero states. The
   * output are the gradients, one parameter after the other in the order of the state dict.
   *
   * @param batch B
   * @param steps T
   * @param x [B, T, I]
   * @param upstream [B, T, O]: the gradients of the outputs
   */
  record Gradients(Network network, int batch, int steps, float[] x, float[] upstream)
      implements PeerTask {
    @Override
    public Peer.Operation by(Kernels kernels) {
      GradientSession session =
          GradientSession.builder(network.on(kernels)).withoutInputGradients().build();
      float[] out = new float[batch * steps * network.outputSize()];
      return operation(
          () -> {
            session.clearGradients();
            session.forward(batch, steps, x, out);
            session.backward(upstream);
          },
          () ->
              session.gradients().values().stream()
                  .flatMapToDouble(gradient -> Arrays.stream(doubles(gradient)))
                  .toArray());
    }
  }

  /** An elementwise function from one array to another. */
  record Elementwise(Activation function, float[] x) implements PeerTask {
    @Override
    public Peer.Operation by(Kernels kernels) {
      MemorySegment from = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, x);
      MemorySegment to = Arena.ofAuto().allocate(from.byteSize(), 64);
      return operation(
          () -> kernels.math().apply(function, Accuracy.ACCURATE, from, to, x.length),
          () -> doubles(to.toArray(ValueLayout.JAVA_FLOAT)));
    }
  }

  /**
   * The first trajectories of {@link OdeWorkload#LORENZ_ADAPTIVE}. The output are the states at the
   * end.
   */
  record Lorenz(int trajectories) implements PeerTask {
    private static final OdeWorkload WORKLOAD = OdeWorkload.LORENZ_ADAPTIVE;

    @Override
    public Peer.Operation by(Kernels kernels) {
      Solver solver = WORKLOAD.solver(kernels).build();
      Ensemble ensemble = WORKLOAD.first(trajectories);
      Solution[] solution = new Solution[1];
      return operation(
          () -> solution[0] = solver.solve(ensemble),
          () -> {
            double[] ends = new double[3 * trajectories];
            for (int i = 0; i < trajectories; i++) {
              System.arraycopy(solution[0].states(i), 0, ends, 3 * i, 3);
            }
            return ends;
          });
    }
  }

  private static Peer.Operation operation(Runnable run, Supplier<double[]> output) {
    return new Peer.Operation() {
      @Override
      public void run() {
        run.run();
      }

      @Override
      public double[] output() {
        return output.get();
      }
    };
  }

  /** The same numbers. */
  static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
