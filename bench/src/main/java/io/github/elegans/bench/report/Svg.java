package io.github.elegans.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * A drawing; sizes and places are in pixels from its upper left corner, colours are classes of the
 * page.
 */
final class Svg {
  private static final String[] MARKERS = {"circle", "square", "triangle", "diamond", "cross"};

  private final StringBuilder markup = new StringBuilder();

  Svg(double width, double height, String label) {
    markup.append(
        format(
            "<svg viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\" aria-label=\"%s\">",
            number(width), number(height), number(width), number(height), Html.text(label)));
  }

  void line(String css, double x1, double y1, double x2, double y2) {
    markup.append(
        format(
            "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>",
            css, number(x1), number(y1), number(x2), number(y2)));
  }

  /** A rectangle that tells its story when it is pointed at. */
  void bar(String css, double x, double y, double width, double height, String story) {
    markup.append(
        format(
            "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"1.5\"><title>%s"
                + "</title></rect>",
            css, number(x), number(y), number(width), number(height), Html.text(story)));
  }

  /** A curve through points. */
  void path(String css, List<double[]> points) {
    markup.append("<path class=\"").append(css).append("\" d=\"");
    char command = 'M';
    for (double[] point : points) {
      markup.append(command).append(number(point[0])).append(' ').append(number(point[1]));
      command = 'L';
    }
    markup.append("\"/>");
  }

  /** A sign whose shape belongs to a series, so that colour is not needed to tell them apart. */
  void marker(int series, double x, double y, double r, String story) {
    String css = "mark f" + Palette.index(series);
    String shape =
        switch (MARKERS[Math.floorMod(series, MARKERS.length)]) {
          case "circle" ->
              format(
                  "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\">",
                  css, number(x), number(y), number(r));
          case "square" -> polygon(css, x, y, r * 0.9, -1, -1, 1, -1, 1, 1, -1, 1);
          case "triangle" -> polygon(css, x, y, r * 1.15, 0, -1, 1, 0.8, -1, 0.8);
          case "diamond" -> polygon(css, x, y, r * 1.25, 0, -1, 1, 0, 0, 1, -1, 0);
          default ->
              polygon(
                  css, x, y, r, -0.35, -1, 0.35, -1, 0.35, -0.35, 1, -0.35, 1, 0.35, 0.35, 0.35,
                  0.35, 1, -0.35, 1, -0.35, 0.35, -1, 0.35, -1, -0.35, -0.35, -0.35);
        };
    markup.append(shape).append("<title>").append(Html.text(story)).append("</title>");
    markup.append(shape.startsWith("<circle") ? "</circle>" : "</polygon>");
  }

  private static String polygon(String css, double x, double y, double r, double... corners) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < corners.length; i += 2) {
      points.append(number(x + r * corners[i])).append(',');
      points.append(number(y + r * corners[i + 1])).append(' ');
    }
    return format("<polygon class=\"%s\" points=\"%s\">", css, points.toString().strip());
  }

  /** Text; the anchor is start, middle or end. */
  void text(String css, double x, double y, String anchor, String text) {
    text(css, x, y, anchor, 0, text);
  }

  /** Text that is turned by some degrees. */
  void text(String css, double x, double y, String anchor, double degrees, String text) {
    String turn =
        degrees == 0
            ? ""
            : format(" transform=\"rotate(%s %s %s)\"", number(degrees), number(x), number(y));
    markup.append(
        format(
            "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\"%s>%s</text>",
            css, number(x), number(y), anchor, turn, Html.text(text)));
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }

  /** At most one digit behind the point. */
  private static String number(double value) {
    String text = format("%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  @Override
  public String toString() {
    return markup + "</svg>\n";
  }
}
