package io.github.elegans.bench.report;

import java.util.List;
import java.util.function.DoubleBinaryOperator;

/**
 * What all figures of a page share.
 *
 * @param report what they show
 * @param targets names of all targets: a target's colour and shape are those of its place
 */
record Figures(BenchReport report, List<String> targets) {
  private static final double BROAD = 1040;
  private static final double NARROW = 346;
  private static final double CARD = 308;

  /** Draws a chart in a size. */
  interface Drawing {
    String draw(double width, double height);
  }

  int series(String target) {
    return targets.indexOf(target);
  }

  /** A target's name without its tier, if that backend was measured on no other. */
  String shortName(String target) {
    return report.targets().stream()
        .filter(known -> known.name().equals(target))
        .map(BenchReport.Target::backend)
        .filter(
            backend ->
                report.targets().stream()
                        .filter(known -> known.backend().equals(backend) && !known.name().isEmpty())
                        .count()
                    == 1)
        .findFirst()
        .orElse(target);
  }

  /**
   * Which colour, shape and line are whose.
   *
   * @param names those that are asked for
   * @param joined whether lines are drawn through the signs
   */
  String legend(List<String> names, boolean joined) {
    StringBuilder html = new StringBuilder("<ul class=\"legend\">");
    for (String name : targets) {
      if (names.contains(name)) {
        double width = joined ? 34 : 14;
        Svg sign = new Svg(width, 14, name);
        if (joined) {
          sign.path(Palette.line(series(name)), List.of(new double[] {1, 7}, new double[] {33, 7}));
        }
        sign.marker(series(name), width / 2, 7, 5, name);
        html.append("<li>").append(sign).append(Html.text(name)).append("</li>");
      }
    }
    return html.append("</ul>\n").toString();
  }

  /** A large chart, drawn twice: for screens and for phones. */
  static String broad(Drawing chart) {
    return "<div class=\"broad\">%s</div><div class=\"narrow\">%s</div>\n"
        .formatted(chart.draw(BROAD, 440), chart.draw(NARROW, 350));
  }

  /** Curves in a card among others, and below them their names. */
  String card(String title, List<String> names, Drawing chart) {
    return "<div class=\"card\"><h3>%s</h3>%s%s</div>\n"
        .formatted(Html.text(title), chart.draw(CARD, 230), legend(names, true));
  }

  static String card(Drawing chart) {
    return "<div class=\"card\">%s</div>\n".formatted(chart.draw(CARD, 0));
  }

  static String cards(List<String> cards) {
    return "<div class=\"cards\">%s</div>\n".formatted(String.join("", cards));
  }

  static String wideCard(String content) {
    return "<div class=\"card wide\">%s</div>\n".formatted(content);
  }

  /** The least or greatest of some values, chosen by the operator. */
  static double over(List<double[]> points, int coordinate, DoubleBinaryOperator choice) {
    return points.stream().mapToDouble(point -> point[coordinate]).reduce(choice).orElse(1);
  }

  /** A section's heading. */
  static String heading(String id, String title, String lead) {
    return "<h2 id=\"%s\">%s</h2>\n<p class=\"note\">%s</p>\n"
        .formatted(id, Html.text(title), Html.text(lead));
  }
}
