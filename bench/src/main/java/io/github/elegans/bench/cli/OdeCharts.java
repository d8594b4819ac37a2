package io.github.elegans.bench.cli;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws solutions of differential equations as PNG files. */
final class OdeCharts {
  private static final int WIDTH = 1200;
  private static final int HEIGHT = 420;
  private static final int MAP = 720;
  private static final Color INK = new Color(0x22, 0x2a, 0x35);

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

  /** Draws curves, one panel for each thing drawn. */
  static void lines(Path file, String title, String horizontal, List<Line> lines)
      throws IOException {
    Map<String, List<Line>> panels = new LinkedHashMap<>();
    lines.forEach(line -> panels.computeIfAbsent(line.panel, p -> new ArrayList<>()).add(line));
    BufferedImage image =
        new BufferedImage(WIDTH, HEIGHT * panels.size(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    int top = 0;
    for (Map.Entry<String, List<Line>> panel : panels.entrySet()) {
      XYChart chart =
          new XYChartBuilder()
              .width(WIDTH)
              .height(HEIGHT)
              .title(top == 0 ? title : "")
              .xAxisTitle(horizontal)
              .yAxisTitle(panel.getKey())
              .build();
      Styler styler = chart.getStyler();
      styler.setChartBackgroundColor(Color.WHITE);
      chart.getStyler().setDecimalPattern("#0.###");
      chart.getStyler().setPlotBorderVisible(false);
      chart.getStyler().setPlotGridLinesColor(new Color(0xe4, 0xe7, 0xeb));
      boolean named = !panel.getValue().getFirst().label.isEmpty();
      styler.setLegendVisible(named);
      styler.setLegendPosition(Styler.LegendPosition.OutsideE);
      int i = 0;
      for (Line line : panel.getValue()) {
        XYSeries series = chart.addSeries(named ? line.label : line.panel + i, line.x, line.y);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(
            colour(panel.getValue().size() == 1 ? 0.3 : 0.9 * i / (panel.getValue().size() - 1)));
        series.setLineStyle(new BasicStroke(1.6f));
        i++;
      }
      Graphics2D part = (Graphics2D) graphics.create(0, top, WIDTH, HEIGHT);
      chart.paint(part, WIDTH, HEIGHT);
      part.dispose();
      top += HEIGHT;
    }
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
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

  /** Draws values over two swept names, {@code [vertical][horizontal]}; NaN stays grey. */
  static void map(
      Path file,
      String title,
      String horizontal,
      double[] horizontalRange,
      String vertical,
      double[] verticalRange,
      double[][] values)
      throws IOException {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] row : values) {
      for (double value : row) {
        if (Double.isFinite(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    int left = 110;
    int top = 60;
    BufferedImage image =
        new BufferedImage(left + MAP + 190, top + MAP + 80, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    for (int py = 0; py < MAP; py++) {
      for (int px = 0; px < MAP; px++) {
        int row = values.length - 1 - py * values.length / MAP;
        double value = values[row][px * values[0].length / MAP];
        boolean isFinite = Double.isFinite(value);
        Color colour =
            isFinite ? colour(high > low ? (value - low) / (high - low) : 0.5) : Color.LIGHT_GRAY;
        image.setRGB(left + px, top + py, colour.getRGB());
      }
    }
    int bar = left + MAP + 40;
    for (int py = 0; py < MAP; py++) {
      g.setColor(colour(1 - py / (double) (MAP - 1)));
      g.fillRect(bar, top + py, 24, 1);
    }
    g.setColor(INK);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    g.drawString(title, left, 36);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    FontMetrics metrics = g.getFontMetrics();
    for (int i = 0; i <= 4; i++) {
      String x = label(horizontalRange[0] + (horizontalRange[1] - horizontalRange[0]) * i / 4);
      g.drawString(x, left + MAP * i / 4 - metrics.stringWidth(x) / 2, top + MAP + 24);
      String y = label(verticalRange[0] + (verticalRange[1] - verticalRange[0]) * i / 4);
      g.drawString(y, left - 12 - metrics.stringWidth(y), top + MAP - MAP * i / 4 + 5);
      g.drawString(label(low + (high - low) * i / 4), bar + 32, top + MAP - MAP * i / 4 + 5);
    }
    g.drawString(horizontal, left + (MAP - metrics.stringWidth(horizontal)) / 2, top + MAP + 54);
    g.rotate(-Math.PI / 2);
    g.drawString(vertical, -(top + (MAP + metrics.stringWidth(vertical)) / 2), 26);
    g.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private static String label(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
