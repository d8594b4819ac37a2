package io.github.elegans.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Curves and points over two axes. */
final class XyChart {
  private static final double LINE = 15;

  private final String label;
  private final Axis x;
  private final Axis y;
  private final List<Curve> curves = new ArrayList<>();
  private final List<Guide> guides = new ArrayList<>();

  /**
   * Values that belong together.
   *
   * @param series the number of their colour and shape
   * @param points x and y
   * @param stories what each point tells; empty if they have none to tell
   * @param joined whether a line goes through the points
   */
  record Curve(int series, List<double[]> points, List<String> stories, boolean joined) {}

  /** A straight line that means something, from one place to another. */
  record Guide(double x1, double y1, double x2, double y2, String css, String text) {}

  XyChart(String label, Axis x, Axis y) {
    this.label = label;
    this.x = x;
    this.y = y;
  }

  /** A line with a sign at every point. */
  void curve(int series, List<double[]> points, List<String> stories) {
    curves.add(new Curve(series, points, stories, true));
  }

  /** A line without signs. */
  void line(int series, List<double[]> points) {
    curves.add(new Curve(series, points, List.of(), true));
  }

  /** Signs without a line. */
  void points(int series, List<double[]> points, List<String> stories) {
    curves.add(new Curve(series, points, stories, false));
  }

  void guide(double x1, double y1, double x2, double y2, String css, String text) {
    guides.add(new Guide(x1, y1, x2, y2, css, text));
  }

  /** Draws it in that size. */
  String draw(double width, double height) {
    double left = 10;
    for (double tick : y.ticks()) {
      left = Math.max(left, 7.0 * y.label().apply(tick).length() + 12);
    }
    Svg svg = new Svg(width, height, label);
    Frame frame = new Frame(left, 2 * LINE, width - 14, height - 2.6 * LINE);
    svg.text("axis", 2, LINE * 0.9, "start", y.title());
    svg.text("axis", (frame.left + frame.right) / 2, height - 5, "middle", x.title());
    double lastEnd = Double.NEGATIVE_INFINITY;
    for (double tick : x.ticks()) {
      double at = frame.x(tick);
      svg.line("grid", at, frame.top, at, frame.bottom);
      String text = x.label().apply(tick);
      double half = 3.4 * text.length();
      // What would run into its neighbour, or off the edge, is left out.
      if (at - half > lastEnd + 4 && at + half < width) {
        svg.text("tick", at, frame.bottom + LINE, "middle", text);
        lastEnd = at + half;
      }
    }
    for (double tick : y.ticks()) {
      double at = frame.y(tick);
      svg.line("grid", frame.left, at, frame.right, at);
      svg.text("tick", frame.left - 6, at + 4, "end", y.label().apply(tick));
    }
    guides.forEach(guide -> draw(svg, frame, guide));
    for (Curve curve : curves) {
      if (curve.joined && curve.points.size() > 1) {
        svg.path(
            Palette.line(curve.series),
            curve.points.stream().map(p -> new double[] {frame.x(p[0]), frame.y(p[1])}).toList());
      }
    }
    for (Curve curve : curves) {
      for (int i = 0; i < curve.stories.size(); i++) {
        double[] point = curve.points.get(i);
        svg.marker(curve.series, frame.x(point[0]), frame.y(point[1]), 4.2, curve.stories.get(i));
      }
    }
    return svg.toString();
  }

  private static void draw(Svg svg, Frame frame, Guide guide) {
    double x1 = frame.x(guide.x1);
    double y1 = frame.y(guide.y1);
    double x2 = frame.x(guide.x2);
    double y2 = frame.y(guide.y2);
    svg.line(guide.css, x1, y1, x2, y2);
    if (guide.text.isEmpty()) {
      return;
    }
    if (Math.abs(y1 - y2) < 0.5) {
      svg.text("guide", x2 - 4, y2 - 5, "end", guide.text);
    } else {
      double degrees = Math.toDegrees(Math.atan2(y2 - y1, x2 - x1));
      svg.text(
          "guide",
          x1 + 6,
          y1 - 5 + 6 * Math.tan(Math.toRadians(degrees)),
          "start",
          degrees,
          guide.text);
    }
  }

  /** Where the axes' values lie. */
  private final class Frame {
    private final double left;
    private final double top;
    private final double right;
    private final double bottom;

    Frame(double left, double top, double right, double bottom) {
      this.left = left;
      this.top = top;
      this.right = right;
      this.bottom = bottom;
    }

    double x(double value) {
      return left + (right - left) * Math.clamp(x.at(value), 0, 1);
    }

    double y(double value) {
      return bottom - (bottom - top) * Math.clamp(y.at(value), 0, 1);
    }
  }
}
