package io.github.elegans.bench.jmh;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import java.util.Arrays;

/** A session's run over whole sequences, from and to Java arrays [B, T, features]. */
final class SequenceRun implements AutoCloseable {
  private final Session session;
  private final int steps;
  private final float[] x;
  private final Timespans timespans;
  private final float[] out;

  SequenceRun(Session session, int steps) {
    this.session = session;
    this.steps = steps;
    Network network = session.network();
    int items = Math.multiplyExact(session.batch(), steps);
    x = CfcState.inputs(items, network.inputSize());
    float[] ofSteps = new float[steps];
    Arrays.fill(ofSteps, CfcState.TIMESPAN);
    timespans = Timespans.perStep(ofSteps);
    out = new float[Math.multiplyExact(items, network.outputSize())];
  }

  void run() {
    session.run(x, steps, timespans, out);
  }

  @Override
  public void close() {
    session.close();
  }
}
