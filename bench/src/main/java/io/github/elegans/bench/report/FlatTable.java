package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Distribution;
import io.github.elegans.bench.report.BenchReport.Footprint;
import io.github.elegans.bench.report.BenchReport.Latency;
import io.github.elegans.bench.report.BenchReport.Limit;
import io.github.elegans.bench.report.BenchReport.Reading;
import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.bench.report.BenchReport.Start;
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
    return table.csv.toString();
  }

  private void add(Limit limit) {
    String label = limit.quantity().label();
    String bytes = limit.bytes() == 0 ? "" : "bytes=" + limit.bytes();
    row("limit", label, bytes, limit.target(), "best", limit.best(), 0, limit.quantity().unit());
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
    row.add("median", result.median(), 0, "ns/op");
    row.add("best", result.best(), 0, "ns/op");
    row.add("best per item", result.best() / result.items(), 0, "ns/item");
    row.add("allocated", result.allocated(), 0, "B/op");
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
  }

  private void add(Latency latency, String kind, Distribution times) {
    Row row =
        (figure, value, error, unit) ->
            row(
                "latency",
                latency.network(),
                "steps/s=%.0f steps=%d".formatted(latency.stepsPerSecond(), latency.steps()),
                latency.target(),
                kind + " " + figure,
                value,
                error,
                unit);
    row.add("mean", times.mean(), 0, "ns");
    row.add("p50", times.p50(), 0, "ns");
    row.add("p90", times.p90(), 0, "ns");
    row.add("p99", times.p99(), 0, "ns");
    row.add("p99.9", times.p999(), 0, "ns");
    row.add("p99.99", times.p9999(), 0, "ns");
    row.add("worst", times.worst(), 0, "ns");
  }

  private void add(Start start) {
    row("start", start.network(), "", start.target(), "first result", start.firstMillis(), 0, "ms");
    row("start", start.network(), "", start.target(), "steady", start.steadyMillis(), 0, "ms");
    row("start", start.network(), "", start.target(), "final", start.steadyNanos(), 0, "ns/op");
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
