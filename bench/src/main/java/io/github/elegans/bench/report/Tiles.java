package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Result;
import io.github.elegans.checks.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The few figures that a page begins with. */
record Tiles(Figures figures) {

  private BenchReport report() {
    return figures.report();
  }

  /** All of them; empty if there is nothing to tell. */
  String all() {
    String scalar =
        figures.targets().stream().filter(name -> name.startsWith("scalar")).findFirst().orElse("");
    Map<String, List<PeerRatio>> byPeer = new LinkedHashMap<>();
    List<String> others = new ArrayList<>();
    for (String name : figures.targets()) {
      if (!name.equals(scalar)) {
        List<PeerRatio> ratios = PeerRatio.of(report(), name);
        ratios.forEach(r -> byPeer.computeIfAbsent(r.peer(), p -> new ArrayList<>()).add(r));
        if (ratios.isEmpty()) {
          speedUp(name, scalar, others);
        }
      }
    }
    best(others);
    latency(others);
    start(others);
    // In the order of the targets: not every backend need have been measured with the first peer.
    List<List<PeerRatio>> peers =
        figures.targets().stream().filter(byPeer::containsKey).map(byPeer::get).toList();
    return grid(peers.stream().map(this::peer).toList())
        + grid(others)
        + (peers.isEmpty() ? "" : table(peers.stream().flatMap(List::stream).toList()));
  }

  private static String grid(List<String> tiles) {
    return tiles.isEmpty()
        ? ""
        : "<div class=\"tiles\">%s</div>\n".formatted(String.join("", tiles));
  }

  private static String tile(String figure, String text) {
    return "<div class=\"tile\"><b>%s</b><span>%s</span></div>"
        .formatted(Html.text(figure), Html.text(text));
  }

  /** Another library, and how many times as fast each backend is. */
  private String peer(List<PeerRatio> ratios) {
    StringBuilder html = new StringBuilder("<div class=\"tile\"><h3>Times as fast as ");
    html.append(Html.text(ratios.getFirst().peer())).append("</h3>");
    for (PeerRatio ratio : ratios) {
      html.append(
          "<b>%s <small>%s</small></b><span>%s</span>"
              .formatted(
                  times(ratio.median()),
                  Html.text(figures.shortName(ratio.target())),
                  Html.text(text(ratio))));
    }
    return html.append("</div>").toString();
  }

  private static String text(PeerRatio ratio) {
    String threads = threads(ratio.results());
    if (ratio.cases().size() == 1) {
      return "the one benchmark that both ran, %s: %s"
          .formatted(threads, ratio.cases().getFirst().result().title());
    }
    return "median of %d benchmarks %s; %s to %s, slower in %s"
        .formatted(
            ratio.cases().size(),
            threads,
            times(ratio.lowest()),
            times(ratio.highest()),
            ratio.slower() == 0 ? "none" : "" + ratio.slower());
  }

  /** A factor, which no line break tears apart. */
  private static String times(double ratio) {
    return "×\u00a0" + Numbers.digits(ratio);
  }

  /** On how many threads these were measured, in words. */
  private static String threads(List<Result> results) {
    IntSummaryStatistics threads = results.stream().mapToInt(Result::threads).summaryStatistics();
    return threads.getMin() == threads.getMax()
        ? "on " + Words.count(threads.getMax(), "thread")
        : "on %d to %d threads".formatted(threads.getMin(), threads.getMax());
  }

  private String table(List<PeerRatio> ratios) {
    List<String> groups = report().results().stream().map(Result::group).distinct().toList();
    List<List<String>> rows = new ArrayList<>();
    for (PeerRatio ratio : ratios) {
      rows.add(row("all", ratio));
      groups.forEach(group -> ratio.of(group).ifPresent(some -> rows.add(row(group, some))));
    }
    return Html.details(
        "Table of other libraries",
        "<p class=\"note\">%s</p>\n"
                .formatted(
                    "Their median time by ours, benchmark by benchmark: what is below × 1 is where"
                        + " this library is slower.")
            + Html.table(
                3,
                List.of(
                    "compared with",
                    "on",
                    "what",
                    "cases",
                    "median",
                    "lowest",
                    "highest",
                    "slower"),
                rows));
  }

  private List<String> row(String what, PeerRatio ratio) {
    return List.of(
        ratio.peer(),
        figures.shortName(ratio.target()),
        what,
        "" + ratio.cases().size(),
        times(ratio.median()),
        times(ratio.lowest()),
        times(ratio.highest()),
        "" + ratio.slower());
  }

  /**
   * How many times as fast as another a target is, in the geometric mean, if it has all benchmarks.
   */
  private void speedUp(String name, String other, List<String> tiles) {
    Map<BenchReport.Key, Result> base = new LinkedHashMap<>();
    report().results().stream()
        .filter(r -> r.target().equals(other))
        .forEach(r -> base.put(r.key(), r));
    List<Result> both =
        report().ours().stream()
            .filter(r -> r.target().equals(name) && base.containsKey(r.key()))
            .toList();
    double[] logarithms =
        both.stream().mapToDouble(r -> Math.log(base.get(r.key()).mean() / r.mean())).toArray();
    // Means over different benchmarks would be held against each other, and say nothing.
    if (logarithms.length > 0 && logarithms.length == base.size()) {
      double mean = Arrays.stream(logarithms).average().orElse(0);
      tiles.add(
          tile(
              times(Math.exp(mean)),
              "as fast as %s: %s, geometric mean of %s %s; no other library was measured"
                  .formatted(
                      other, name, Words.count(logarithms.length, "benchmark"), threads(both))));
    }
  }

  private void best(List<String> tiles) {
    // Where the core decides: what memory that others share can give, no probe knows for sure.
    report().results().stream()
        .filter(r -> r.coreBound() && r.flops() > 0 && r.shareOfRoof() > 0)
        .max(Comparator.comparingDouble(Result::shareOfRoof))
        .ifPresent(
            r ->
                tiles.add(
                    tile(
                        Numbers.percent(r.shareOfRoof()),
                        "of what the hardware allows, at best: %s, %s"
                            .formatted(r.title(), r.target()))));
  }

  private void latency(List<String> tiles) {
    // Of the backend that a program gets if it asks for none: the first.
    report().latencies().stream()
        .findFirst()
        .ifPresent(
            l ->
                tiles.add(
                    tile(
                        Numbers.time(l.response().p999()),
                        "or less for 99.9 %% of the steps, worst %s: %s, %s"
                            .formatted(
                                Numbers.time(l.response().worst()), l.network(), l.target()))));
  }

  private void start(List<String> tiles) {
    report().starts().stream()
        .findFirst()
        .ifPresent(
            s ->
                tiles.add(
                    tile(
                        Numbers.time(s.firstMillis() * 1e6),
                        "from the start of the JVM to the first result, " + s.target())));
  }
}
