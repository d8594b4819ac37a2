package io.github.elegans.bench.jmh;

import io.github.elegans.bench.report.Numbers;

/** How much of a run is left, by what its parts were expected to take and took. */
final class Progress {
  /** The expectations count like so many seconds of the run, so that its begin does not mislead. */
  private static final double TRUST_SECONDS = 6;

  private int total;
  private double expectedSeconds;
  private final long begin = System.nanoTime();
  private int begun;
  private double doneSeconds;

  /**
   * A run that has not begun.
   *
   * @param total how many parts it should have
   * @param expectedSeconds how long all of them should take
   */
  Progress(int total, double expectedSeconds) {
    this.total = total;
    this.expectedSeconds = expectedSeconds;
  }

  /** Begins a part, and names it. */
  String next() {
    begun++;
    String all = Integer.toString(total);
    return ("[%" + all.length() + "d/%s]").formatted(begun, all);
  }

  /**
   * A part of so many seconds was put behind those that wait; it may be one more than was expected.
   *
   * @param waiting how many wait now
   */
  void queued(int waiting, double seconds) {
    if (begun + waiting > total) {
      total++;
      expectedSeconds += seconds;
    }
  }

  /** So many parts of so many seconds each will not come. */
  void dropped(int parts, double seconds) {
    total -= parts;
    expectedSeconds -= parts * seconds;
  }

  /** A part is done that should have taken so long. */
  void done(double seconds) {
    doneSeconds += seconds;
  }

  double secondsLeft() {
    double taken = (System.nanoTime() - begin) / 1e9;
    double slowness = (taken + TRUST_SECONDS) / (doneSeconds + TRUST_SECONDS);
    return Math.max(0, expectedSeconds - doneSeconds) * (doneSeconds == 0 ? 1 : slowness);
  }

  /** What is left, for people. */
  String left() {
    return "[%s left]".formatted(Numbers.clock(secondsLeft()));
  }
}
