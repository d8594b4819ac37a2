package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Distribution;
import io.github.elegans.bench.report.BenchReport.Footprint;
import io.github.elegans.bench.report.BenchReport.Latency;
import io.github.elegans.bench.report.BenchReport.Reading;
import io.github.elegans.bench.report.BenchReport.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What latencies, cold starts, memory and energy look like. */
record TimeSections(Figures figures) {

  private BenchReport report() {
    return figures.report();
  }

  String latencies() {
    List<Latency> all = report().latencies();
    if (all.isEmpty()) {
      return "";
    }
    Latency some = all.getFirst();
    long steps = all.stream().mapToLong(Latency::steps).max().orElse(1);
    return Figures.heading(
            "latency",
            "Latency at a fixed rate",
            "%s: %s steps, one due every %s, each with its sample in a new array, in a JVM of its own."
                    .formatted(
                        some.network(),
                        String.format(Locale.ROOT, "%,d", steps),
                        Axis.time(1e9 / some.stepsPerSecond()))
                + " Response times count from when a step was due, so that what has to wait for a"
                + " late step is late, too; collections and safepoints are included."
                + (steps < 1_000_000
                    ? " This setting makes fewer than the million steps that a quotable tail needs."
                    : ""))
        + figures.legend(all.stream().map(Latency::target).toList(), true)
        + Figures.wideCard(
            "<h3>Response time by percentile</h3>"
                + Figures.broad(percentiles(all, steps)::draw)
                + Html.details("Table of response times", table(all, Latency::response)))
        + Figures.wideCard(
            "<h3>Histogram of the service time</h3>"
                + Figures.broad(histogram(all)::draw)
                + Html.details("Table of service times", table(all, Latency::service)))
        + "<p class=\"note\">%s</p>\n".formatted(Html.text(machine(all)))
        + Html.details("Table of waits", table(all, Latency::waits))
        + Html.details("Table of late steps and pauses", pauses(all));
  }

  /** How much of the tail of the service times is the machine's. */
  private static String machine(List<Latency> all) {
    return "The machine has a tail of its own: between the steps the same thread waits as long as a"
        + " median step takes (a quarter of the period at most), with nothing but the clock. 99.9 % of the steps took at most "
        + all.stream()
            .map(
                l ->
                    "%s their median on %s (of the waits: %s)"
                        .formatted(tail(l.service()), l.target(), tail(l.waits())))
            .collect(Collectors.joining(", "))
        + ".";
  }

  private static String tail(Distribution times) {
    return times.count() == 0
        ? "there was no time for any"
        : Numbers.digits(times.p999() / times.p50()) + "×";
  }

  private XyChart percentiles(List<Latency> all, long steps) {
    double least =
        all.stream().mapToDouble(l -> l.response().bins().getFirst().nanos()).min().orElse(1);
    double worst = all.stream().mapToDouble(l -> l.response().worst()).max().orElse(1);
    XyChart chart =
        new XyChart(
            "Response time by percentile",
            Axis.logarithmic(
                "share of the steps that took at most that long",
                2,
                (double) steps,
                TimeSections::share),
            Axis.logarithmic("response time", least, worst, Axis::time));
    for (Latency latency : all) {
      List<double[]> points = new ArrayList<>();
      double done = 0;
      for (Distribution.Bin bin : latency.response().bins()) {
        done += bin.count();
        double left = Math.max(latency.steps() - done, 1);
        points.add(
            new double[] {
              latency.steps() / left, Math.min(bin.nanos(), latency.response().worst())
            });
      }
      chart.line(figures.series(latency.target()), points);
      Distribution d = latency.response();
      chart.points(
          figures.series(latency.target()),
          List.of(
              new double[] {2, d.p50()},
              new double[] {100, d.p99()},
              new double[] {1000, d.p999()},
              new double[] {latency.steps(), d.worst()}),
          List.of(
              story(latency, "p50", d.p50()),
              story(latency, "p99", d.p99()),
              story(latency, "p99.9", d.p999()),
              story(latency, "worst", d.worst())));
    }
    return chart;
  }

  private static String story(Latency latency, String figure, double nanos) {
    return "%s, %s: %s".formatted(latency.target(), figure, Numbers.time(nanos));
  }

  /** A percentile by one over what is above it. */
  private static String share(double x) {
    double percent = 100 - 100 / x;
    // As many as tell it from 100 %, if it is less.
    int digits = Math.max(0, (int) Math.ceil(Math.log10(x) - 1e-9) - 2);
    return String.format(Locale.ROOT, "%." + digits + "f %%", percent);
  }

  private XyChart histogram(List<Latency> all) {
    double least =
        all.stream().mapToDouble(l -> l.service().bins().getFirst().nanos()).min().orElse(1);
    double worst = all.stream().mapToDouble(l -> l.service().worst()).max().orElse(1);
    long most =
        all.stream()
            .flatMap(l -> l.service().bins().stream())
            .mapToLong(Distribution.Bin::count)
            .max()
            .orElse(1);
    XyChart chart =
        new XyChart(
            "Histogram of the service time",
            Axis.logarithmic("service time, in bins of a quarter", least, worst, Axis::time),
            Axis.logarithmic("steps", 0.8, (double) most, v -> v < 1 ? "" : Axis.plain(v)));
    for (Latency latency : all) {
      List<Distribution.Bin> bins = latency.service().bins();
      chart.curve(
          figures.series(latency.target()),
          bins.stream().map(bin -> new double[] {bin.nanos(), bin.count()}).toList(),
          bins.stream()
              .map(
                  bin ->
                      "%s: %d steps up to %s"
                          .formatted(latency.target(), bin.count(), Numbers.time(bin.nanos())))
              .toList());
    }
    return chart;
  }

  /** The percentiles and the bins of one of the times. */
  private static String table(List<Latency> all, Function<Latency, Distribution> time) {
    List<List<String>> bins = new ArrayList<>();
    for (Latency latency : all) {
      long count = time.apply(latency).count();
      long done = 0;
      for (Distribution.Bin bin : time.apply(latency).bins()) {
        done += bin.count();
        long left = count - done;
        bins.add(
            List.of(
                latency.target(),
                Numbers.time(bin.nanos()),
                "" + bin.count(),
                left > 0 ? share((double) count / left) : "100 %"));
      }
    }
    return Html.table(
            1,
            List.of("on", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "worst"),
            all.stream().map(latency -> row(latency, time.apply(latency))).toList())
        + Html.table(1, List.of("on", "up to", "steps", "percentile"), bins);
  }

  private static String pauses(List<Latency> all) {
    List<List<String>> rows =
        all.stream()
            .map(
                l ->
                    List.of(
                        l.target(),
                        "" + l.late(),
                        "" + l.pauses().collections(),
                        Numbers.time(l.pauses().collectionMillis() * 1e6),
                        "" + l.pauses().safepoints(),
                        Numbers.time(l.pauses().safepointMillis() * 1e6),
                        Numbers.time(l.pauses().worstSafepointMillis() * 1e6)))
            .toList();
    return Html.table(
        1,
        List.of(
            "on",
            "steps begun late",
            "collections",
            "their time",
            "safepoints",
            "their time",
            "the longest"),
        rows);
  }

  private static List<String> row(Latency latency, Distribution d) {
    return List.of(
        latency.target(),
        Numbers.time(d.mean()),
        Numbers.time(d.p50()),
        Numbers.time(d.p90()),
        Numbers.time(d.p99()),
        Numbers.time(d.p999()),
        Numbers.time(d.p9999()),
        Numbers.time(d.worst()));
  }

  String starts() {
    List<Start> all = report().starts();
    if (all.isEmpty()) {
      return "";
    }
    List<double[]> points =
        all.stream()
            .flatMap(start -> start.curve().stream())
            .map(p -> new double[] {p.x(), p.y()})
            .toList();
    XyChart chart =
        new XyChart(
            "Time of a step since the start",
            Axis.logarithmic(
                "time since the start of the process",
                Figures.over(points, 0, Math::min),
                Figures.over(points, 0, Math::max),
                ms -> Axis.time(ms * 1e6)),
            Axis.logarithmic(
                "time of a step",
                Figures.over(points, 1, Math::min),
                Figures.over(points, 1, Math::max),
                Axis::time));
    for (Start start : all) {
      chart.curve(
          figures.series(start.target()),
          start.curve().stream().map(p -> new double[] {p.x(), p.y()}).toList(),
          start.curve().stream()
              .map(
                  p ->
                      "%s after %s: %s a step"
                          .formatted(
                              start.target(), Numbers.time(p.x() * 1e6), Numbers.time(p.y())))
              .toList());
    }
    return Figures.heading(
            "start",
            "From a cold start to the steady state",
            "%s, from the start of the process: loading, building the network, the first result, and"
                    .formatted(all.getFirst().network())
                + " how the steps become faster while the JVM compiles them. Steady is when a step"
                + " stays within a quarter of its final time.")
        + figures.legend(all.stream().map(Start::target).toList(), true)
        + Figures.wideCard(Figures.broad(chart::draw))
        + Html.details(
            "Table of starts",
            Html.table(
                    1,
                    List.of("on", "first result", "steady state", "final time of a step", "JVMs"),
                    all.stream()
                        .map(
                            s ->
                                List.of(
                                    s.target(),
                                    Numbers.time(s.firstMillis() * 1e6),
                                    Numbers.time(s.steadyMillis() * 1e6),
                                    Numbers.time(s.steadyNanos()),
                                    "" + s.jvms()))
                        .toList())
                + Html.table(
                    1,
                    List.of("on, in one of the JVMs", "since the start", "time of a step"),
                    all.stream().flatMap(TimeSections::curve).toList()));
  }

  private static Stream<List<String>> curve(Start start) {
    return start.curve().stream()
        .map(p -> List.of(start.target(), Numbers.time(p.x() * 1e6), Numbers.time(p.y())));
  }

  String memory() {
    List<Footprint> all = report().footprints();
    if (all.isEmpty()) {
      return "";
    }
    List<String> cards = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    add("network, packed", Footprint::network, cards, rows);
    add("session of a batch of 1", Footprint::session, cards, rows);
    add("session of a batch of 64", Footprint::largeSession, cards, rows);
    add("resident set of a bare JVM", Footprint::bare, cards, rows);
    add("resident set after warming up", Footprint::resident, cards, rows);
    return Figures.heading(
            "memory",
            "Memory and energy",
            all.getFirst().name()
                + ": native memory by the JVM's own count, and the resident set of the process. "
                + energy())
        + Figures.cards(cards)
        + Html.details("Table of memory", Html.table(2, List.of("what", "on", "bytes"), rows));
  }

  private void add(
      String name,
      Function<Footprint, Reading> figure,
      List<String> cards,
      List<List<String>> rows) {
    List<BarChart.Bar> bars = new ArrayList<>();
    for (Footprint footprint : report().footprints()) {
      Reading reading = figure.apply(footprint);
      String text = reading.known() ? Numbers.bytes(reading.value()) : reading.unavailable();
      rows.add(List.of(name, footprint.target(), text));
      if (reading.known()) {
        bars.add(
            new BarChart.Bar(
                figures.series(footprint.target()),
                footprint.target(),
                Math.max(reading.value(), 0),
                0,
                0,
                text,
                footprint.target() + ": " + text));
      }
    }
    if (!bars.isEmpty()) {
      BarChart chart = new BarChart(name, name, bars);
      cards.add(Figures.card((width, height) -> chart.draw(width)));
    }
  }

  private String energy() {
    List<String> known =
        report().starts().stream()
            .filter(start -> start.joules().known())
            .map(
                start ->
                    "%s J on %s".formatted(Numbers.digits(start.joules().value()), start.target()))
            .toList();
    if (!known.isEmpty()) {
      return "Energy of a million steps, of the whole package: " + String.join(", ", known) + ".";
    }
    return report().starts().stream()
        .findFirst()
        .map(start -> "Energy is not available here: " + start.joules().unavailable() + ".")
        .orElse("");
  }
}
