package io.github.elegans.cli;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws solutions of differential equations as PNG files. */
final class OdeCharts {
  private static final int WIDTH = 1200;
  private static final int PANEL = 330;
  private static final int MAP = 720;
  private static final Color INK = new Color(0x22, 0x2a, 0x35);
  private static final Color GRID = new Color(0xe4, 0xe7, 0xeb);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 18);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 15);

  /** Colours of viridis, from low to high (Smith and van der Walt 2015). */
  private static final int[] VIRIDIS = {
    0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725
  };

  private OdeCharts() {}

  /**
   * A curve.
   *
   * @param panel what is drawn, which has a panel of its own
   * @param label of the curve, empty if there is but one
   */
  record Line(String panel, String label, double[] x, double[] y) {}

  private static BufferedImage blank(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = graphics(image);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    g.dispose();
    return image;
  }

  private static Graphics2D graphics(BufferedImage image) {
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(INK);
    g.setFont(TEXT);
    return g;
  }

  /**
   * Draws curves, one panel for each thing drawn, all with the same horizontal axis.
   *
   * @param phase whether the horizontal axis has room at its ends, as that of time has not
   */
  static void lines(Path file, String title, String horizontal, boolean phase, List<Line> lines)
      throws IOException {
    Map<String, List<Line>> panels = new LinkedHashMap<>();
    lines.forEach(line -> panels.computeIfAbsent(line.panel, p -> new ArrayList<>()).add(line));
    int top = 56;
    int height = phase ? 2 * PANEL : PANEL;
    int below = 36;
    BufferedImage image = blank(WIDTH, top + panels.size() * height + 34);
    Graphics2D g = graphics(image);
    FontMetrics metrics = g.getFontMetrics();
    List<Axis> vertical = new ArrayList<>();
    panels
        .values()
        .forEach(
            panel -> {
              double[] range = range(panel.stream().map(Line::y).toList());
              vertical.add(Axis.around(range[0], range[1], phase ? 12 : 8));
            });
    // Panels are aligned: the widest number of any makes room for all.
    int numbers = vertical.stream().mapToInt(axis -> axis.widest(metrics)).max().orElse(0);
    int left = 44 + numbers;
    List<Line> named = panels.values().iterator().next();
    int legend = named.stream().mapToInt(line -> metrics.stringWidth(line.label)).max().orElse(0);
    int right = legend == 0 ? 48 : legend + 76;
    int width = WIDTH - left - right;
    double[] wide = range(lines.stream().map(Line::x).toList());
    double room = phase ? 0.03 * (wide[1] - wide[0]) : 0;
    Axis x = Axis.horizontal(wide[0] - room, wide[1] + room, width, metrics);
    g.setFont(TITLE);
    g.drawString(title, left, 34);
    g.setFont(TEXT);
    int i = 0;
    for (Map.Entry<String, List<Line>> panel : panels.entrySet()) {
      Rectangle2D.Double area =
          new Rectangle2D.Double(left, top + i * height, width, height - below);
      frame(g, area, x, vertical.get(i), panel.getKey());
      curves(g, area, x, vertical.get(i), panel.getValue());
      i++;
    }
    g.setColor(INK);
    g.drawString(
        horizontal,
        left + (width - metrics.stringWidth(horizontal)) / 2,
        top + panels.size() * height + 18);
    if (legend > 0) {
      legend(g, left + width + 18, top, named);
    }
    g.dispose();
    PngFile.write(image, file);
  }

  /** The least and the greatest finite number, or 0 and 1 if there is none. */
  static double[] range(List<double[]> arrays) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] values : arrays) {
      for (double value : values) {
        if (Double.isFinite(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    return low <= high ? new double[] {low, high} : new double[] {0, 1};
  }

  private static void frame(Graphics2D g, Rectangle2D.Double area, Axis x, Axis y, String name) {
    FontMetrics metrics = g.getFontMetrics();
    g.setStroke(new BasicStroke(1));
    double bottom = area.y + area.height;
    for (double tick : x.ticks()) {
      double at = snap(area.x + x.part(tick) * area.width);
      g.setColor(GRID);
      g.draw(new Line2D.Double(at, area.y, at, bottom));
      g.setColor(INK);
      g.draw(new Line2D.Double(at, bottom, at, bottom + 5));
      String label = x.label(tick);
      g.drawString(label, (float) at - metrics.stringWidth(label) / 2f, (float) bottom + 22);
    }
    for (double tick : y.ticks()) {
      double at = snap(bottom - y.part(tick) * area.height);
      g.setColor(GRID);
      g.draw(new Line2D.Double(area.x, at, area.x + area.width, at));
      g.setColor(INK);
      g.draw(new Line2D.Double(area.x - 5, at, area.x, at));
      String label = y.label(tick);
      g.drawString(label, (float) area.x - 10 - metrics.stringWidth(label), (float) at + 5);
    }
    g.setColor(INK);
    double edge = snap(area.x);
    g.draw(new Line2D.Double(edge, area.y, edge, bottom));
    g.draw(new Line2D.Double(edge, snap(bottom), area.x + area.width, snap(bottom)));
    vertically(g, name, 22, area.y + area.height / 2);
  }

  /** The middle of the nearest pixel: lines of width 1 stay sharp. */
  private static double snap(double at) {
    return Math.floor(at) + 0.5;
  }

  private static void vertically(Graphics2D g, String text, double x, double middle) {
    Graphics2D turned = (Graphics2D) g.create();
    turned.rotate(-Math.PI / 2);
    turned.drawString(
        text, (float) (-middle - g.getFontMetrics().stringWidth(text) / 2.0), (float) x);
    turned.dispose();
  }

  private static void curves(
      Graphics2D g, Rectangle2D.Double area, Axis x, Axis y, List<Line> lines) {
    Shape clip = g.getClip();
    g.clip(new Rectangle2D.Double(area.x, area.y - 2, area.width + 2, area.height + 2));
    g.setStroke(new BasicStroke(1.6f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    for (int i = 0; i < lines.size(); i++) {
      g.setColor(colour(i, lines.size()));
      double[] px = lines.get(i).x.clone();
      double[] py = lines.get(i).y.clone();
      for (int k = 0; k < px.length; k++) {
        px[k] = area.x + x.part(px[k]) * area.width;
        py[k] = area.y + (1 - y.part(py[k])) * area.height;
      }
      boolean[] needed = needed(px, py);
      // In pieces: a stroke that meets itself thousands of times takes for ever.
      Path2D.Double path = new Path2D.Double();
      int points = 0;
      for (int k = 0; k < px.length; k++) {
        if (!Double.isFinite(px[k]) || !Double.isFinite(py[k])) {
          points = drawn(g, path);
        } else if (needed[k]) {
          if (points == 0) {
            path.moveTo(px[k], py[k]);
          }
          path.lineTo(px[k], py[k]);
          if (++points == 500) {
            points = drawn(g, path);
            path.moveTo(px[k], py[k]);
            points = 1;
          }
        }
      }
      drawn(g, path);
    }
    g.setClip(clip);
  }

  private static int drawn(Graphics2D g, Path2D.Double path) {
    g.draw(path);
    path.reset();
    return 0;
  }

  /**
   * Which points of a curve show: of those in one column of pixels the first, the lowest, the
   * highest and the last, so that no extreme is lost.
   */
  static boolean[] needed(double[] px, double[] py) {
    boolean[] needed = new boolean[px.length];
    int from = 0;
    while (from < px.length) {
      int least = from;
      int most = from;
      int to = from;
      while (to + 1 < px.length
          && Math.floor(px[to + 1]) == Math.floor(px[from])
          && Double.isFinite(py[to] + py[to + 1])) {
        to++;
        least = py[to] < py[least] ? to : least;
        most = py[to] > py[most] ? to : most;
      }
      needed[from] = true;
      needed[least] = true;
      needed[most] = true;
      needed[to] = true;
      from = to + 1;
    }
    return needed;
  }

  private static void legend(Graphics2D g, int left, int top, List<Line> lines) {
    for (int i = 0; i < lines.size(); i++) {
      int y = top + 12 + 24 * i;
      g.setColor(colour(i, lines.size()));
      g.setStroke(new BasicStroke(2.4f));
      g.draw(new Line2D.Double(left, y, left + 26, y));
      g.setColor(INK);
      g.drawString(lines.get(i).label, left + 36, y + 5);
    }
  }

  private static Color colour(int i, int count) {
    return colour(count == 1 ? 0.3 : 0.9 * i / (count - 1));
  }

  private static Color colour(double part) {
    double at = Math.clamp(part, 0, 1) * (VIRIDIS.length - 1);
    int i = Math.min((int) at, VIRIDIS.length - 2);
    Color a = new Color(VIRIDIS[i]);
    Color b = new Color(VIRIDIS[i + 1]);
    double f = at - i;
    return new Color(
        (int) Math.round(a.getRed() + f * (b.getRed() - a.getRed())),
        (int) Math.round(a.getGreen() + f * (b.getGreen() - a.getGreen())),
        (int) Math.round(a.getBlue() + f * (b.getBlue() - a.getBlue())));
  }

  /**
   * Draws values over two swept names, {@code [vertical][horizontal]}; NaN stays grey.
   *
   * @param horizontalRange the names' first and last value, in the middle of the outermost cells
   */
  static void map(
      Path file,
      String title,
      String horizontal,
      double[] horizontalRange,
      String vertical,
      double[] verticalRange,
      double[][] values)
      throws IOException {
    double[] range = range(List.of(values));
    BufferedImage scratch = blank(1, 1);
    FontMetrics metrics = graphics(scratch).getFontMetrics();
    int columns = values[0].length;
    Axis x = cells(horizontalRange, columns, metrics);
    Axis y = cells(verticalRange, values.length, metrics);
    Axis scale = Axis.of(range[0], range[1], 8);
    int left = 50 + y.widest(metrics);
    int top = 60;
    int bar = left + MAP + 40;
    BufferedImage image = blank(bar + 60 + scale.widest(metrics), top + MAP + 80);
    Graphics2D g = graphics(image);
    for (int py = 0; py < MAP; py++) {
      for (int px = 0; px < MAP; px++) {
        double value =
            values[cell(y, verticalRange, values.length, MAP - 1 - py)][
                cell(x, horizontalRange, columns, px)];
        Color colour = Double.isFinite(value) ? colour(scale(range, value)) : Color.LIGHT_GRAY;
        image.setRGB(left + px, top + py, colour.getRGB());
      }
      g.setColor(colour(1 - py / (double) (MAP - 1)));
      g.fillRect(bar, top + py, 24, 1);
    }
    g.setColor(INK);
    g.setFont(TITLE);
    g.drawString(title, left, 36);
    g.setFont(TEXT);
    g.setStroke(new BasicStroke(1));
    for (double tick : x.ticks()) {
      double at = snap(left + x.part(tick) * (MAP - 1));
      g.draw(new Line2D.Double(at, top + MAP, at, top + MAP + 5));
      String label = x.label(tick);
      g.drawString(label, (float) at - metrics.stringWidth(label) / 2f, top + MAP + 24);
    }
    for (double tick : y.ticks()) {
      double at = snap(top + (1 - y.part(tick)) * (MAP - 1));
      g.draw(new Line2D.Double(left - 5, at, left, at));
      String label = y.label(tick);
      g.drawString(label, left - 12 - metrics.stringWidth(label), (float) at + 5);
    }
    for (double tick : scale.ticks()) {
      if (range[1] > range[0] || tick == range[0]) {
        double at = snap(top + (1 - scale(range, tick)) * (MAP - 1));
        g.draw(new Line2D.Double(bar + 24, at, bar + 29, at));
        g.drawString(scale.label(tick), bar + 36, (float) at + 5);
      }
    }
    g.drawString(horizontal, left + (MAP - metrics.stringWidth(horizontal)) / 2, top + MAP + 54);
    vertically(g, vertical, 26, top + MAP / 2.0);
    g.dispose();
    PngFile.write(image, file);
  }

  private static double scale(double[] range, double value) {
    return range[1] > range[0] ? (value - range[0]) / (range[1] - range[0]) : 0.5;
  }

  /** An axis from the edge of the first cell to that of the last. */
  private static Axis cells(double[] range, int count, FontMetrics metrics) {
    double half = count == 1 ? 0 : (range[1] - range[0]) / (count - 1) / 2;
    return Axis.horizontal(range[0] - half, range[1] + half, MAP, metrics);
  }

  private static int cell(Axis axis, double[] range, int count, int pixel) {
    double value = axis.low() + (pixel + 0.5) / MAP * (axis.high() - axis.low());
    double at = count == 1 ? 0 : (value - range[0]) / (range[1] - range[0]) * (count - 1);
    return (int) Math.clamp(Math.rint(at), 0, count - 1);
  }

  /** A number for a label: four digits, no zeros behind. */
  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.4g", value);
    if (text.indexOf('e') >= 0) {
      return String.valueOf(Double.parseDouble(text)).replace(".0E", "e").replace('E', 'e');
    }
    return text.indexOf('.') < 0 ? text : text.replaceAll("0+$", "").replaceAll("\\.$", "");
  }
}
