package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Limit;
import io.github.elegans.bench.report.BenchReport.Quantity;
import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.checks.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the benchmarks and the limits look like. */
record KernelSections(Figures figures) {
  /** What is longer is cut off. */
  private static final double LONGEST_BAR = 1.25;

  private static final int CHARTS_EACH = 3;

  private BenchReport report() {
    return figures.report();
  }

  String limits() {
    if (report().limits().isEmpty()) {
      return "";
    }
    List<String> cards = new ArrayList<>();
    for (Quantity quantity : Quantity.values()) {
      List<Limit> limits =
          report().limits().stream().filter(limit -> limit.quantity() == quantity).toList();
      if (!limits.isEmpty()) {
        String bytes =
            limits.getFirst().bytes() == 0
                ? ""
                : ", " + Numbers.bytes((double) limits.getFirst().bytes());
        BarChart chart =
            new BarChart(
                quantity.label(),
                quantity.label() + bytes + ", " + quantity.unit(),
                limits.stream().map(this::bar).toList());
        cards.add(Figures.card((width, height) -> chart.draw(width)));
      }
    }
    return Figures.heading(
            "limits",
            "What the hardware allows",
            "One thread, best of many short pieces, probed through each backend at each width of"
                + " vector that the processor has. These are the limits that everything below is"
                + " held against. A whisker begins at the worst of the times that it was probed.")
        + Figures.cards(cards)
        + Html.details(
            "Table of limits",
            Html.table(
                2,
                List.of("limit", "through", "working set", "best", "lowest", "unit", "probed"),
                report().limits().stream().map(KernelSections::row).toList()));
  }

  private BarChart.Bar bar(Limit limit) {
    return new BarChart.Bar(
        figures.series(limit.target()),
        limit.target(),
        limit.best(),
        limit.repetitions() > 1 ? limit.lowest() : 0,
        limit.repetitions() > 1 ? limit.best() : 0,
        Numbers.digits(limit.best()),
        "%s: %s %s"
            .formatted(limit.target(), Numbers.digits(limit.best()), limit.quantity().unit()));
  }

  private static List<String> row(Limit limit) {
    return List.of(
        limit.quantity().label(),
        limit.target(),
        limit.bytes() == 0 ? "" : Numbers.bytes((double) limit.bytes()),
        Numbers.digits(limit.best()),
        Numbers.digits(limit.lowest()),
        limit.quantity().unit(),
        limit.repetitions() + "×");
  }

  String roofline() {
    List<Result> listed =
        report().results().stream().filter(r -> r.flops() > 0 && r.bytes() > 0).toList();
    List<Result> counted = listed.stream().filter(r -> r.threads() == 1).toList();
    Optional<Limit> peak = report().highest(Quantity.MULTIPLY_ADD);
    if (counted.isEmpty() || peak.isEmpty()) {
      return "";
    }
    List<Limit> reads =
        Stream.of(Quantity.values())
            .filter(Quantity::isRead)
            .flatMap(quantity -> report().highest(quantity).stream())
            .toList();
    double least = counted.stream().mapToDouble(Result::intensity).min().orElse(1);
    double most = counted.stream().mapToDouble(Result::intensity).max().orElse(1);
    double slowest = counted.stream().mapToDouble(Result::gflops).min().orElse(1);
    Axis x =
        Axis.logarithmic(
            "FLOP a byte that must be read",
            // Room for the names of the levels.
            least / 8,
            Math.max(most, 32),
            Axis::plain);
    Axis y =
        Axis.logarithmic(
            "GFLOP/s, one thread", Math.min(slowest, 1), peak.get().best() * 1.6, Axis::plain);
    XyChart chart = new XyChart("Roofline", x, y);
    for (int i = 0; i < reads.size(); i++) {
      Limit read = reads.get(i);
      String name = level(read);
      // Levels that are about as fast as each other have one line: two names would overlap.
      while (i + 1 < reads.size() && reads.get(i + 1).best() > 0.75 * read.best()) {
        name += ", " + level(reads.get(++i));
      }
      // From the left or lower edge to where the multiply-adds are the limit.
      double from = Math.max(x.low(), y.low() / read.best());
      double to = Math.min(x.high(), peak.get().best() / read.best());
      if (to > from) {
        chart.guide(from, from * read.best(), to, to * read.best(), "slope", name + " GB/s");
      }
    }
    double ridge =
        reads.stream().mapToDouble(read -> peak.get().best() / read.best()).min().orElse(x.low());
    chart.guide(
        Math.max(x.low(), ridge),
        peak.get().best(),
        x.high(),
        peak.get().best(),
        "roof",
        "peak %s GFLOP/s".formatted(Numbers.digits(peak.get().best())));
    // Scalar code has a roof of its own, far below.
    report().limits().stream()
        .filter(limit -> limit.quantity() == Quantity.MULTIPLY_ADD)
        .min(Comparator.comparingDouble(Limit::best))
        .filter(limit -> limit.best() < peak.get().best() / 3 && limit.best() > y.low())
        .ifPresent(
            limit ->
                chart.guide(
                    least / 2,
                    limit.best(),
                    x.high(),
                    limit.best(),
                    "ideal",
                    "%s, peak %s GFLOP/s"
                        .formatted(
                            limit.target().replaceFirst(" \\(.*", ""),
                            Numbers.digits(limit.best()))));
    List<String> names = counted.stream().map(Result::target).distinct().toList();
    for (String name : figures.targets()) {
      List<Result> own = counted.stream().filter(r -> r.target().equals(name)).toList();
      chart.points(
          figures.series(name),
          own.stream().map(r -> new double[] {r.intensity(), r.gflops()}).toList(),
          own.stream().map(KernelSections::story).toList());
    }
    return Figures.heading(
            "roofline",
            "Roofline",
            "Every kernel whose operations and bytes are counted: weights are read once for all"
                + " samples of a step, so batches lie at the right. What lies on a line uses the"
                + " machine to its limit; between the lines of the levels of memory it matters where"
                + " the weights are. Trajectories stay in registers and the nearest cache: differential"
                + " equations lie far to the right, and an operation of a double counts as two, as"
                + " half as many fit into a register. The chart has what ran on one thread; the table has all, and"
                + " holds several threads against as many peaks. Memory that others share may give"
                + " a kernel more than it gave the probe: then it is above 100 % of its roof.")
        + figures.legend(names, false)
        + Figures.wideCard(Figures.broad(chart::draw))
        + Html.details(
            "Table of the roofline",
            Html.table(
                2,
                List.of("kernel", "on", "FLOP/byte", "GFLOP/s", "of peak", "of its roof"),
                listed.stream()
                    .map(
                        r ->
                            List.of(
                                r.title(),
                                r.target(),
                                Numbers.digits(r.intensity()),
                                Numbers.digits(r.gflops()),
                                Numbers.percent(r.gflops() / (r.peak() * r.threads())),
                                Numbers.percent(r.shareOfRoof())))
                    .toList()));
  }

  /** A level of memory, and how fast it is. */
  private static String level(Limit read) {
    return read.quantity().label().replace("read from ", "") + " " + Numbers.digits(read.best());
  }

  private static String story(Result result) {
    return "%s, %s: %s GFLOP/s, %s of its roof"
        .formatted(
            result.title(),
            result.target(),
            Numbers.digits(result.gflops()),
            Numbers.percent(result.shareOfRoof()));
  }

  String kernels() {
    StringBuilder html = new StringBuilder();
    html.append(
        Figures.heading(
            "kernels",
            "Kernels by shape",
            "Bars are speed at the median, relative to the fastest of each shape: longer is better."
                + " The figures are the median time of one operation, and the share of the roofline that"
                + " the best piece reached. "
                + whiskers()
                + " A whisker without an end goes beyond the chart. The ± of the tables is half of"
                + " JMH's 99.9 % confidence interval of the mean."));
    grouped(report().results(), Result::group)
        .forEach((group, results) -> html.append(group(group, results)));
    return html.toString();
  }

  /** What the whiskers are, and of how many iterations. */
  private String whiskers() {
    List<Result> results = report().results();
    Result some = results.getFirst();
    String what =
        alike(results)
            ? "of a benchmark's %s in %s"
                .formatted(
                    Words.count(some.iterations(), "iteration"),
                    Words.count(some.jvms().size(), "JVM"))
            : "of all iterations; the tables say how many, in how many JVMs";
    String within =
        results.stream().allMatch(r -> r.jvms().size() == 1)
            ? " As there was one JVM, what differs from JVM to JVM is not in them."
            : results.stream().anyMatch(r -> r.jvms().size() == 1)
                ? " Where there was one JVM, what differs from JVM to JVM is not in them."
                : "";
    return "Whiskers are the quartiles " + what + "." + within;
  }

  /** Whether all were measured as often. */
  private static boolean alike(List<Result> results) {
    return results.stream().map(r -> List.of(r.iterations(), r.jvms().size())).distinct().count()
        == 1;
  }

  private String group(String title, List<Result> results) {
    Map<String, List<Result>> cases = grouped(results, Result::title);
    List<String> cards = new ArrayList<>();
    cases.forEach(
        (name, some) -> {
          double fastest = some.stream().mapToDouble(Result::median).min().orElse(1);
          BarChart chart =
              new BarChart(
                  name,
                  some.getFirst().label(),
                  some.stream().map(r -> bar(r, fastest)).toList(),
                  LONGEST_BAR);
          cards.add(Figures.card((width, height) -> chart.draw(width)));
        });
    boolean counted = results.stream().anyMatch(r -> r.flops() > 0);
    boolean alike = alike(report().results());
    String item = results.getFirst().item();
    List<String> header =
        new ArrayList<>(List.of("shape", "on", "median", "lower quartile", "upper quartile"));
    header.addAll(List.of("best", "best per " + item, "mean", "±"));
    if (!alike) {
      header.addAll(List.of("iterations", "JVMs"));
    }
    if (counted) {
      header.add("GFLOP/s");
    }
    header.addAll(List.of("of roof", "B/op"));
    return "<h3 style=\"margin-top:26px\">%s</h3>\n".formatted(Html.text(title))
        + Figures.cards(cards)
        + Html.details(
            "Table",
            Html.table(2, header, results.stream().map(r -> row(r, alike, counted)).toList()));
  }

  private static List<String> row(Result result, boolean alike, boolean counted) {
    List<String> row =
        new ArrayList<>(
            List.of(
                result.label(),
                result.target(),
                Numbers.time(result.median()),
                Numbers.time(result.lower()),
                Numbers.time(result.upper()),
                Numbers.time(result.best()),
                Numbers.time(result.best() / result.items()),
                Numbers.time(result.mean()),
                result.error() == 0 ? "-" : Numbers.percent(result.error() / result.mean())));
    if (!alike) {
      row.addAll(List.of("" + result.iterations(), "" + result.jvms().size()));
    }
    if (counted) {
      row.add(Numbers.digits(result.gflops()));
    }
    row.add(result.shareOfRoof() == 0 ? "-" : Numbers.percent(result.shareOfRoof()));
    row.add(result.allocated() == 0 ? "0" : Numbers.digits(result.allocated()));
    return row;
  }

  private BarChart.Bar bar(Result result, double fastest) {
    String roof = result.shareOfRoof() == 0 ? "" : " · " + Numbers.percent(result.shareOfRoof());
    return new BarChart.Bar(
        figures.series(result.target()),
        result.target(),
        fastest / result.median(),
        fastest / result.upper(),
        fastest / result.lower(),
        Numbers.time(result.median()) + roof,
        "%s: %s, quartiles %s and %s, best %s"
            .formatted(
                result.target(),
                Numbers.time(result.median()),
                Numbers.time(result.lower()),
                Numbers.time(result.upper()),
                Numbers.time(result.best())));
  }

  private static <K> Map<K, List<Result>> grouped(List<Result> results, Function<Result, K> key) {
    return results.stream()
        .collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
  }

  /**
   * Benchmarks that differ in one parameter alone.
   *
   * @param parameter its name
   * @param example one of them
   * @param results all of them
   */
  private record Sweep(String parameter, Result example, List<Result> results) {
    int values() {
      return (int) results.stream().map(r -> value(r, parameter)).distinct().count();
    }
  }

  /** The number that a parameter is, or of a shape I,n,n the n; NaN if there is none. */
  private static double value(Result result, String parameter) {
    String text = result.parameter(parameter);
    String[] shape = text.split(",", -1);
    if (shape.length == 3 && shape[1].equals(shape[2])) {
      return Double.parseDouble(shape[1]);
    }
    return text.matches("\\d+") ? Double.parseDouble(text) : Double.NaN;
  }

  /** The longest sweeps over a parameter, at most that many of every benchmark. */
  private List<Sweep> sweeps(String parameter, int most) {
    List<Sweep> sweeps = new ArrayList<>();
    grouped(
            report().results().stream().filter(r -> !Double.isNaN(value(r, parameter))).toList(),
            Result::benchmark)
        .values()
        .forEach(
            some -> {
              List<Sweep> found =
                  grouped(some, r -> rest(r, parameter)).values().stream()
                      .map(list -> new Sweep(parameter, list.getFirst(), list))
                      .filter(sweep -> sweep.values() > 1)
                      .sorted(Comparator.comparingInt(Sweep::values).reversed())
                      .toList();
              int longest = found.isEmpty() ? 0 : found.getFirst().values();
              found.stream()
                  .filter(sweep -> sweep.values() * 2 > longest)
                  .limit(most)
                  .forEach(sweeps::add);
            });
    return sweeps;
  }

  private static Map<String, String> rest(Result result, String parameter) {
    Map<String, String> rest = new LinkedHashMap<>(result.parameters());
    rest.remove(parameter);
    if (parameter.equals("shape")) {
      rest.put("inputs", result.parameter(parameter).split(",", -1)[0]);
    }
    return rest;
  }

  String growth() {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("shape", "hidden size");
    parameters.put("batch", "batch");
    parameters.put("steps", "sequence length");
    List<String> cards = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    parameters.forEach(
        (parameter, name) -> {
          for (Sweep sweep : sweeps(parameter, CHARTS_EACH)) {
            cards.add(growthCard(sweep, name));
            rows.addAll(growthRows(sweep, name));
          }
        });
    if (cards.isEmpty()) {
      return "";
    }
    return Figures.heading(
            "growth",
            "How the cost grows",
            "Best time of one operation on logarithmic axes, everything else held fixed: a line that"
                + " rises by one decade a decade grows in proportion, by two with the square. The"
                + " table's exponents are those from one point to the next; they have two digits"
                + " because two points close together do not tell more.")
        + Figures.cards(cards)
        + Html.details(
            "Table of growth",
            Html.table(
                3,
                List.of("held fixed", "on", "grows", "value", "best", "per item", "exponent"),
                rows));
  }

  private String growthCard(Sweep sweep, String name) {
    List<double[]> all =
        sweep.results.stream()
            .map(r -> new double[] {value(r, sweep.parameter), r.best()})
            .toList();
    XyChart chart =
        new XyChart(
            "Time by " + name,
            Axis.logarithmic(
                name,
                Figures.over(all, 0, Math::min),
                Figures.over(all, 0, Math::max),
                Axis::plain),
            Axis.logarithmic(
                "time of one operation",
                Figures.over(all, 1, Math::min),
                Figures.over(all, 1, Math::max),
                Axis::time));
    grouped(sorted(sweep), Result::target)
        .forEach(
            (target, some) ->
                chart.curve(
                    figures.series(target),
                    some.stream()
                        .map(r -> new double[] {value(r, sweep.parameter), r.best()})
                        .toList(),
                    some.stream()
                        .map(r -> "%s, %s: %s".formatted(target, r.title(), Numbers.time(r.best())))
                        .toList()));
    return figures.card(
        "By " + name + ": " + fixed(sweep),
        sweep.results.stream().map(Result::target).toList(),
        chart::draw);
  }

  private static List<Result> sorted(Sweep sweep) {
    return sweep.results.stream()
        .sorted(Comparator.comparingDouble(r -> value(r, sweep.parameter)))
        .toList();
  }

  private static List<List<String>> growthRows(Sweep sweep, String name) {
    List<List<String>> rows = new ArrayList<>();
    grouped(sorted(sweep), Result::target)
        .forEach(
            (target, some) -> {
              for (int i = 0; i < some.size(); i++) {
                Result r = some.get(i);
                double value = value(r, sweep.parameter);
                String exponent = "";
                if (i > 0) {
                  Result last = some.get(i - 1);
                  exponent =
                      twoDigits(
                          Math.log(r.best() / last.best())
                              / Math.log(value / value(last, sweep.parameter)));
                }
                rows.add(
                    List.of(
                        fixed(sweep),
                        target,
                        name,
                        Axis.plain(value),
                        Numbers.time(r.best()),
                        Numbers.time(r.best() / r.items()),
                        exponent));
              }
            });
    return rows;
  }

  /** With one digit behind the point. */
  private static String twoDigits(double exponent) {
    return String.format(Locale.ROOT, "%.1f", exponent).replaceFirst("^-(0\\.0)$", "$1");
  }

  /** What stays the same in a sweep: the title without what changes. */
  private static String fixed(Sweep sweep) {
    String value = sweep.example.parameter(sweep.parameter);
    String title = sweep.example.title();
    String without =
        switch (sweep.parameter) {
          case "shape" -> title.replace(value, value.split(",", -1)[0] + ",n,n");
          case "batch" -> title.replace("batch " + value, "batch n");
          case "steps" -> title.replace("T=" + value, "T=n");
          default -> title.replaceFirst(" on \\d+ threads", "");
        };
    return without.strip();
  }

  String scaling() {
    List<String> cards = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (Sweep sweep : sweeps("threads", Integer.MAX_VALUE)) {
      List<Result> results = sorted(sweep);
      double most = value(results.getLast(), "threads");
      double highest = most;
      Map<String, List<double[]>> curves = new LinkedHashMap<>();
      for (var entry : grouped(results, Result::target).entrySet()) {
        if (entry.getValue().size() == 1) {
          // The other libraries run on one thread only.
          continue;
        }
        Result one = entry.getValue().getFirst();
        List<double[]> points = new ArrayList<>();
        for (Result r : entry.getValue()) {
          // By the time on one thread, or what that would be if the fewest that there are scaled.
          double speedUp = one.threads() * one.best() / r.best();
          highest = Math.max(highest, speedUp);
          points.add(new double[] {value(r, "threads"), speedUp});
          rows.add(
              List.of(
                  fixed(sweep),
                  entry.getKey(),
                  Axis.plain(value(r, "threads")),
                  Numbers.time(r.median()),
                  Numbers.time(r.best()),
                  "× " + Numbers.digits(speedUp),
                  Numbers.percent(speedUp / r.threads())));
        }
        curves.put(entry.getKey(), points);
      }
      XyChart chart =
          new XyChart(
              "Speed by threads",
              Axis.fromZero("threads", most, v -> v == Math.rint(v) ? Axis.plain(v) : ""),
              Axis.fromZero("times as fast as one", highest, Axis::plain));
      chart.guide(0, 0, most, most, "ideal", "");
      curves.forEach(
          (target, points) ->
              chart.curve(
                  figures.series(target),
                  points,
                  points.stream()
                      .map(
                          p ->
                              "%s on %s threads: %s times as fast"
                                  .formatted(target, Axis.plain(p[0]), Numbers.digits(p[1])))
                      .toList()));
      cards.add(figures.card(fixed(sweep), List.copyOf(curves.keySet()), chart::draw));
    }
    if (cards.isEmpty()) {
      return "";
    }
    return Figures.heading(
            "scaling",
            "Scaling with threads",
            "Best time on one thread by best time on several; the broken line is proportional.")
        + Figures.cards(cards)
        + Html.details(
            "Table of scaling",
            Html.table(
                2,
                List.of("what", "on", "threads", "median", "best", "speed", "efficiency"),
                rows));
  }
}
