package io.github.elegans.bench.jmh;

/**
 * How much a report measures beside the benchmarks.
 *
 * @param stepsPerSecond the rate of single steps
 * @param steps how many of them
 * @param starts how many JVMs are started for each target
 * @param startSeconds how long each of them runs
 */
record Extent(double stepsPerSecond, long steps, int starts, double startSeconds) {
  private static final double RATE = 10_000;

  /** Seconds of a JVM that probes all limits. */
  static final double LIMITS_SECONDS = 5;

  /** Seconds of a JVM beyond what is said here. */
  static final double JVM_SECONDS = 1.5;

  static Extent of(Setting setting) {
    return switch (setting.name()) {
      case "quick" -> new Extent(RATE, 20_000, 1, 2.5);
      case "short" -> new Extent(RATE, 100_000, 2, 5);
      default -> new Extent(RATE, 1_000_000, 5, 10);
    };
  }

  /** About how many seconds the steps of a target take. */
  double latencySeconds() {
    return JVM_SECONDS + 1.1 * steps / stepsPerSecond;
  }
}
