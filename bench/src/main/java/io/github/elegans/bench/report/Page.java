package io.github.elegans.bench.report;

import io.github.elegans.bench.report.BenchReport.Host;
import io.github.elegans.bench.report.BenchReport.Spread;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A report as a page that needs nothing else. */
final class Page {
  private static final String TEMPLATE = "page.html";

  private final BenchReport report;
  private final Figures figures;

  private Page(BenchReport report) {
    this.report = report;
    figures = new Figures(report, report.targetNames());
  }

  /** The page, as HTML that is XML, too. */
  static String of(BenchReport report) {
    Page page = new Page(report);
    return template()
        .replace("{{title}}", Html.text("Elegans on " + report.host().processor()))
        .replace("{{body}}", page.body());
  }

  private static String template() {
    try (InputStream stream = Objects.requireNonNull(Page.class.getResourceAsStream(TEMPLATE))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String body() {
    KernelSections kernels = new KernelSections(figures);
    TimeSections times = new TimeSections(figures);
    Map<String, String> sections = new LinkedHashMap<>();
    sections.put("limits", kernels.limits());
    sections.put("roofline", kernels.roofline());
    sections.put("kernels", report.results().isEmpty() ? "" : kernels.kernels());
    sections.put("growth", kernels.growth());
    sections.put("scaling", kernels.scaling());
    sections.put("latency", times.latencies());
    sections.put("start", times.starts());
    sections.put("memory", times.memory());
    sections.put("noise", noise());
    sections.values().removeIf(String::isEmpty);
    return header(List.copyOf(sections.keySet()))
        + failures()
        + new Tiles(figures).all()
        + host()
        + String.join("", sections.values())
        + footer();
  }

  private String header(List<String> sections) {
    String commit = report.build().commit().isEmpty() ? "" : ", commit " + report.build().commit();
    String links =
        sections.stream()
            .map(id -> "<a href=\"#%s\">%s</a>".formatted(id, id))
            .collect(Collectors.joining(" "));
    return """
    <header>
    <p class="kicker">Elegans benchmark report</p>
    <h1>%s</h1>
    <p class="lead">%s</p>
    <nav>%s</nav>
    </header>
    """
        .formatted(
            Html.text(report.host().processor()),
            Html.text(
                "%s, %d %s. Elegans %s%s. %s, setting %s, %s long."
                    .formatted(
                        report.host().jvm(),
                        report.host().processors(),
                        report.host().processors() == 1 ? "processor" : "processors",
                        report.build().version(),
                        commit,
                        report.created().replace("T", " ").replace("Z", " UTC"),
                        report.setting(),
                        Numbers.clock(report.seconds()))),
            links);
  }

  private String failures() {
    String broken =
        report.whole()
            ? ""
            : "<p class=\"warn\">The run was broken off: %s</p>\n".formatted(missing());
    if (report.failures().isEmpty()) {
      return broken;
    }
    return broken
        + "<p class=\"warn\">Failed: %s</p>\n"
            .formatted(
                Html.text(
                    report.failures().stream()
                        .map(f -> "%s on %s (%s)".formatted(f.title(), f.target(), f.reason()))
                        .collect(Collectors.joining("; "))));
  }

  /** What a run lacks that was broken off. Nothing is measured again before all else was. */
  private String missing() {
    int fewest = report.results().stream().mapToInt(r -> r.jvms().size()).min().orElse(0);
    return fewest < 2
        ? "some benchmarks are missing, others were measured less often."
        : "no benchmark is missing, each was measured in %d JVMs or more, but some less often than they should be."
            .formatted(fewest);
  }

  private String host() {
    Host host = report.host();
    StringBuilder html = new StringBuilder("<h2 id=\"machine\">Machine and targets</h2>\n");
    html.append("<div class=\"card\"><dl>");
    String caches =
        host.caches().stream()
            .map(cache -> "L%d %s".formatted(cache.level(), Numbers.bytes((double) cache.bytes())))
            .collect(Collectors.joining(", "));
    fact(html, "caches", caches);
    fact(html, "memory", host.memoryBytes() == 0 ? "" : Numbers.bytes((double) host.memoryBytes()));
    fact(html, "features", String.join(" ", host.features()));
    fact(html, "system", host.system());
    fact(html, "flags of the JVM", String.join(" ", host.flags()));
    fact(html, "arguments", String.join(" ", host.arguments()));
    for (BenchReport.Target target : report.targets()) {
      String what = target.name().isEmpty() ? "cannot run" : "runs as " + target.name();
      String note = target.note().isEmpty() ? "" : ": " + target.note();
      fact(html, target.backend(), (target.peer() ? "another library, " : "") + what + note);
    }
    return html.append("</dl></div>\n").toString();
  }

  private static void fact(StringBuilder html, String name, String value) {
    if (!value.isEmpty()) {
      html.append("<dt>").append(Html.text(name)).append("</dt><dd>");
      html.append(Html.text(value)).append("</dd>");
    }
  }

  private String noise() {
    BenchReport.Noise noise = report.noise();
    String steal =
        noise.steal().known()
            ? "The hypervisor took %s of the processors' time away."
                .formatted(Numbers.percent(noise.steal().value()))
            : "Whether a hypervisor took time away is not known: "
                + noise.steal().unavailable()
                + ".";
    double[] errors =
        report.results().stream()
            .filter(r -> r.error() > 0)
            .mapToDouble(r -> r.error() / r.mean())
            .sorted()
            .toArray();
    String median =
        errors.length == 0
            ? ""
            : " Half of all means have a 99.9 %% confidence interval of ± %s or less."
                .formatted(Numbers.percent(errors[errors.length / 2]));
    String agreement =
        report.ours().stream().noneMatch(r -> r.jvms().size() > 1)
            ? ""
            : " The best JVMs of a benchmark agree within %s in half of all, within %s in nine of ten."
                .formatted(
                    Numbers.percent(report.spread(0.5)), Numbers.percent(report.spread(0.9)));
    String load =
        noise.loadBefore() < 0
            ? ""
            : " The load average was %s when the run began."
                .formatted(Numbers.digits(noise.loadBefore()));
    List<List<String>> rows = new ArrayList<>();
    for (Spread spread : noise.probe()) {
      rows.add(
          List.of(
              spread.quantity().label(),
              spread.target(),
              Numbers.digits(spread.lowest()),
              Numbers.digits(spread.median()),
              Numbers.digits(spread.highest()),
              spread.quantity().unit(),
              "± " + Numbers.percent(spread.share()),
              "" + spread.count()));
    }
    return Figures.heading(
            "noise",
            "Noise of the machine",
            steal
                + load
                + median
                + agreement
                + " Every benchmark's JVM probed the clock and the peak between its iterations; their"
                + " spread is what the machine did meanwhile.")
        + (rows.isEmpty()
            ? ""
            : Figures.wideCard(
                Html.table(
                    2,
                    List.of(
                        "probe", "through", "lowest", "median", "highest", "unit", "spread",
                        "JVMs"),
                    rows)));
  }

  private String footer() {
    return """
    <footer>
    <p>Times are of JMH's average mode in JVMs of their own: the median and the quartiles of the iterations, and their
    mean with its 99.9 % confidence interval; the best is the fastest piece of some tenths of a millisecond. Shares of
    roofs, growth and scaling are of the best, because the roofs are bests, too. A roof is the time that the machine
    needs at least: to do the multiply-adds, or to read the weights once for all samples of a step. Of float32
    functions and of steps of differential equations the operations of their definitions count; other functions count
    none.</p>
    <p>The same data: <a href="report.json">report.json</a>, <a href="report.csv">report.csv</a>.
    Two reports compare with <code>./elegans bench --compare A.json B.json</code>.</p>
    </footer>
    """;
  }
}
