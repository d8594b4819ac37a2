package io.github.elegans.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.bench.peers.Peers;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.runner.RunnerException;

/** Every benchmark runs, and the whole way to a fork and back. */
class BenchmarksTest {
  private static final Setting TINY =
      new Setting("tiny", 0, 0, 1, Duration.ofMillis(2), 3, Duration.ofMillis(2));

  @BeforeAll
  static void besideOtherRuns() {
    System.setProperty("jmh.ignoreLock", "true");
  }

  /** Each benchmark once, with small shapes. */
  static Set<BenchmarkCase> each() {
    return new Selection(
            // The growth of the cost is measured by the benchmarks of the others.
            EnumSet.complementOf(EnumSet.of(Family.GROWTH)),
            List.of(new DenseShape(3, 5, 7)),
            List.of(new CfcShape(2, 3, 5)),
            List.of(3),
            List.of(2),
            List.of(),
            List.of(Activation.TANH))
        .cases(TINY);
  }

  private static BenchmarkRun run(Setting setting, Set<Family> families, Optional<Path> results) {
    return new BenchmarkRun(
        new Selection(families, List.of(), List.of(), List.of(), List.of(1), List.of(), List.of()),
        setting,
        List.of("scalar"),
        List.of(),
        List.of(),
        results,
        false,
        List.of());
  }

  private static CapturingFormat silent() {
    return new CapturingFormat(false, new PrintWriter(new StringWriter()));
  }

  @ParameterizedTest
  @MethodSource("each")
  void benchmarkRunsAndIsReported(BenchmarkCase what) throws RunnerException {
    Measurement measurement =
        Measurement.of(
            what,
            "scalar (scalar Java)",
            false,
            BenchmarkRun.run(what, TINY, "scalar", List.of(), silent()));
    assertThat(measurement.median()).isPositive();
    assertThat(measurement.best()).isPositive().isLessThanOrEqualTo(measurement.median());
    assertThat(measurement.error()).isPositive();
    assertThat(measurement.allocation().bytes()).isNotNegative().isFinite();
    assertThat(measurement.allocation().operations()).isPositive();
    assertThat(measurement.limits().clock()).isPositive();
    assertThat(measurement.limits().peak()).isPositive();
    assertThat(measurement.limits().readL1()).isPositive();
    assertThat(measurement.limits().readL2()).isPositive();
    assertThat(measurement.cyclesPerItem()).isPositive().isFinite();
    if (measurement.workload().bytes() > 0) {
      assertThat(measurement.limits().read()).isPositive();
      assertThat(measurement.shareOfRoof()).isPositive().isFinite();
    }
    assertThat(new MeasurementTables(List.of(measurement)).lines())
        .anyMatch(line -> line.contains("scalar (scalar Java)") && line.contains("s  "));
  }

  @Test
  void peerIsMeasuredBesideTheBackends() throws IOException, InterruptedException {
    StringWriter text = new StringWriter();
    Setting fork = new Setting("fork", 1, 1, 1, Duration.ofMillis(2), 3, Duration.ofMillis(2));
    new BenchmarkRun(
            new Selection(
                EnumSet.of(Family.CFC),
                List.of(),
                List.of(new CfcShape(2, 3, 5)),
                List.of(3),
                List.of(1),
                List.of(),
                List.of()),
            fork,
            List.of("scalar"),
            List.of(),
            List.of(),
            Optional.empty(),
            false,
            List.of(Peers.named("Java loops")))
        .run(new PrintWriter(text));
    assertThat(text.toString())
        .contains(
            "cfc step 2,3,5 batch 3, scalar (scalar Java): ",
            "cfc step 2,3,5 batch 3, Java loops: ",
            "cfc sequence 2,3,5 batch 3 T=100, Java loops: ",
            "times as long",
            "(2 of 2 benchmarks at 0 B/op)")
        .doesNotContain("Failed:");
  }

  @Test
  void peerThatDoesNotDoItIsNotMeasured() {
    BenchmarkCase empty = new BenchmarkCase(Workload.EMPTY_MATH);
    assertThat(PeerBenchmark.task(empty)).isEmpty();
    BenchmarkCase step = new BenchmarkCase(Workload.STEP).with("shape", "2,3,5").with("batch", 3);
    assertThat(PeerBenchmark.task(step)).isPresent();
    assertThat(PeerBenchmark.task(step.with("threads", 2))).isEmpty();
    assertThat(PeerBenchmark.task(step.with("accuracy", Accuracy.FAST))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("each")
  void caseGoesThroughAParameter(BenchmarkCase what) {
    assertThat(BenchmarkCase.parse(what.encoded())).isEqualTo(what);
  }

  @Test
  void eachBenchmarkIsThere() {
    assertThat(each().stream().map(BenchmarkCase::benchmark))
        .contains(
            Workload.FLOAT32,
            Workload.FLOAT64,
            Workload.GRADIENT,
            Workload.DENSE,
            Workload.STEP,
            Workload.SEQUENCE,
            Workload.NETWORK,
            Workload.NETWORK_SEQUENCE,
            Workload.ODE,
            Workload.TRAINING,
            Workload.WEIGHT_GRADIENT,
            Workload.TRAINING_KERNEL,
            Workload.EMPTY_MATH,
            Workload.EMPTY_STEP);
  }

  @Test
  void backendThatIsNotThereFails() {
    BenchmarkCase what = new BenchmarkCase(Workload.EMPTY_MATH);
    assertThatThrownBy(() -> BenchmarkRun.run(what, TINY, "none", List.of(), silent()))
        .isInstanceOf(RunnerException.class)
        .satisfies(
            e -> assertThat(BenchmarkRun.reason(e, "")).startsWith("unknown backend 'none'"));
  }

  @Test
  void forkMeasuresAndTells(@TempDir Path directory) throws IOException, InterruptedException {
    Path results = directory.resolve("results.json");
    StringWriter text = new StringWriter();
    Setting fork = new Setting("fork", 1, 1, 1, Duration.ofMillis(2), 3, Duration.ofMillis(2));
    boolean passed =
        run(fork, EnumSet.of(Family.CALL), Optional.of(results)).run(new PrintWriter(text));
    assertThat(text.toString())
        .contains("scalar (scalar Java)", "[1/", "0:00 left]", "B/op", "FMA peak GFLOP/s")
        .doesNotContain("Failed:");
    assertThat(passed).isEqualTo(text.toString().contains("Allocation after warm-up: OK"));
    assertThat(Files.readString(results))
        .contains("EmptyCallBenchmark.math", RooflineProfiler.PEAK, "-Delegans.bench.expected=");
  }

  @Test
  void forkThatIsNotWhatWasAskedForRefuses() throws IOException, InterruptedException {
    ForkTarget.Jvm jvm = ForkTarget.ask(List.of());
    assertThat(jvm.description()).contains(Runtime.version().toString());
    assertThat(jvm.targets()).anyMatch(target -> target.tier().equals("scalar (scalar Java)"));
    Setting fork = new Setting("fork", 1, 1, 1, Duration.ofMillis(2), 1, Duration.ofMillis(2));
    List<String> other = List.of("-D%s=something else".formatted(RunningJvm.EXPECTED));
    assertThatThrownBy(
            () ->
                BenchmarkRun.run(
                    new BenchmarkCase(Workload.EMPTY_MATH), fork, "scalar", other, silent()))
        .isInstanceOf(RunnerException.class)
        .satisfies(
            e ->
                assertThat(BenchmarkRun.reason(e, ""))
                    .isEqualTo(
                        "this fork must run on something else, but runs on scalar (scalar Java)"));
  }

  @Test
  void forkThatDiesIsExplained() {
    RunnerException gone =
        new RunnerException("", new IllegalStateException("Forked VM failed with exit code 134"));
    assertThat(BenchmarkRun.reason(gone, "# A fatal error\n#\n#  SIGSEGV (0xb) at pc=0x0\n"))
        .isEqualTo("Forked VM failed with exit code 134: #  SIGSEGV (0xb) at pc=0x0");
    assertThat(BenchmarkRun.reason(gone, "nothing"))
        .isEqualTo("Forked VM failed with exit code 134");
    assertThat(BenchmarkRun.reason(new RunnerException("ERROR: locked"), ""))
        .isEqualTo("ERROR: locked");
    assertThat(BenchmarkRun.reason(new RunnerException("", new OutOfMemoryError("heap")), ""))
        .isEqualTo("OutOfMemoryError: heap");
  }

  @Test
  void jvmThatDoesNotStartIsAnError() {
    assertThatThrownBy(() -> ForkTarget.ask(List.of("-XX:NoSuchOption=1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-XX:NoSuchOption=1");
  }
}
