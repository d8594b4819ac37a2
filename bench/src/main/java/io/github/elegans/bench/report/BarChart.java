package io.github.elegans.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Groups of horizontal bars: long names have a line of their own above their bars, so that the
 * chart is as readable on a phone.
 */
final class BarChart {
  private static final double TITLE = 19;
  private static final double BAR = 13;
  private static final double GAP = 3;
  private static final double BETWEEN = 12;

  private final String label;
  private final double labelWidth;
  private final double longest;
  private final List<Group> groups = new ArrayList<>();

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

  /** Bars under a title, on a scale of their own. */
  private record Group(String title, List<Bar> bars) {}

  /**
   * An empty chart.
   *
   * @param labelWidth room for the texts at the ends of the bars
   */
  BarChart(String label, double labelWidth) {
    this(label, labelWidth, Double.POSITIVE_INFINITY);
  }

  /**
   * An empty chart with an end.
   *
   * @param labelWidth room for the texts at the ends of the bars
   * @param longest what is longer is cut off there, and whiskers have no end then
   */
  BarChart(String label, double labelWidth, double longest) {
    this.label = label;
    this.labelWidth = labelWidth;
    this.longest = longest;
  }

  void group(String title, List<Bar> bars) {
    groups.add(new Group(title, List.copyOf(bars)));
  }

  String draw(double width) {
    double height = 0;
    for (Group group : groups) {
      height += TITLE + group.bars.size() * (BAR + GAP) + BETWEEN;
    }
    Svg svg = new Svg(width, Math.max(1, height - BETWEEN + 4), label);
    double y = 0;
    double room = width - labelWidth;
    for (Group group : groups) {
      double scale =
          Math.min(
              longest,
              group.bars.stream().mapToDouble(b -> Math.max(b.length, b.high)).max().orElse(1));
      svg.text("bartitle", 0, y + 13, "start", group.title);
      y += TITLE;
      svg.line("base", 0.5, y - 1, 0.5, y + group.bars.size() * (BAR + GAP) - GAP + 1);
      for (Bar bar : group.bars) {
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
      y += BETWEEN;
    }
    return svg.toString();
  }
}
