package io.github.elegans.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * A drawing; sizes and places are in pixels from its upper left corner, colours are classes of the
 * page.
 */
final class Svg {
  private final StringBuilder markup = new StringBuilder();

  Svg(double width, double height, String label) {
    markup.append(
        "<svg viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\" aria-label=\"%s\">"
            .formatted(
                number(width), number(height), number(width), number(height), Html.text(label)));
  }

  void line(String css, double x1, double y1, double x2, double y2) {
    markup.append(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
            .formatted(css, number(x1), number(y1), number(x2), number(y2)));
  }

  /** A rectangle. */
  void bar(String css, double x, double y, double width, double height) {
    markup.append(
        "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"1.5\"/>"
            .formatted(css, number(x), number(y), number(width), number(height)));
  }

  /** A rectangle that tells its story when it is pointed at. */
  void bar(String css, double x, double y, double width, double height, String story) {
    markup.append(
        ("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"1.5\"><title>%s"
                + "</title></rect>")
            .formatted(css, number(x), number(y), number(width), number(height), Html.text(story)));
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

  /** The sign of a series, so that colour is not needed to tell them apart. */
  void marker(int series, double x, double y, double r, String story) {
    String css =
        Palette.hollow(series)
            ? "mark hollow " + Palette.stroke(series)
            : "mark " + Palette.fill(series);
    // As large as each other to the eye.
    String shape =
        switch (Palette.shape(series)) {
          case CIRCLE ->
              "circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\""
                  .formatted(css, number(x), number(y), number(r));
          case SQUARE -> polygon(css, x, y, r * 0.9, -1, -1, 1, -1, 1, 1, -1, 1);
          case TRIANGLE -> polygon(css, x, y, r * 1.15, 0, -1, 1, 0.8, -1, 0.8);
          case DIAMOND -> polygon(css, x, y, r * 1.25, 0, -1, 1, 0, 0, 1, -1, 0);
          case PLUS ->
              polygon(
                  css, x, y, r * 1.1, -0.35, -1, 0.35, -1, 0.35, -0.35, 1, -0.35, 1, 0.35, 0.35,
                  0.35, 0.35, 1, -0.35, 1, -0.35, 0.35, -1, 0.35, -1, -0.35, -0.35, -0.35);
          case WEDGE -> polygon(css, x, y, r * 1.15, 0, 1, 1, -0.8, -1, -0.8);
          case CROSS ->
              polygon(
                  css, x, y, r * 0.95, -1, -0.5, -0.5, -1, 0, -0.5, 0.5, -1, 1, -0.5, 0.5, 0, 1,
                  0.5, 0.5, 1, 0, 0.5, -0.5, 1, -1, 0.5, -0.5, 0);
          case HOURGLASS -> polygon(css, x, y, r, -1, -1, 1, -1, -1, 1, 1, 1);
        };
    String tag = shape.substring(0, shape.indexOf(' '));
    markup.append("<%s><title>%s</title></%s>".formatted(shape, Html.text(story), tag));
  }

  private static String polygon(String css, double x, double y, double r, double... corners) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < corners.length; i += 2) {
      points.append(number(x + r * corners[i])).append(',');
      points.append(number(y + r * corners[i + 1])).append(' ');
    }
    return "polygon class=\"%s\" points=\"%s\"".formatted(css, points.toString().strip());
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
            : " transform=\"rotate(%s %s %s)\"".formatted(number(degrees), number(x), number(y));
    markup.append(
        "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\"%s>%s</text>"
            .formatted(css, number(x), number(y), anchor, turn, Html.text(text)));
  }

  /** Text in several lines. */
  void text(String css, double x, double y, double lineHeight, List<String> lines) {
    markup.append("<text class=\"%s\" y=\"%s\">".formatted(css, number(y)));
    for (int i = 0; i < lines.size(); i++) {
      // The space between two lines is not seen, but heard and copied.
      markup.append(
          "<tspan x=\"%s\" dy=\"%s\">%s</tspan>%s"
              .formatted(
                  number(x),
                  number(i == 0 ? 0 : lineHeight),
                  Html.text(lines.get(i)),
                  i + 1 < lines.size() ? " " : ""));
    }
    markup.append("</text>");
  }

  /** At most one digit behind the point. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  @Override
  public String toString() {
    return markup + "</svg>\n";
  }
}
