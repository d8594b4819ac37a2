package io.github.elegans.bench.jmh;

import io.github.elegans.networks.Cell;
import io.github.elegans.networks.Session;
import java.util.Arrays;

/** A session's run over whole sequences, from and to Java arrays [B, T, features]. */
final class SequenceRun implements AutoCloseable {
  private final Session session;
  private final int steps;
  private final float[] x;
  private final float[] timespans;
  private final float[] out;

  SequenceRun(Session session, int steps) {
    this.session = session;
    this.steps = steps;
    Cell cell = session.network().cell();
    int items = Math.multiplyExact(session.batch(), steps);
    x = CfcState.inputs(items, cell.inputSize());
    timespans = new float[steps];
    Arrays.fill(timespans, CfcState.TIMESPAN);
    out = new float[Math.multiplyExact(items, cell.outputSize())];
  }

  void run() {
    session.run(x, steps, timespans, out);
  }

  @Override
  public void close() {
    session.close();
  }
}
