package io.github.elegans.bench.report;

import static io.github.elegans.bench.report.Samples.NATIVE;
import static io.github.elegans.bench.report.Samples.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.elegans.bench.report.BenchReport.Jvm;
import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.bench.report.BenchReport.Target;
import io.github.elegans.bench.report.Comparison.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {

  private static BenchReport report(Result... results) {
    return Samples.report(List.of(results), List.of());
  }

  /** The same as some JVMs found it, the first one the best, with a clock and allocation. */
  private static Result with(Result r, double clock, double allocated, double... bests) {
    return with(r, true, clock, allocated, bests);
  }

  private static Result with(
      Result r, boolean coreBound, double clock, double allocated, double... bests) {
    return new Result(
        r.benchmark(),
        r.group(),
        r.parameters(),
        r.kind(),
        r.title(),
        r.target(),
        r.peer(),
        Arrays.stream(bests).mapToObj(best -> new Jvm(best, clock, 100)).toList(),
        r.iterations(),
        r.mean(),
        r.error(),
        r.lower(),
        r.median(),
        r.upper(),
        bests[0],
        r.item(),
        r.items(),
        r.flops(),
        r.bytes(),
        r.workingSet(),
        r.threads(),
        coreBound,
        clock,
        r.peak(),
        r.bandwidth(),
        allocated,
        r.mayAllocate());
  }

  /** A step as some JVMs with a clock of 3 GHz found it. */
  private static Result jvms(double... bests) {
    return with(step(NATIVE, 64, 1, 1, bests[0]), 3, 0, bests);
  }

  /** What becomes of a result beside others that stay the same. */
  private static Verdict verdict(Result before, Result after, Result... others) {
    return Comparison.of(
            report(Stream.concat(Stream.of(before), Arrays.stream(others)).toArray(Result[]::new)),
            report(Stream.concat(Stream.of(after), Arrays.stream(others)).toArray(Result[]::new)))
        .changes()
        .getFirst()
        .verdict();
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
  void nobodyKnowsWhereTheBestJvmsDiffer() {
    // Others, which agree, set the tolerance.
    Result[] quiet = new Result[20];
    Arrays.setAll(quiet, i -> step(NATIVE, 100 + i, 1, 1, 1000));
    Result sure = jvms(1000, 1500, 1010, 1400, 1020);
    Result unsure = jvms(1300, 1310, 1600);
    assertThat(sure.spread()).isCloseTo(0.02, within(1e-12));
    assertThat(verdict(sure, unsure, quiet)).isEqualTo(Verdict.SLOWER);
    assertThat(verdict(sure, jvms(1300, 1310, 1700), quiet)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(jvms(1300, 1310, 1700), sure, quiet)).isEqualTo(Verdict.UNDECIDED);
    assertThat(verdict(unsure, sure, quiet)).isEqualTo(Verdict.FASTER);
    // Of two JVMs the worse one counts.
    assertThat(verdict(sure, jvms(1300, 1700), quiet)).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void toleranceIsWhatNineOfTenBenchmarksReach() {
    Result[] noisy = new Result[20];
    Arrays.setAll(
        noisy, i -> with(step(NATIVE, 100 + i, 1, 1, 1000), 3, 0, 1000, 1000, 1000 + 10 * (i + 1)));
    Comparison comparison = Comparison.of(report(noisy), report(step(NATIVE, 100, 1, 1, 1000)));
    assertThat(comparison.tolerance()).isCloseTo(0.18, within(1e-12));
    assertThat(report(Arrays.copyOf(noisy, 2)).spread(0.9)).isCloseTo(0.02, within(1e-12));
    assertThat(report(Arrays.copyOf(noisy, 5)).spread(0.9)).isCloseTo(0.05, within(1e-12));
    assertThat(report().spread(0.9)).isZero();
    assertThat(verdict(jvms(1000, 1000, 1000), jvms(1170, 1170, 1170), noisy))
        .isEqualTo(Verdict.SAME);
    assertThat(verdict(jvms(1000, 1000, 1000), jvms(1200, 1200, 1200), noisy))
        .isEqualTo(Verdict.SLOWER);
  }

  @Test
  void slowerClockIsNotSlowerCode() {
    Result before = jvms(1000, 1000, 1000);
    Result after = step(NATIVE, 64, 1, 1, 1500);
    assertThat(verdict(before, with(after, 2, 0, 1500))).isEqualTo(Verdict.SAME);
    assertThat(verdict(before, with(after, 3, 0, 1500))).isEqualTo(Verdict.SLOWER);
    // Where no clock is known, the times themselves count.
    assertThat(verdict(with(before, 0, 0, 1000), with(after, 2, 0, 1500)))
        .isEqualTo(Verdict.SLOWER);
    assertThat(verdict(before, with(after, 0, 0, 1000))).isEqualTo(Verdict.SAME);
  }

  @Test
  void clockDoesNotCountWhereMemoryDecides() {
    Result step = step(NATIVE, 64, 1, 1, 1000);
    Result before = with(step, false, 3, 0, 1000);
    assertThat(verdict(before, with(step, false, 3.4, 0, 1000))).isEqualTo(Verdict.SAME);
    assertThat(verdict(before, with(step, false, 2, 0, 1500))).isEqualTo(Verdict.SLOWER);
    // One whose working set grew out of the caches: only the times can be compared.
    assertThat(verdict(jvms(1000), with(step, false, 2, 0, 1500))).isEqualTo(Verdict.SLOWER);
  }

  @Test
  void allocationIsARegression() {
    Result before = jvms(1000);
    Result after = with(before, 3, 24, 1000);
    assertThat(verdict(before, after)).isEqualTo(Verdict.ALLOCATES);
    assertThat(verdict(after, after)).isEqualTo(Verdict.SAME);
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
    // Not that of the peer.
    assertThat(comparison.changes()).hasSize(Samples.report().results().size() - 1);
    assertThat(comparison.lines().getLast())
        .isEqualTo("0 regressions, 0 faster, 8 the same within 3.1 %, 0 undecided");
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
