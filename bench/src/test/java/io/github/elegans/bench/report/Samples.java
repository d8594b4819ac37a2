package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Distribution;
import io.github.elegans.bench.report.BenchReport.Distribution.Bin;
import io.github.elegans.bench.report.BenchReport.Jvm;
import io.github.elegans.bench.report.BenchReport.Quantity;
import io.github.elegans.bench.report.BenchReport.Reading;
import io.github.elegans.bench.report.BenchReport.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A report of a machine that does not exist. */
final class Samples {
  static final String NATIVE = "native (x86-64-v3)";
  static final String SCALAR = "scalar (scalar Java)";
  static final String PEER =
      "Another <Runtime> & Co, with a name of \"many\" words (version 1.2.3)";

  private Samples() {}

  /** A step of a CfC network with as many backbone as hidden units. */
  static Result step(String target, int size, int batch, int threads, double nanos) {
    String shape = "16,%d,%d".formatted(size, size);
    return new Result(
        "CfcStepBenchmark.step",
        "CfC, single steps",
        Map.of("shape", shape, "batch", "" + batch, "threads", "" + threads),
        "cfc step",
        "cfc step %s batch %d%s"
            .formatted(shape, batch, threads == 1 ? "" : " on " + threads + " threads"),
        target,
        target.equals(PEER),
        List.of(new Jvm(nanos * 0.98, 3, 100)),
        5,
        nanos,
        nanos * 0.01,
        nanos * 0.99,
        nanos,
        nanos * 1.01,
        nanos * 0.98,
        "sample",
        batch,
        2.0 * 5 * size * size * batch,
        4.0 * 5 * size * size,
        4L * 5 * size * size,
        threads,
        true,
        3.0,
        100,
        90,
        0,
        false);
  }

  /** The same result of as many iterations in as many JVMs. */
  static Result measured(Result result, int jvms, int iterations) {
    return new Result(
        result.benchmark(),
        result.group(),
        result.parameters(),
        result.kind(),
        result.title(),
        result.target(),
        result.peer(),
        Collections.nCopies(jvms, result.jvms().getFirst()),
        iterations,
        result.mean(),
        result.error(),
        result.lower(),
        result.median(),
        result.upper(),
        result.best(),
        result.item(),
        result.items(),
        result.flops(),
        result.bytes(),
        result.workingSet(),
        result.threads(),
        result.coreBound(),
        result.clock(),
        result.peak(),
        result.bandwidth(),
        result.allocated(),
        result.mayAllocate());
  }

  static Distribution distribution() {
    return new Distribution(
        2500,
        2400,
        2600,
        4000,
        9000,
        50_000,
        800_000,
        List.of(
            new Bin(2000, 1), new Bin(2500, 90_000), new Bin(5000, 9_998), new Bin(900_000, 1)));
  }

  static BenchReport report(List<Result> results, List<BenchReport.Failure> failures) {
    return new BenchReport(
        BenchReport.FORMAT,
        "2026-01-02T03:04:05Z",
        "quick",
        171.5,
        true,
        new BenchReport.Build("0.1.0", "abc1234-dirty"),
        new BenchReport.Host(
            "Imaginary \"9000\" <fast> & cool",
            2,
            List.of("avx2", "fma"),
            List.of(new BenchReport.Cache(1, 32 << 10), new BenchReport.Cache(2, 512 << 10)),
            8L << 30,
            "Linux 6, amd64",
            "A JVM 25",
            List.of("UseAVX=2"),
            List.of("--add-modules=jdk.incubator.vector")),
        List.of(
            new BenchReport.Target(NATIVE, "native", "", false),
            new BenchReport.Target("", "vector", "a flag is missing", false),
            new BenchReport.Target(SCALAR, "scalar", "", false),
            new BenchReport.Target(PEER, "peer", "", true),
            new BenchReport.Target("", "Absent Runtime", "it is not installed", true)),
        List.of(
            new BenchReport.Limit(NATIVE, Quantity.CLOCK, 0, 3.1, 3.0, 2),
            new BenchReport.Limit(NATIVE, Quantity.MULTIPLY_ADD, 0, 100, 98, 2),
            new BenchReport.Limit(SCALAR, Quantity.MULTIPLY_ADD, 0, 9, 9, 1),
            new BenchReport.Limit(NATIVE, Quantity.READ_L1, 16384, 190, 180, 2),
            new BenchReport.Limit(NATIVE, Quantity.READ_MEMORY, 1 << 27, 12, 11, 2)),
        results,
        failures,
        List.of(
            new BenchReport.Latency(
                NATIVE,
                "CfC",
                10_000,
                100_000,
                3,
                distribution(),
                distribution(),
                distribution(),
                new BenchReport.Pauses(1, 4.5, 2, 5.5, 4.5))),
        List.of(
            new BenchReport.Start(
                NATIVE,
                "CfC",
                310,
                900,
                2400,
                1,
                List.of(
                    new BenchReport.Start.Point(311, 90_000),
                    new BenchReport.Start.Point(900, 2400)),
                Reading.unavailable("there is no /sys/class/powercap"))),
        List.of(
            new BenchReport.Footprint(
                NATIVE,
                "CfC",
                Reading.of(175_616),
                Reading.of(9000),
                Reading.of(64_000),
                Reading.of(40 << 20),
                Reading.unavailable("not told"))),
        new BenchReport.Noise(
            0.3,
            Reading.of(0.012),
            List.of(new BenchReport.Spread(NATIVE, Quantity.CLOCK, 2.98, 3.0, 3.04, 12))));
  }

  /** A report of nothing but these targets. */
  static BenchReport bare(List<BenchReport.Target> targets) {
    BenchReport some = report();
    return new BenchReport(
        some.format(),
        some.created(),
        some.setting(),
        some.seconds(),
        some.whole(),
        some.build(),
        some.host(),
        targets,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        some.noise());
  }

  /** All kinds of results; the peer lacks most. */
  static BenchReport report() {
    List<Result> results = new ArrayList<>();
    for (int size : new int[] {32, 64, 128}) {
      results.add(step(NATIVE, size, 1, 1, size * 20.0));
      results.add(step(SCALAR, size, 1, 1, size * 500.0));
    }
    results.add(step(PEER, 64, 1, 1, 9000));
    results.add(step(NATIVE, 64, 64, 1, 60_000));
    results.add(step(NATIVE, 64, 64, 2, 31_000));
    return report(
        results, List.of(new BenchReport.Failure("cfc step 16,64,64", PEER, "it <died>")));
  }
}
