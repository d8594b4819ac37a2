package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.report.BenchReport.Quantity;
import io.github.elegans.cli.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small report from the command line, in JVMs as a large one, and comparisons of it. */
class BenchCommandReportTest {
  @TempDir private static Path directory;

  private static CommandLineRun run;

  @BeforeAll
  static void measure() {
    System.setProperty("jmh.ignoreLock", "true");
    run =
        CommandLineRun.of(
            "bench", "call", "--backend", "scalar", "--setting", "quick", "--report", directory);
  }

  @Test
  void everythingIsMeasured() throws IOException {
    assertThat(run.err()).isEmpty();
    BenchReport report = ReportFile.read(directory.resolve("report.json"));
    assertThat(report.whole()).isTrue();
    assertThat(report.failures()).isEmpty();
    assertThat(report.targetNames()).containsExactly("scalar (scalar Java)");
    assertThat(report.limits())
        .extracting(BenchReport.Limit::quantity)
        .containsExactly(Quantity.values());
    assertThat(report.limits()).allMatch(limit -> limit.best() > 0);
    assertThat(report.results()).isNotEmpty().allMatch(r -> r.mean() > 0 && r.clock() > 0);
    BenchReport.Latency latency = report.latencies().getFirst();
    assertThat(latency.service().count()).isEqualTo(latency.steps());
    assertThat(latency.response().p50()).isGreaterThanOrEqualTo(latency.service().p50());
    // Slow steps leave no time for waits.
    assertThat(latency.waits().count()).isBetween(0L, latency.steps());
    assertThat(report.starts().getFirst().firstMillis()).isPositive();
    assertThat(report.starts().getFirst().steadyMillis())
        .isGreaterThanOrEqualTo(report.starts().getFirst().firstMillis());
    // A CfC (16, 128, 64) has 80 x 128 + 128 x 256 weights, and biases; its pages are rounded up.
    assertThat(report.footprints().getFirst().network().value())
        .isBetween(4.0 * (80 * 128 + 128 * 256), 4.4 * (80 * 128 + 128 * 256));
    assertThat(run.out()).contains("Report: " + directory.resolve("index.html"), "left]");
    assertThat(Files.readString(directory.resolve("index.html"))).contains("<svg", "</html>");
    assertThat(Files.readString(directory.resolve("report.csv"))).contains("response p99.9");
  }

  @Test
  void reportHasNotChangedAgainstItself() {
    Path file = directory.resolve("report.json");
    assertThat(CommandLineRun.of("bench", "--compare", file, file).succeeds().out())
        .contains("0 regressions, 0 faster");
  }

  @Test
  void regressionIsAnExitStatus() throws IOException {
    BenchReport report = ReportFile.read(directory.resolve("report.json"));
    String title = report.results().getFirst().title();
    BenchReport.Failure failure =
        new BenchReport.Failure(title, report.results().getFirst().target(), "died");
    Path worse = write("worse.json", report, true, List.of(failure));
    CommandLineRun compared =
        CommandLineRun.of("bench", "--compare", directory.resolve("report.json"), worse);
    assertThat(compared.status()).isEqualTo(1);
    assertThat(compared.out()).contains("1 regression,", title);
  }

  @Test
  void comparisonOfNothingIsWrongUsage() throws IOException {
    Path file = directory.resolve("report.json");
    BenchReport report = ReportFile.read(file);
    Path empty = write("empty.json", report, true, List.of());
    CommandLineRun.of("bench", "--compare", file, empty)
        .fails(2, "have no benchmark on the same backend and tier in common");
    Path broken = write("broken.json", report, false, List.of());
    CommandLineRun.of("bench", "--compare", broken, file).fails(2, "broken off");
  }

  /** A report without results. */
  private static Path write(
      String name, BenchReport report, boolean whole, List<BenchReport.Failure> failures)
      throws IOException {
    Path file = directory.resolve(name);
    ReportFile.write(
        new BenchReport(
            report.format(),
            report.created(),
            report.setting(),
            report.seconds(),
            whole,
            report.build(),
            report.host(),
            report.targets(),
            report.limits(),
            List.of(),
            failures,
            report.latencies(),
            report.starts(),
            report.footprints(),
            report.noise()),
        file);
    return file;
  }

  @Test
  void badFilesAreWrongUsage() throws IOException {
    Path bad = Files.writeString(directory.resolve("bad.json"), "{");
    CommandLineRun.of("bench", "--compare", bad, bad).fails(2, "is no report");
    Path none = directory.resolve("none.json");
    CommandLineRun.of("bench", "--compare", none, none).fails(2, "there is no such file");
    CommandLineRun.of("bench", "--report", bad).fails(2, "must be a directory");
  }
}
