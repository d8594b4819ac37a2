package io.github.elegans.bench.jmh;

import java.time.Duration;

/**
 * How long and how often to measure.
 *
 * @param name what it is called on the command line
 * @param forks JVMs that measure the same, one after the other; 0 for the running JVM, which only
 *     tests should do
 * @param warmups iterations that are not measured
 * @param warmup how long each of them takes
 * @param iterations iterations that are measured
 * @param iteration how long each of them takes
 */
public record Setting(
    String name, int forks, int warmups, Duration warmup, int iterations, Duration iteration) {
  /** A glance at what matters most, in three minutes. */
  public static final Setting QUICK =
      new Setting("quick", 1, 1, Duration.ofMillis(50), 5, Duration.ofMillis(40));

  /** A look at everything in seven minutes. */
  public static final Setting SHORT =
      new Setting("short", 1, 2, Duration.ofMillis(100), 6, Duration.ofMillis(60));

  /** What may be quoted, in about an hour. */
  public static final Setting FULL =
      new Setting("full", 2, 3, Duration.ofMillis(100), 8, Duration.ofMillis(80));

  /** Seconds that a fork takes beyond its iterations: to start, to compile, to probe, to end. */
  private static final double FORK_SECONDS = 2.1;

  /** For peers, of which there are many: no second JVM. */
  Setting forPeers() {
    return new Setting(name, Math.min(1, forks), warmups, warmup, iterations, iteration);
  }

  /** About how many seconds one benchmark takes. */
  double seconds() {
    Duration measured = warmup.multipliedBy(warmups).plus(iteration.multipliedBy(iterations));
    return Math.max(1, forks) * (FORK_SECONDS + measured.toMillis() / 1e3);
  }
}
