package io.github.elegans.bench.jmh;

import io.github.elegans.bench.report.Numbers;
import io.github.elegans.bench.report.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tables of what was measured. */
final class MeasurementTables {
  private final List<Measurement> measurements;

  MeasurementTables(List<Measurement> measurements) {
    this.measurements = List.copyOf(measurements);
  }

  /** All tables, those of the benchmarks first, as lines. */
  List<String> lines() {
    Map<String, List<Measurement>> tables =
        measurements.stream()
            .collect(
                Collectors.groupingBy(
                    m -> m.what().benchmark(), LinkedHashMap::new, Collectors.toList()));
    List<String> lines = new ArrayList<>();
    tables.forEach(
        (benchmark, rows) -> {
          lines.add("");
          lines.add(heading(benchmark));
          lines.addAll(table(benchmark, rows).lines());
        });
    if (measurements.stream().anyMatch(Measurement::isPeer)) {
      lines.add("");
      lines.add("Peers: their best time by that of this library's fastest backend");
      lines.addAll(peers().lines());
    }
    lines.add("");
    lines.add("The machine on one thread, as the JVMs found it (lowest - highest)");
    lines.addAll(limits().lines());
    lines.add("");
    lines.addAll(legend(tables.keySet().stream().toList()));
    return lines;
  }

  /** What a benchmark measures, in words. */
  static String heading(String benchmark) {
    return switch (benchmark) {
      case Workload.FLOAT32 -> "Elementwise functions, float32";
      case Workload.FLOAT64 -> "Elementwise functions, float64";
      case Workload.GRADIENT -> "Derivatives of elementwise functions, float32";
      case Workload.DENSE -> "Dense layers (M x K x N)";
      case Workload.STEP -> "CfC, single steps through a session (I,U,H)";
      case Workload.SEQUENCE -> "CfC, sequences of T steps through a session (I,U,H)";
      case Workload.NETWORK -> "Networks of other kinds, single steps through a session";
      case Workload.NETWORK_SEQUENCE ->
          "Networks of other kinds, sequences of T steps through a session";
      case Workload.ODE -> "Differential equations, ensembles of trajectories";
      case Workload.TRAINING ->
          "Training, batches of sequences of T steps forward and back through a gradient session";
      case Workload.WEIGHT_GRADIENT -> "Gradients of the weights of dense layers (M x K x N)";
      case Workload.TRANSPOSE -> "Packing of transposed dense layers";
      case Workload.TRAINING_KERNEL -> "Kernels of training beside matrix products";
      case Workload.EMPTY_MATH -> "An elementwise function of no elements";
      case Workload.EMPTY_STEP ->
          "A step of a network of one input, one backbone and one hidden unit";
      default -> benchmark;
    };
  }

  private static TextTable table(String benchmark, List<Measurement> rows) {
    List<String> parameters = List.copyOf(rows.get(0).what().parameters().keySet());
    List<String> figures = figures(benchmark);
    String[] header =
        Stream.of(
                parameters.stream(),
                Stream.of("backend", "time/op", "±", "best"),
                figures.stream(),
                Stream.of("B/op", ""))
            .flatMap(part -> part)
            .toArray(String[]::new);
    TextTable table = new TextTable(parameters.size() + 1, header);
    for (Measurement row : rows) {
      List<String> cells = new ArrayList<>();
      for (String value : row.what().parameters().values()) {
        cells.add(value.toLowerCase(Locale.ROOT));
      }
      cells.add(row.backend());
      cells.add(Numbers.time(row.median()));
      cells.add(Numbers.percent(row.error()));
      cells.add(Numbers.time(row.best()));
      for (String figure : figures) {
        cells.add(figure(figure, row));
      }
      double bytes = row.allocation().perOperation();
      cells.add(bytes == 0 ? "0" : Numbers.digits(bytes));
      cells.add(row.mayAllocate() ? "" : bytes == 0 ? "OK" : "FAIL");
      table.add(cells);
    }
    return table;
  }

  private static List<String> figures(String benchmark) {
    return switch (benchmark) {
      case Workload.FLOAT32, Workload.FLOAT64, Workload.GRADIENT ->
          List.of("cycles/element", "of roof");
      case Workload.TRAINING_KERNEL -> List.of("cycles/element");
      case Workload.TRANSPOSE -> List.of("cycles", "of roof");
      case Workload.TRAINING -> List.of("time/step", "GFLOP/s", "of peak");
      case Workload.DENSE, Workload.WEIGHT_GRADIENT -> List.of("GFLOP/s", "of peak", "of roof");
      case Workload.STEP -> List.of("time/sample", "GFLOP/s", "of peak", "of roof");
      case Workload.SEQUENCE -> List.of("time/sample/step", "GFLOP/s", "of peak", "of roof");
      case Workload.NETWORK -> List.of("time/sample", "GFLOP/s", "of peak", "of roof");
      case Workload.NETWORK_SEQUENCE ->
          List.of("time/sample/step", "GFLOP/s", "of peak", "of roof");
      case Workload.ODE -> List.of("time/trajectory", "GFLOP/s", "of peak");
      default -> List.of("cycles");
    };
  }

  private static String figure(String figure, Measurement row) {
    return switch (figure) {
      case "cycles/element", "cycles" -> Numbers.digits(row.cyclesPerItem());
      case "of roof" -> Numbers.percent(row.shareOfRoof());
      case "GFLOP/s" -> Numbers.digits(row.gflops());
      case "of peak" -> Numbers.percent(row.shareOfPeak());
      case "time/sample", "time/sample/step", "time/trajectory", "time/step" ->
          Numbers.time(row.nanosPerItem());
      default -> throw new IllegalArgumentException(figure);
    };
  }

  private TextTable peers() {
    TextTable table = new TextTable(2, "benchmark", "peer", "its time", "ours", "times as long");
    for (Measurement peer : measurements) {
      Optional<Measurement> fastest =
          measurements.stream()
              .filter(m -> !m.isPeer() && m.what().equals(peer.what()))
              .min(Comparator.comparingDouble(Measurement::best));
      if (peer.isPeer() && fastest.isPresent()) {
        double ours = fastest.get().best();
        table.add(
            List.of(
                peer.what().title(),
                peer.backend(),
                Numbers.time(peer.best()),
                Numbers.time(ours),
                Numbers.digits(peer.best() / ours)));
      }
    }
    return table;
  }

  private TextTable limits() {
    TextTable table =
        new TextTable(
            1,
            "backend",
            "clock GHz",
            "FMA peak GFLOP/s",
            "FLOP/cycle",
            "L1 read GB/s",
            "L2 read GB/s");
    Map<String, List<Measurement.Limits>> byBackend =
        measurements.stream()
            .filter(m -> !m.isPeer())
            .collect(
                Collectors.groupingBy(
                    Measurement::backend,
                    LinkedHashMap::new,
                    Collectors.mapping(Measurement::limits, Collectors.toList())));
    byBackend.forEach(
        (backend, found) ->
            table.add(
                List.of(
                    backend,
                    range(found, Measurement.Limits::clock),
                    range(found, Measurement.Limits::peak),
                    range(found, limits -> limits.peak() / limits.clock()),
                    range(found, Measurement.Limits::readL1),
                    range(found, Measurement.Limits::readL2))));
    return table;
  }

  private static String range(
      List<Measurement.Limits> found, ToDoubleFunction<Measurement.Limits> figure) {
    String least = Numbers.digits(found.stream().mapToDouble(figure).min().orElse(Double.NaN));
    String most = Numbers.digits(found.stream().mapToDouble(figure).max().orElse(Double.NaN));
    return least.equals(most) ? least : least + " - " + most;
  }

  private static List<String> legend(List<String> benchmarks) {
    List<String> lines = new ArrayList<>();
    lines.add("time/op: median of the iterations; ±: 99.9 % confidence interval of their mean");
    lines.add(
        "best: the fastest 0.2 ms (or single operation), undisturbed by others on this machine; the"
            + " figures at its right are of it, because the machine's limits are bests, too");
    if (benchmarks.contains(Workload.FLOAT32)
        || benchmarks.contains(Workload.FLOAT64)
        || benchmarks.contains(Workload.GRADIENT)) {
      lines.add(
          "of roof (functions): the time to do the additions, multiplications and divisions of the"
              + " float32 definitions as if all were multiply-adds, or to read the arguments if that"
              + " is longer, by the time taken");
    }
    if (benchmarks.contains(Workload.DENSE)
        || benchmarks.contains(Workload.WEIGHT_GRADIENT)
        || benchmarks.contains(Workload.TRAINING)
        || benchmarks.contains(Workload.STEP)
        || benchmarks.contains(Workload.NETWORK)
        || benchmarks.contains(Workload.NETWORK_SEQUENCE)
        || benchmarks.contains(Workload.SEQUENCE)) {
      lines.add(
          "of peak: share of the fused multiply-adds that the threads' cores can do;"
              + " in networks elementwise functions count as no operations");
      lines.add(
          "of roof: the time to do the multiply-adds, or to read the weights once for all samples"
              + " of a step if that is longer, by the time taken");
    }
    if (benchmarks.contains(Workload.TRAINING)) {
      lines.add(
          "training: forward, the gradient of all weights, and that of what they read but for the"
              + " network's inputs; of a synapse, three multiply-adds and ten operations");
    }
    if (benchmarks.contains(Workload.NETWORK) || benchmarks.contains(Workload.NETWORK_SEQUENCE)) {
      lines.add(
          "an evaluation of a synapse counts as three multiply-adds: its argument and two sums");
    }
    lines.add(
        "peak, clock and bandwidth: the best that the same JVMs found between their iterations");
    lines.add("B/op: heap memory of the whole JVM, without the harness's own");
    return lines;
  }

  /** Titles of the measurements that allocated. */
  List<String> allocating() {
    return measurements.stream()
        .filter(m -> !m.mayAllocate() && m.allocation().perOperation() != 0)
        .map(
            m ->
                "%s, %s: %s B/op"
                    .formatted(
                        m.what().title(),
                        m.backend(),
                        Numbers.digits(m.allocation().perOperation())))
        .toList();
  }
}
