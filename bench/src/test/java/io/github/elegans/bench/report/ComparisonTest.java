package io.github.elegans.bench.report;

import static io.github.elegans.bench.report.Samples.NATIVE;
import static io.github.elegans.bench.report.Samples.step;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.bench.report.BenchReport.Target;
import io.github.elegans.bench.report.Comparison.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {

  private static BenchReport report(Result... results) {
    return Samples.report(List.of(results), List.of());
  }

  /** The same with other quartiles, another clock and allocation. */
  private static Result with(Result r, double half, double clock, double allocated) {
    return with(r, r.error(), half, clock, allocated);
  }

  /** The same with an interval of the mean as wide as that. */
  private static Result wide(Result r) {
    return with(r, r.mean(), r.upper() - r.median(), r.clock(), r.allocated());
  }

  private static Result with(Result r, double error, double half, double clock, double allocated) {
    return new Result(
        r.benchmark(),
        r.group(),
        r.parameters(),
        r.kind(),
        r.title(),
        r.target(),
        r.peer(),
        r.forks(),
        r.iterations(),
        r.mean(),
        error,
        r.median() - half,
        r.median(),
        r.median() + half,
        r.best(),
        r.item(),
        r.items(),
        r.flops(),
        r.bytes(),
        r.workingSet(),
        r.threads(),
        clock,
        r.peak(),
        r.bandwidth(),
        allocated,
        r.mayAllocate());
  }

  private static Verdict verdict(Result before, Result after) {
    return Comparison.of(report(before), report(after)).changes().getFirst().verdict();
  }

  @ParameterizedTest
  @CsvSource({
    "1000, SAME",
    "1029, SAME",
    "1040, SLOWER",
    "1500, SLOWER",
    "971, SAME",
    "960, FASTER",
    "500, FASTER",
  })
  void timesCount(double nanos, Verdict expected) {
    Result before = step(NATIVE, 64, 1, 1, 1000);
    assertThat(verdict(before, step(NATIVE, 64, 1, 1, nanos))).isEqualTo(expected);
  }

  @Test
  void nobodyKnowsIfTheQuartilesMeet() {
    Result before = step(NATIVE, 64, 1, 1, 1000);
    Result after = with(step(NATIVE, 64, 1, 1, 1100), 1, 3, 0);
    assertThat(verdict(with(before, 100, 3, 0), after)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(with(before, 90, 3, 0), after)).isEqualTo(Verdict.SLOWER);
    assertThat(verdict(after, with(before, 100, 3, 0))).isEqualTo(Verdict.UNDECIDED);
    Comparison comparison = Comparison.of(report(with(before, 100, 3, 0)), report(after));
    assertThat(comparison.regressions()).isEmpty();
    assertThat(comparison.lines()).anyMatch(line -> line.endsWith(", 1 undecided"));
  }

  @Test
  void noiseOfAQuarterOfTheIterationsHidesNothing() {
    // The interval of five iterations' mean, one of them disturbed, may be as wide as the mean.
    Result before = step(NATIVE, 64, 1, 1, 1000);
    Result after = step(NATIVE, 64, 1, 1, 1500);
    assertThat(verdict(wide(before), wide(after))).isEqualTo(Verdict.SLOWER);
  }

  @Test
  void slowerClockIsNotSlowerCode() {
    Result before = with(step(NATIVE, 64, 1, 1, 1000), 10, 3, 0);
    Result after = step(NATIVE, 64, 1, 1, 1500);
    assertThat(verdict(before, with(after, 15, 2, 0))).isEqualTo(Verdict.SAME);
    assertThat(verdict(before, with(after, 15, 3, 0))).isEqualTo(Verdict.SLOWER);
    // Where no clock is known, the times themselves count.
    assertThat(verdict(with(before, 10, 0, 0), with(after, 15, 2, 0))).isEqualTo(Verdict.SLOWER);
  }

  @Test
  void allocationIsARegression() {
    Result before = step(NATIVE, 64, 1, 1, 1000);
    assertThat(verdict(before, with(before, 10, 3, 24))).isEqualTo(Verdict.ALLOCATES);
    assertThat(verdict(with(before, 10, 3, 24), with(before, 10, 3, 24))).isEqualTo(Verdict.SAME);
  }

  @Test
  void failureIsARegressionAndALackIsNot() {
    Result small = step(NATIVE, 32, 1, 1, 500);
    Result large = step(NATIVE, 64, 1, 1, 1000);
    Comparison failed =
        Comparison.of(
            report(small, large),
            Samples.report(
                List.of(small), List.of(new BenchReport.Failure(large.title(), NATIVE, "died"))));
    assertThat(failed.regressions())
        .extracting(Comparison.Change::verdict)
        .containsExactly(Verdict.FAILS);
    assertThat(failed.lines()).anyMatch(line -> line.endsWith("fails"));
    // What failed before, too, is no news.
    assertThat(Comparison.of(failed.after(), failed.after()).regressions()).isEmpty();
    Comparison less = Comparison.of(report(small, large), report(small));
    assertThat(less.regressions()).isEmpty();
    assertThat(less.onlyBefore()).isEqualTo(1);
    assertThat(Comparison.of(report(small), report(small, large)).onlyAfter()).isEqualTo(1);
  }

  @Test
  void backendThatIsLostIsARegression() {
    Result result = step(NATIVE, 32, 1, 1, 500);
    BenchReport before = report(result);
    BenchReport lost = Samples.bare(List.of(new Target("", "native", "no library", false)));
    assertThat(Comparison.of(before, lost).lines())
        .anyMatch(line -> line.startsWith("cannot run: no library") && line.endsWith("fails"));
    BenchReport narrower = Samples.bare(List.of(new Target("native (128)", "native", "", false)));
    assertThat(Comparison.of(before, narrower).regressions()).hasSize(1);
    // Not asked for.
    assertThat(Comparison.of(before, Samples.bare(List.of())).regressions()).isEmpty();
  }

  @Test
  void otherLibrariesAreNotCompared() {
    Comparison comparison =
        Comparison.of(
            report(step(Samples.PEER, 64, 1, 1, 1000)), report(step(Samples.PEER, 64, 1, 1, 9000)));
    assertThat(comparison.regressions()).isEmpty();
  }

  @Test
  void sameReportHasNoChange() {
    Comparison comparison = Comparison.of(Samples.report(), Samples.report());
    assertThat(comparison.regressions()).isEmpty();
    assertThat(comparison.improvements()).isEmpty();
    // Not that of the peer, but the latency.
    assertThat(comparison.changes()).hasSize(Samples.report().results().size());
    assertThat(comparison.lines().getLast())
        .isEqualTo("0 regressions, 0 faster, 9 the same within 3.0 %, 0 undecided");
  }

  @Test
  void changesAreListedTheWorstFirst() {
    Comparison comparison =
        Comparison.of(
            report(step(NATIVE, 32, 1, 1, 500), step(NATIVE, 64, 1, 1, 1000)),
            report(step(NATIVE, 32, 1, 1, 600), step(NATIVE, 64, 1, 1, 2000)));
    assertThat(comparison.lines())
        .contains(
            "benchmark                  target              before    after   ratio",
            "cfc step 16,64,64 batch 1  native (x86-64-v3)  980 ns  1.96 µs  x 2.00  slower");
  }
}
