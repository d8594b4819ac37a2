package io.github.elegans.bench.report;

import java.util.List;

/**
 * Horizontal bars under a title, which has a line of its own, so that the chart is as readable on a
 * phone.
 *
 * @param label what it shows, for those who hear it
 * @param title what stands above the bars
 * @param labelWidth room for the texts at the ends of the bars
 * @param longest what is longer is cut off there, and whiskers have no end then
 */
record BarChart(String label, String title, List<Bar> bars, double labelWidth, double longest) {
  private static final double TITLE = 19;
  private static final double BAR = 13;
  private static final double GAP = 3;

  /**
   * A bar.
   *
   * @param series the number of its colour
   * @param length its length
   * @param low where its whisker begins
   * @param high where its whisker ends; there is none if it is not above {@code low}
   * @param text what stands at its end
   * @param story what it tells when it is pointed at
   */
  record Bar(int series, double length, double low, double high, String text, String story) {}

  /** A chart that all bars fit into. */
  BarChart(String label, String title, List<Bar> bars, double labelWidth) {
    this(label, title, bars, labelWidth, Double.POSITIVE_INFINITY);
  }

  String draw(double width) {
    double height = bars.size() * (BAR + GAP);
    Svg svg = new Svg(width, TITLE + height + 4, label);
    double room = width - labelWidth;
    double scale =
        Math.min(
            longest, bars.stream().mapToDouble(b -> Math.max(b.length, b.high)).max().orElse(1));
    svg.text("bartitle", 0, 13, "start", title);
    svg.line("base", 0.5, TITLE - 1, 0.5, TITLE + height - GAP + 1);
    double y = TITLE;
    for (Bar bar : bars) {
      double end = Math.max(1.5, room * Math.min(bar.length, scale) / scale);
      svg.bar("f" + Palette.index(bar.series), 0.5, y, end, BAR, bar.story);
      if (bar.high > bar.low) {
        double from = room * Math.clamp(bar.low, 0, scale) / scale;
        double to = room * Math.min(bar.high, scale) / scale;
        double middle = y + BAR / 2;
        svg.line("whisker", from, middle, to, middle);
        if (bar.low >= 0) {
          svg.line("whisker", from, middle - 3, from, middle + 3);
        }
        if (bar.high <= scale) {
          svg.line("whisker", to, middle - 3, to, middle + 3);
        }
        end = Math.max(end, to);
      }
      svg.text("barvalue", end + 6, y + BAR - 2.5, "start", bar.text);
      y += BAR + GAP;
    }
    return svg.toString();
  }
}
