package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Distribution;
import io.github.elegans.bench.report.BenchReport.Failure;
import io.github.elegans.bench.report.BenchReport.Footprint;
import io.github.elegans.bench.report.BenchReport.Latency;
import io.github.elegans.bench.report.BenchReport.Limit;
import io.github.elegans.bench.report.BenchReport.Noise;
import io.github.elegans.bench.report.BenchReport.Pauses;
import io.github.elegans.bench.report.BenchReport.Reading;
import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.bench.report.BenchReport.Spread;
import io.github.elegans.bench.report.BenchReport.Start;
import java.util.Locale;
import java.util.stream.Collectors;

/** A report as CSV (RFC 4180): one figure a row. */
final class FlatTable {
  private static final String HEADER = "kind,name,parameters,target,figure,value,error,unit\r\n";

  private final StringBuilder csv = new StringBuilder(HEADER);

  private FlatTable() {}

  static String of(BenchReport report) {
    FlatTable table = new FlatTable();
    report.limits().forEach(table::add);
    report.results().forEach(table::add);
    report.latencies().forEach(table::add);
    report.starts().forEach(table::add);
    report.footprints().forEach(table::add);
    table.add(report.noise());
    report.failures().forEach(table::add);
    return table.csv.toString();
  }

  private void add(Limit limit) {
    String label = limit.quantity().label();
    String bytes = limit.bytes() == 0 ? "" : "bytes=" + limit.bytes();
    String unit = limit.quantity().unit();
    row("limit", label, bytes, limit.target(), "best", limit.best(), 0, unit);
    row("limit", label, bytes, limit.target(), "lowest", limit.lowest(), 0, unit);
    row("limit", label, bytes, limit.target(), "repetitions", limit.repetitions(), 0, "1");
  }

  private void add(Result result) {
    String parameters =
        result.parameters().entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
    Row row =
        (figure, value, error, unit) ->
            row(
                "benchmark",
                result.benchmark(),
                parameters,
                result.target(),
                figure,
                value,
                error,
                unit);
    row.add("mean", result.mean(), result.error(), "ns/op");
    row.add("lower quartile", result.lower(), 0, "ns/op");
    row.add("median", result.median(), 0, "ns/op");
    row.add("upper quartile", result.upper(), 0, "ns/op");
    row.add("best", result.best(), 0, "ns/op");
    row.add("best per item", result.best() / result.items(), 0, "ns/item");
    row.add("JVMs", result.jvms().size(), 0, "1");
    row.add("iterations", result.iterations(), 0, "1");
    row.add("peer", result.peer() ? 1 : 0, 0, "1");
    row.add("allocated", result.allocated(), 0, "B/op");
    if (result.workingSet() > 0) {
      row.add("working set", (double) result.workingSet(), 0, "B");
    }
    if (result.flops() > 0) {
      row.add("speed", result.gflops(), 0, "GFLOP/s");
    }
    if (result.shareOfRoof() > 0) {
      row.add("share of roof", result.shareOfRoof(), 0, "1");
    }
  }

  private void add(Latency latency) {
    add(latency, "service", latency.service());
    add(latency, "response", latency.response());
    add(latency, "wait", latency.waits());
    Row row = row(latency, "");
    row.add("late steps", (double) latency.late(), 0, "1");
    Pauses pauses = latency.pauses();
    row.add("collections", (double) pauses.collections(), 0, "1");
    row.add("time of collections", pauses.collectionMillis(), 0, "ms");
    row.add("safepoints", (double) pauses.safepoints(), 0, "1");
    row.add("time of safepoints", pauses.safepointMillis(), 0, "ms");
    row.add("worst safepoint", pauses.worstSafepointMillis(), 0, "ms");
  }

  /** Rows of steps at a rate, with further parameters. */
  private Row row(Latency latency, String further) {
    return (figure, value, error, unit) ->
        row(
            "latency",
            latency.network(),
            String.format(
                Locale.ROOT,
                "steps/s=%.0f steps=%d%s",
                latency.stepsPerSecond(),
                latency.steps(),
                further),
            latency.target(),
            figure,
            value,
            error,
            unit);
  }

  private void add(Latency latency, String kind, Distribution times) {
    Row row =
        (figure, value, error, unit) ->
            row(latency, "").add(kind + " " + figure, value, error, unit);
    row.add("mean", times.mean(), 0, "ns");
    row.add("p50", times.p50(), 0, "ns");
    row.add("p90", times.p90(), 0, "ns");
    row.add("p99", times.p99(), 0, "ns");
    row.add("p99.9", times.p999(), 0, "ns");
    row.add("p99.99", times.p9999(), 0, "ns");
    row.add("worst", times.worst(), 0, "ns");
    for (Distribution.Bin bin : times.bins()) {
      row(latency, " upTo=" + bin.nanos()).add(kind + " bin", (double) bin.count(), 0, "1");
    }
  }

  private void add(Start start) {
    row("start", start.network(), "", start.target(), "first result", start.firstMillis(), 0, "ms");
    row("start", start.network(), "", start.target(), "steady", start.steadyMillis(), 0, "ms");
    row("start", start.network(), "", start.target(), "final", start.steadyNanos(), 0, "ns/op");
    row("start", start.network(), "", start.target(), "JVMs", start.jvms(), 0, "1");
    for (Start.Point point : start.curve()) {
      String since = "ms=" + point.x();
      row("start", start.network(), since, start.target(), "curve", point.y(), 0, "ns/op");
    }
    if (start.joules().known()) {
      String figure = "energy of a million steps";
      row("start", start.network(), "", start.target(), figure, start.joules().value(), 0, "J");
    }
  }

  private void add(Footprint footprint) {
    memory(footprint, "network", footprint.network());
    memory(footprint, "session, batch 1", footprint.session());
    memory(footprint, "session, batch 64", footprint.largeSession());
    memory(footprint, "resident, bare JVM", footprint.bare());
    memory(footprint, "resident, warmed up", footprint.resident());
  }

  private void memory(Footprint footprint, String figure, Reading bytes) {
    if (bytes.known()) {
      row("memory", footprint.name(), "", footprint.target(), figure, bytes.value(), 0, "B");
    }
  }

  private void add(Noise noise) {
    if (noise.loadBefore() >= 0) {
      row("noise", "load before", "", "", "load", noise.loadBefore(), 0, "1");
    }
    if (noise.steal().known()) {
      row("noise", "steal", "", "", "share", noise.steal().value(), 0, "1");
    }
    for (Spread spread : noise.probe()) {
      String label = spread.quantity().label();
      String unit = spread.quantity().unit();
      row("noise", label, "", spread.target(), "lowest", spread.lowest(), 0, unit);
      row("noise", label, "", spread.target(), "median", spread.median(), 0, unit);
      row("noise", label, "", spread.target(), "highest", spread.highest(), 0, unit);
      row("noise", label, "", spread.target(), "JVMs", spread.count(), 0, "1");
    }
  }

  /** Why there is none stands where the others have their parameters. */
  private void add(Failure failure) {
    row("failure", failure.title(), failure.reason(), failure.target(), "results", 0, 0, "1");
  }

  /** Adds a figure to what the row is of. */
  private interface Row {
    void add(String figure, double value, double error, String unit);
  }

  private void row(
      String kind,
      String name,
      String parameters,
      String target,
      String figure,
      double value,
      double error,
      String unit) {
    csv.append(kind).append(',').append(quoted(name)).append(',').append(quoted(parameters));
    csv.append(',').append(quoted(target)).append(',').append(quoted(figure)).append(',');
    csv.append(value).append(',').append(error == 0 ? "" : error).append(',').append(unit);
    csv.append("\r\n");
  }

  private static String quoted(String text) {
    return text.matches("[^,\"\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
