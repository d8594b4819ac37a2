package io.github.elegans.bench.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A network over whole sequences, from and to Java arrays [B, T, features]. */
public class NetworkSequenceBenchmark extends NetworkState {
  /** T. */
  @Param("100")
  public int steps;

  private SequenceRun sequence;

  @Setup
  public void setUp(BenchmarkParams params) {
    sequence = new SequenceRun(model().session(batch), steps);
    prepare(params, sequence::run);
  }

  @TearDown
  public void tearDown() {
    sequence.close();
  }

  @Benchmark
  public void run() {
    sequence.run();
  }
}
