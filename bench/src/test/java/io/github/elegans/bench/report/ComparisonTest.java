package io.github.elegans.bench.report;

import static io.github.elegans.bench.report.Samples.NATIVE;
import static io.github.elegans.bench.report.Samples.step;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.bench.report.Comparison.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {

  private static BenchReport report(Result... results) {
    return Samples.report(List.of(results), List.of());
  }

  /** The same with another error and clock. */
  private static Result with(Result r, double error, double clock, double allocated) {
    return new Result(
        r.benchmark(),
        r.group(),
        r.parameters(),
        r.kind(),
        r.title(),
        r.target(),
        r.mean(),
        error,
        r.median(),
        r.best(),
        r.item(),
        r.items(),
        r.flops(),
        r.bytes(),
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
  void meansWhoseIntervalsMeetAreTheSame() {
    Result before = with(step(NATIVE, 64, 1, 1, 1000), 100, 3, 0);
    Result after = step(NATIVE, 64, 1, 1, 1100);
    assertThat(verdict(before, with(after, 1, 3, 0))).isEqualTo(Verdict.SAME);
    assertThat(verdict(with(before, 90, 3, 0), with(after, 1, 3, 0))).isEqualTo(Verdict.SLOWER);
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
    Comparison less = Comparison.of(report(small, large), report(small));
    assertThat(less.regressions()).isEmpty();
    assertThat(less.onlyBefore()).isEqualTo(1);
    assertThat(Comparison.of(report(small), report(small, large)).onlyAfter()).isEqualTo(1);
  }

  @Test
  void sameReportHasNoChange() {
    Comparison comparison = Comparison.of(Samples.report(), Samples.report());
    assertThat(comparison.regressions()).isEmpty();
    assertThat(comparison.improvements()).isEmpty();
    // One more than the benchmarks: the latency.
    assertThat(comparison.changes()).hasSize(Samples.report().results().size() + 1);
    assertThat(comparison.lines().getLast())
        .isEqualTo(
            "0 regressions, 0 faster, 10 the same within the noise"
                + " (tolerance 3.0 % and the intervals of the means)");
  }

  @Test
  void changesAreListedTheWorstFirst() {
    Comparison comparison =
        Comparison.of(
            report(step(NATIVE, 32, 1, 1, 500), step(NATIVE, 64, 1, 1, 1000)),
            report(step(NATIVE, 32, 1, 1, 600), step(NATIVE, 64, 1, 1, 2000)));
    assertThat(comparison.lines())
        .contains(
            "benchmark                  target              before    after  cycles",
            "cfc step 16,64,64 batch 1  native (x86-64-v3)  980 ns  1.96 µs  x 2.00  slower");
  }
}
