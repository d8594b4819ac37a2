package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.BenchReport.Reading;
import io.github.elegans.bench.report.BenchReport.Start;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** From the start of the process to the first result, and on to the steady state. */
final class StartTask {
  /** Steps are timed together for so long. */
  private static final double SLICE_MILLIS = 2;

  /** The steady state is within so much of the final time. */
  private static final double STEADY = 1.25;

  /** Single slices may be disturbed: a slice is judged with its neighbours. */
  private static final int NEIGHBOURS = 5;

  private static final double CURVE_RATIO = 1.12;
  private static final int ENERGY_STEPS = 100_000;

  private StartTask() {}

  /**
   * Runs it.
   *
   * @param started when the process was started, in milliseconds of the epoch
   * @param seconds how long to look on after the first result
   */
  static Start run(String target, String backend, double started, double seconds) {
    double offset = epochMillis() - started - System.nanoTime() * 1e-6;
    Subject subject = new Subject(Subject.network(Subject.kernels(backend)));
    subject.step();
    double first = System.nanoTime() * 1e-6 + offset;
    List<Start.Point> slices = new ArrayList<>();
    double now = first;
    while (now - first < seconds * 1e3) {
      double begin = now;
      int steps = 0;
      do {
        subject.step();
        steps++;
        now = System.nanoTime() * 1e-6 + offset;
      } while (now - begin < SLICE_MILLIS);
      slices.add(new Start.Point(now, (now - begin) * 1e6 / steps));
    }
    double steadyNanos = median(slices.subList(slices.size() * 2 / 3, slices.size()));
    double steady = first;
    for (int i = 0; i + NEIGHBOURS <= slices.size(); i++) {
      if (median(slices.subList(i, i + NEIGHBOURS)) > STEADY * steadyNanos) {
        steady = slices.get(i + NEIGHBOURS / 2).x();
      }
    }
    Reading joules =
        Energy.below(Energy.POWERCAP)
            .during(
                () -> {
                  for (int i = 0; i < ENERGY_STEPS; i++) {
                    subject.step();
                  }
                });
    return new Start(
        target,
        Subject.TITLE,
        first,
        steady,
        steadyNanos,
        1,
        curve(slices),
        joules.known() ? Reading.of(joules.value() * (1e6 / ENERGY_STEPS)) : joules);
  }

  private static double epochMillis() {
    var now = java.time.Instant.now();
    return now.getEpochSecond() * 1e3 + now.getNano() * 1e-6;
  }

  /** Points at times that grow by a ratio: medians of what lies between. */
  private static List<Start.Point> curve(List<Start.Point> slices) {
    List<Start.Point> curve = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < slices.size(); i++) {
      boolean last = i == slices.size() - 1;
      if (last || slices.get(i + 1).x() > CURVE_RATIO * slices.get(from).x()) {
        List<Start.Point> some = slices.subList(from, i + 1);
        curve.add(new Start.Point(some.get(some.size() / 2).x(), median(some)));
        from = i + 1;
      }
    }
    return curve;
  }

  private static double median(List<Start.Point> slices) {
    double[] sorted = slices.stream().mapToDouble(Start.Point::y).toArray();
    Arrays.sort(sorted);
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }
}
