package io.github.elegans.bench.jmh;

import io.github.elegans.networks.KeyedSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * A micro-batch with a record of each key, in an order that changes every time, through a keyed
 * session of a CfC network; {@link CfcStepBenchmark} does the same rows without keys.
 */
public class KeyedStepBenchmark extends CfcState {
  private static final int ORDERS = 16;

  private final List<List<UUID>> orders = new ArrayList<>();
  private KeyedSession<UUID> session;
  private double[] timestamps = {};
  private float[] x = {};
  private float[] out = {};
  private int steps;

  @Setup
  public void setUp(BenchmarkParams params) {
    CfcShape size = CfcShape.of(shape);
    session = KeyedSession.builder(network(), batch).parallelism(threads).build();
    x = inputs(batch, size.inputs());
    out = new float[batch * size.hiddenUnits()];
    timestamps = new double[batch];
    Random random = new Random(3);
    List<UUID> keys =
        Stream.generate(() -> new UUID(random.nextLong(), random.nextLong())).limit(batch).toList();
    for (int i = 0; i < ORDERS; i++) {
      List<UUID> order = new ArrayList<>(keys);
      Collections.shuffle(order, random);
      orders.add(order);
    }
    prepare(params, this::step);
  }

  @TearDown
  public void tearDown() {
    session.close();
  }

  @Benchmark
  public void step() {
    // Timestamps that are equal give the timespan 0, which costs what any other does.
    session.step(orders.get(steps++ % ORDERS), timestamps, x, out);
  }
}
