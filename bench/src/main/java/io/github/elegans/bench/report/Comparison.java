package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Latency;
import io.github.elegans.bench.report.BenchReport.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What changed from one report to another beyond the noise.
 *
 * <p>Compared are cycles, not nanoseconds: every time is multiplied by the clock that was probed in
 * the same JVM, so that a machine that runs slower for a while is not mistaken for slower code. A
 * benchmark has changed if two things hold:
 *
 * <ul>
 *   <li>its best piece changed by more than the tolerance, which is the spread of both runs'
 *       clocks, and at least {@value #LEAST_TOLERANCE};
 *   <li>the 99.9 % confidence intervals of its means do not meet.
 * </ul>
 *
 * <p>It is a regression, too, if a benchmark allocates that did not, or has no result any more
 * because it failed. Latencies count by the median of the service time alone, with twice the
 * tolerance: tails are the machine's as much as ours.
 *
 * @param before the older
 * @param after the newer
 * @param tolerance the share by which a time may differ
 * @param changes all that both have, in the order of the newer
 * @param onlyBefore benchmarks that only the older has
 * @param onlyAfter benchmarks that only the newer has
 */
public record Comparison(
    BenchReport before,
    BenchReport after,
    double tolerance,
    List<Change> changes,
    int onlyBefore,
    int onlyAfter) {
  static final double LEAST_TOLERANCE = 0.03;

  /** What became of something. */
  public enum Verdict {
    SLOWER,
    FASTER,
    ALLOCATES,
    FAILS,
    SAME;

    /** Whether it is worse than before. */
    public boolean regression() {
      return this == SLOWER || this == ALLOCATES || this == FAILS;
    }
  }

  /**
   * A pair.
   *
   * @param title what was measured
   * @param target on what
   * @param before nanoseconds, or bytes if it allocates
   * @param after the same
   * @param ratio of the cycles, after by before; NaN if there are none
   * @param verdict what became of it
   */
  public record Change(
      String title, String target, double before, double after, double ratio, Verdict verdict) {}

  /** A benchmark on a target. */
  private record Place(BenchReport.Key key, String target) {}

  /** Compares. */
  public static Comparison of(BenchReport before, BenchReport after) {
    double tolerance =
        Math.max(LEAST_TOLERANCE, Math.hypot(before.clockNoise(), after.clockNoise()));
    Map<Place, Result> old = new LinkedHashMap<>();
    before.results().forEach(r -> old.put(new Place(r.key(), r.target()), r));
    List<Change> changes = new ArrayList<>();
    int onlyAfter = 0;
    for (Result result : after.results()) {
      Result earlier = old.remove(new Place(result.key(), result.target()));
      if (earlier == null) {
        onlyAfter++;
      } else {
        changes.add(change(earlier, result, tolerance));
      }
    }
    int onlyBefore = 0;
    for (Result gone : old.values()) {
      boolean failed =
          after.failures().stream()
              .anyMatch(f -> f.title().equals(gone.title()) && f.target().equals(gone.target()));
      if (failed) {
        changes.add(
            new Change(
                gone.title(), gone.target(), gone.best(), Double.NaN, Double.NaN, Verdict.FAILS));
      } else {
        onlyBefore++;
      }
    }
    for (Latency latency : after.latencies()) {
      before.latencies().stream()
          .filter(
              l ->
                  l.target().equals(latency.target())
                      && l.network().equals(latency.network())
                      && l.stepsPerSecond() == latency.stepsPerSecond())
          .forEach(earlier -> changes.add(change(earlier, latency, 2 * tolerance)));
    }
    return new Comparison(before, after, tolerance, List.copyOf(changes), onlyBefore, onlyAfter);
  }

  private static Change change(Result before, Result after, double tolerance) {
    boolean clocks = before.clock() > 0 && after.clock() > 0;
    double clock = clocks ? after.clock() / before.clock() : 1;
    double ratio = clock * after.best() / before.best();
    Verdict verdict = Verdict.SAME;
    if (before.allocated() == 0 && after.allocated() > 0 && !after.mayAllocate()) {
      return new Change(
          after.title(), after.target(), 0, after.allocated(), ratio, Verdict.ALLOCATES);
    }
    if (ratio > 1 + tolerance
        && clock * (after.mean() - after.error()) > before.mean() + before.error()) {
      verdict = Verdict.SLOWER;
    } else if (ratio < 1 / (1 + tolerance)
        && clock * (after.mean() + after.error()) < before.mean() - before.error()) {
      verdict = Verdict.FASTER;
    }
    return new Change(after.title(), after.target(), before.best(), after.best(), ratio, verdict);
  }

  private static Change change(Latency before, Latency after, double tolerance) {
    double ratio = after.service().p50() / before.service().p50();
    Verdict verdict =
        ratio > 1 + tolerance
            ? Verdict.SLOWER
            : ratio < 1 / (1 + tolerance) ? Verdict.FASTER : Verdict.SAME;
    return new Change(
        "median of single steps, " + after.network(),
        after.target(),
        before.service().p50(),
        after.service().p50(),
        ratio,
        verdict);
  }

  /** What became worse, the worst first. */
  public List<Change> regressions() {
    return changes.stream()
        .filter(change -> change.verdict.regression())
        .sorted(Comparator.comparingDouble(Change::ratio).reversed())
        .toList();
  }

  /** What became faster, the most first. */
  public List<Change> improvements() {
    return changes.stream()
        .filter(change -> change.verdict == Verdict.FASTER)
        .sorted(Comparator.comparingDouble(Change::ratio))
        .toList();
  }

  /** The comparison as text. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("before  " + describe(before));
    lines.add("after   " + describe(after));
    if (!before.host().processor().equals(after.host().processor())) {
      lines.add("these are two processors: what differs need not be the code");
    }
    if (!before.setting().equals(after.setting())) {
      lines.add("these are two settings: the shorter one is less sure");
    }
    lines.add("");
    List<Change> worse = regressions();
    List<Change> better = improvements();
    if (!worse.isEmpty() || !better.isEmpty()) {
      TextTable table = new TextTable(2, "benchmark", "target", "before", "after", "cycles", "");
      worse.forEach(change -> table.add(cells(change)));
      better.forEach(change -> table.add(cells(change)));
      lines.addAll(table.lines());
      lines.add("");
    }
    int same = changes.size() - worse.size() - better.size();
    lines.add(
        "%s, %d faster, %d the same within the noise (tolerance %s and the intervals of the means)"
            .formatted(
                worse.size() == 1 ? "1 regression" : worse.size() + " regressions",
                better.size(),
                same,
                Numbers.percent(tolerance)));
    if (onlyBefore + onlyAfter > 0) {
      lines.add("only before: %d, only after: %d".formatted(onlyBefore, onlyAfter));
    }
    return lines;
  }

  private static String describe(BenchReport report) {
    return "%s, %s, %s%s, setting %s"
        .formatted(
            report.created(),
            report.host().processor(),
            report.build().version(),
            report.build().commit().isEmpty() ? "" : " (" + report.build().commit() + ")",
            report.setting());
  }

  private static List<String> cells(Change change) {
    boolean allocates = change.verdict == Verdict.ALLOCATES;
    return List.of(
        change.title,
        change.target,
        allocates ? "0 B/op" : Numbers.time(change.before),
        change.verdict == Verdict.FAILS
            ? "-"
            : allocates ? Numbers.digits(change.after) + " B/op" : Numbers.time(change.after),
        Double.isNaN(change.ratio) ? "-" : "x " + Numbers.digits(change.ratio),
        change.verdict.name().toLowerCase(Locale.ROOT));
  }
}
