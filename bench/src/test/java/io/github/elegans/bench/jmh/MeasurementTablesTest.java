package io.github.elegans.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.report.BenchReport;
import io.github.elegans.bench.report.Numbers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people get to read. */
class MeasurementTablesTest {
  private static final String NATIVE = "native (x86-64-v4)";
  private static final String VECTOR = "vector (512-bit species)";

  private static final BenchmarkCase STEP =
      new BenchmarkCase(Workload.STEP)
          .with("shape", "16,128,64")
          .with("batch", 24)
          .with("accuracy", "ACCURATE")
          .with("threads", 1);

  private static final BenchmarkCase TANH =
      new BenchmarkCase(Workload.FLOAT32)
          .with("function", "TANH")
          .with("accuracy", "FAST")
          .with("elements", 4096);

  private static Measurement measurement(
      BenchmarkCase what, String backend, double median, double bytes) {
    return measurement(what, backend, false, median, bytes);
  }

  private static Measurement measurement(
      BenchmarkCase what, String backend, boolean isPeer, double median, double bytes) {
    return new Measurement(
        what,
        backend,
        median,
        median,
        median,
        median,
        median * 0.98,
        0.0123,
        new Measurement.Allocation(bytes, 1000),
        new Measurement.Limits(3.69, 118, 222, 117, 110),
        List.of(new BenchReport.Jvm(median * 0.98, 3.69, 118)),
        6,
        isPeer);
  }

  @Test
  void tables() {
    MeasurementTables report =
        new MeasurementTables(
            List.of(
                measurement(STEP, VECTOR, 22_430, 160),
                measurement(STEP, NATIVE, 21_870, 0),
                measurement(TANH, NATIVE, 1_887, 32_000)));
    assertThat(report.lines())
        .startsWith(
            "",
            "CfC, single steps through a session (I,U,H)",
            "shape      batch  accuracy  threads  backend                   time/op      ±     best"
                + "  time/sample  GFLOP/s  of peak  of roof  B/op",
            "16,128,64  24     accurate  1        vector (512-bit species)  22.4 µs  1.2 %  22.0 µs"
                + "       916 ns     93.9     80 %     80 %     0  OK",
            "16,128,64  24     accurate  1        native (x86-64-v4)        21.9 µs  1.2 %  21.4 µs"
                + "       893 ns     96.3     82 %     82 %     0  OK",
            "",
            "Elementwise functions, float32",
            "function  accuracy  elements  backend             time/op      ±     best"
                + "  cycles/element  of roof  B/op",
            "tanh      fast      4096      native (x86-64-v4)  1.89 µs  1.2 %  1.85 µs"
                + "            1.67     36 %  32.0  FAIL",
            "",
            "The machine on one thread, as the JVMs found it (lowest - highest)");
    assertThat(report.lines())
        .contains(
            "backend                   clock GHz  FMA peak GFLOP/s  FLOP/cycle  L1 read GB/s"
                + "  L2 read GB/s",
            "vector (512-bit species)       3.69               118        32.0           222"
                + "           117");
    assertThat(report.allocating())
        .containsExactly("float32 tanh fast n=4096, native (x86-64-v4): 32.0 B/op");
  }

  @Test
  void peersAreComparedWithTheFastestBackend() {
    MeasurementTables report =
        new MeasurementTables(
            List.of(
                measurement(STEP, VECTOR, 20_000, 0),
                measurement(STEP, NATIVE, 10_000, 0),
                measurement(STEP, "ONNX Runtime 1.2", true, 25_000, 456_000)));
    assertThat(report.lines())
        .contains(
            "Peers: their best time by that of this library's fastest backend",
            "benchmark                    peer              its time     ours  times as long",
            "cfc step 16,128,64 batch 24  ONNX Runtime 1.2   24.5 µs  9.80 µs           2.50")
        .anyMatch(line -> line.contains("ONNX Runtime 1.2") && line.endsWith(" 456"));
    assertThat(report.allocating()).isEmpty();
  }

  @Test
  void titles() {
    assertThat(STEP.title()).isEqualTo("cfc step 16,128,64 batch 24");
    assertThat(STEP.with("threads", 2).title())
        .isEqualTo("cfc step 16,128,64 batch 24 on 2 threads");
    assertThat(
            new BenchmarkCase(Workload.DENSE)
                .with("shape", "1x2x3")
                .with("epilogue", "TANH")
                .with("accuracy", "EXACT")
                .title())
        .isEqualTo("dense 1x2x3 + tanh exact");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.000, 0.000 ns, 0.0 %",
    "0.0123, 0.012, 0.012 ns, 1.2 %",
    "0.9996, 1.00, 1.00 ns, 100 %",
    "9.996, 10.0, 10.0 ns, 1000 %",
    "99.96, 100, 100 ns, 9996 %",
    "999.6, 1000, 1.00 µs, 99960 %",
    "123456, 123456, 123 µs, 12345600 %",
    "999600, 999600, 1.00 ms, 99960000 %",
    "2.5e9, 2500000000, 2.50 s, 250000000000 %",
    "NaN, -, - s, -",
  })
  void numbers(double value, String digits, String time, String percent) {
    assertThat(Numbers.digits(value)).isEqualTo(digits);
    assertThat(Numbers.time(value)).isEqualTo(time);
    assertThat(Numbers.percent(value)).isEqualTo(percent);
  }

  @ParameterizedTest
  @CsvSource({"-3, 0:00", "7.4, 0:07", "119.6, 2:00", "3599, 59:59", "3661, 1:01:01"})
  void clock(double seconds, String text) {
    assertThat(Numbers.clock(seconds)).isEqualTo(text);
  }
}
