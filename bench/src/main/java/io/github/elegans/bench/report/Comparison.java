package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Failure;
import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.bench.report.BenchReport.Target;
import io.github.elegans.checks.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What changed from one report to another beyond the noise.
 *
 * <p>Compared are cycles, not nanoseconds: every best time is multiplied by the clock that was
 * probed in the same JVM, so that a machine that runs slower for a while is not mistaken for slower
 * code; nanoseconds are where the core's clock does not decide, because memory does. Others on the
 * machine can only make a JVM slower, so the best of the JVMs counts; how far it may still be from
 * the truth, its {@linkplain Result#spread() spread} says. A benchmark has changed if these differ
 *
 * <ul>
 *   <li>by more than the tolerance, which is the spread that nine of ten benchmarks of either run
 *       have at most, and at least {@value #LEAST_TOLERANCE};
 *   <li>and by more than either spread of the benchmark itself.
 * </ul>
 *
 * <p>If only the first holds, nobody can tell: a longer setting may. It is a regression, too, if a
 * benchmark allocates that did not, if something failed that did not, or if a backend that could
 * run cannot any more, or only on another tier. Not compared are other libraries, and latencies:
 * their medians are the times of the steps, and their tails are the machine's as much as ours.
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
    UNDECIDED,
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
   * @param ratio of the cycles or nanoseconds, after by before; NaN if there are none
   * @param verdict what became of it
   */
  public record Change(
      String title, String target, double before, double after, double ratio, Verdict verdict) {}

  /** A benchmark on a target. */
  private record Place(BenchReport.Key key, String target) {}

  /** Compares. */
  public static Comparison of(BenchReport before, BenchReport after) {
    double tolerance = Math.max(LEAST_TOLERANCE, Math.max(before.spread(0.9), after.spread(0.9)));
    Map<Place, Result> old = new LinkedHashMap<>();
    before.ours().forEach(r -> old.put(new Place(r.key(), r.target()), r));
    List<Change> changes = new ArrayList<>(losses(before, after));
    int onlyAfter = 0;
    for (Result result : after.ours()) {
      Result earlier = old.remove(new Place(result.key(), result.target()));
      if (earlier == null) {
        onlyAfter++;
      } else {
        changes.add(change(earlier, result, tolerance));
      }
    }
    int onlyBefore = old.size();
    return new Comparison(before, after, tolerance, List.copyOf(changes), onlyBefore, onlyAfter);
  }

  /** Backends that could run, and parts that had a result. */
  private static List<Change> losses(BenchReport before, BenchReport after) {
    List<Change> losses = new ArrayList<>();
    List<String> names = after.targetNames();
    for (Target target : before.targets()) {
      if (target.name().isEmpty() || target.peer() || names.contains(target.name())) {
        continue;
      }
      // One that the newer run was not to measure is not in its list.
      after.targets().stream()
          .filter(other -> other.backend().equals(target.backend()))
          .findFirst()
          .ifPresent(
              other ->
                  losses.add(
                      failed(
                          other.name().isEmpty()
                              ? "cannot run: " + other.note()
                              : "runs as " + other.name() + " only",
                          target.name())));
    }
    for (Failure failure : after.failures()) {
      boolean known =
          before.failures().stream()
              .anyMatch(
                  f -> f.title().equals(failure.title()) && f.target().equals(failure.target()));
      boolean peer =
          after.targets().stream().anyMatch(t -> t.peer() && t.name().equals(failure.target()));
      if (!known && !peer) {
        losses.add(failed(failure.title(), failure.target()));
      }
    }
    return losses;
  }

  private static Change failed(String title, String target) {
    return new Change(title, target, Double.NaN, Double.NaN, Double.NaN, Verdict.FAILS);
  }

  private static Change change(Result before, Result after, double tolerance) {
    double ratio =
        before.inCycles() == after.inCycles()
            ? after.cost() / before.cost()
            : after.best() / before.best();
    if (before.allocated() == 0 && after.allocated() > 0 && !after.mayAllocate()) {
      return new Change(
          after.title(), after.target(), 0, after.allocated(), ratio, Verdict.ALLOCATES);
    }
    double factor = Math.max(ratio, 1 / ratio);
    double spread = Math.max(before.spread(), after.spread());
    Verdict verdict;
    if (factor <= 1 + tolerance) {
      verdict = Verdict.SAME;
    } else if (factor <= 1 + spread) {
      verdict = Verdict.UNDECIDED;
    } else {
      verdict = ratio > 1 ? Verdict.SLOWER : Verdict.FASTER;
    }
    return new Change(after.title(), after.target(), before.best(), after.best(), ratio, verdict);
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

  private long count(Verdict verdict) {
    return changes.stream().filter(change -> change.verdict == verdict).count();
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
      TextTable table = new TextTable(2, "benchmark", "target", "before", "after", "ratio", "");
      worse.forEach(change -> table.add(cells(change)));
      better.forEach(change -> table.add(cells(change)));
      lines.addAll(table.lines());
      lines.add("");
    }
    lines.add(
        "%s, %d faster, %d the same within %s, %d undecided"
            .formatted(
                Words.count(worse.size(), "regression"),
                better.size(),
                count(Verdict.SAME),
                Numbers.percent(tolerance),
                count(Verdict.UNDECIDED)));
    if (count(Verdict.UNDECIDED) > 0) {
      lines.add(
          "undecided: the best times differ, but so do those of the JVMs; a longer setting may tell");
    }
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
    List<String> values =
        switch (change.verdict) {
          case ALLOCATES -> List.of("0 B/op", Numbers.digits(change.after) + " B/op");
          case FAILS -> List.of("", "");
          default -> List.of(Numbers.time(change.before), Numbers.time(change.after));
        };
    return List.of(
        change.title,
        change.target,
        values.getFirst(),
        values.getLast(),
        Double.isNaN(change.ratio) ? "" : "x " + Numbers.digits(change.ratio),
        change.verdict.name().toLowerCase(Locale.ROOT));
  }
}
