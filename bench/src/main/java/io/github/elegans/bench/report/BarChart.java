package io.github.elegans.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Horizontal bars under a title, each below a line with its name and its value, so that no colour
 * need be looked up and the chart is as readable on a phone.
 *
 * @param label what it shows, for those who hear it
 * @param title what stands above the bars
 * @param longest what is longer is cut off there, and whiskers have no end then
 */
record BarChart(String label, String title, List<Bar> bars, double longest) {
  private static final double TITLE = 24;
  private static final double LINE = 14;
  private static final double BAR = 9;
  private static final double GAP = 7;

  /** How wide a character of a name or a value is, rather too wide than too narrow. */
  private static final double CHARACTER = 6.8;

  /**
   * A bar.
   *
   * @param series the number of its colour
   * @param name what it is of
   * @param length its length
   * @param low where its whisker begins
   * @param high where its whisker ends; there is none if it is not above {@code low}
   * @param text its value
   * @param story what it tells when it is pointed at
   */
  record Bar(
      int series, String name, double length, double low, double high, String text, String story) {

    /** The name in lines that leave room for the value beside them. */
    private List<String> lines(double width) {
      double room = width / CHARACTER - text.length() - 1;
      List<String> lines = new ArrayList<>();
      for (String word : name.split(" ", -1)) {
        String last = lines.isEmpty() ? "" : lines.getLast() + " ";
        if (lines.isEmpty() || last.length() + word.length() > room) {
          lines.add(word);
        } else {
          lines.set(lines.size() - 1, last + word);
        }
      }
      return lines;
    }
  }

  /** A chart that all bars fit into. */
  BarChart(String label, String title, List<Bar> bars) {
    this(label, title, bars, Double.POSITIVE_INFINITY);
  }

  String draw(double width) {
    List<List<String>> names = bars.stream().map(bar -> bar.lines(width)).toList();
    double height = names.stream().mapToDouble(BarChart::height).sum();
    Svg svg = new Svg(width, TITLE + height, label);
    double scale =
        Math.min(
            longest, bars.stream().mapToDouble(b -> Math.max(b.length, b.high)).max().orElse(1));
    svg.text("bartitle", 0, 13, "start", title);
    double y = TITLE;
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      svg.text("barname", 0, y + LINE - 4, LINE, names.get(i));
      svg.text("barvalue", width, y + LINE - 4, "end", bar.text);
      draw(svg, bar, y + LINE * names.get(i).size(), width, scale);
      y += height(names.get(i));
    }
    return svg.toString();
  }

  private static double height(List<String> name) {
    return LINE * name.size() + BAR + GAP;
  }

  private static void draw(Svg svg, Bar bar, double y, double width, double scale) {
    svg.bar("track", 0, y, width, BAR);
    double end = Math.max(1.5, width * Math.min(bar.length, scale) / scale);
    svg.bar(Palette.bar(bar.series), 0, y, end, BAR, bar.story);
    if (bar.high > bar.low) {
      double from = width * Math.clamp(bar.low, 0, scale) / scale;
      double to = width * Math.min(bar.high, scale) / scale;
      double middle = y + BAR / 2;
      svg.line("whisker", from, middle, to, middle);
      if (bar.low >= 0) {
        svg.line("whisker", from, middle - 3, from, middle + 3);
      }
      if (bar.high <= scale) {
        svg.line("whisker", to, middle - 3, to, middle + 3);
      }
    }
  }
}
