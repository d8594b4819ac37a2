package io.github.elegans.bench.jmh;

import java.time.Duration;

/**
 * How long and how often to measure.
 *
 * @param name what it is called on the command line
 * @param forks JVMs that measure the same, with others between them, so that what disturbs the
 *     machine for a while does not meet all of them; 0 for the running JVM, which only tests should
 *     do
 * @param mostForks how many of them there may be where the first ones do not agree, if time allows
 *     ({@link Schedule})
 * @param warmups iterations that are not measured
 * @param warmup how long each of them takes
 * @param iterations iterations that are measured
 * @param iteration how long each of them takes
 */
public record Setting(
    String name,
    int forks,
    int mostForks,
    int warmups,
    Duration warmup,
    int iterations,
    Duration iteration) {
  /** A glance at what matters most, in three minutes. */
  public static final Setting QUICK =
      new Setting("quick", 1, 1, 1, Duration.ofMillis(50), 5, Duration.ofMillis(40));

  /** A look at everything in about half an hour. */
  public static final Setting SHORT =
      new Setting("short", 3, 6, 1, Duration.ofMillis(100), 2, Duration.ofMillis(60));

  /** What may be quoted, in one to two hours. */
  public static final Setting FULL =
      new Setting("full", 3, 6, 2, Duration.ofMillis(100), 4, Duration.ofMillis(80));

  /** Seconds that a fork takes beyond its iterations: to start, to compile, to end. */
  private static final double FORK_SECONDS = 0.9;

  /** Seconds in which the limits are probed beside an iteration. */
  private static final double PROBE_SECONDS = 0.12;

  /** By what share the best JVMs may differ and still confirm each other. */
  private static final double AGREEMENT = 0.05;

  /** How many JVMs measure at least. */
  int leastJvms() {
    return Math.max(1, forks);
  }

  /** About how many seconds a JVM takes for a benchmark. */
  double seconds() {
    Duration measured = warmup.multipliedBy(warmups).plus(iteration.multipliedBy(iterations));
    return FORK_SECONDS + (warmups + iterations) * PROBE_SECONDS + measured.toMillis() / 1e3;
  }

  /** Whether one more JVM should measure what these found. */
  boolean wantsMore(Measurement found) {
    int jvms = found.jvms().size();
    return jvms < forks || (jvms < mostForks && found.result().spread() > AGREEMENT);
  }
}
