package io.github.elegans.bench.cli;

import io.github.elegans.bench.co2.ChangeForecast;
import io.github.elegans.bench.co2.Readings;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws results as PNG files. */
final class Charts {
  private static final int WIDTH = 1400;
  private static final int GAP_WIDTH = 540;
  private static final int PANEL_HEIGHT = 500;
  private static final Color INK = new Color(0x22, 0x2a, 0x35);
  private static final Color GRID = new Color(0xe4, 0xe7, 0xeb);
  private static final Color RECORD = new Color(0x9f, 0xb3, 0xc8);
  private static final Color RECORD_INK = new Color(0x5b, 0x6b, 0x7f);
  private static final Color FORECAST = new Color(0xd5, 0x5e, 0x00);
  private static final Color MISSING = new Color(0xcc, 0x33, 0x66);

  /** Colours that differ for everyone (Okabe and Ito), one for each backend. */
  private static final Map<String, Color> BACKENDS =
      Map.of(
          "native", new Color(0xd5, 0x5e, 0x00),
          "vector", new Color(0x00, 0x72, 0xb2),
          "scalar", new Color(0x99, 0x9f, 0xa8));

  private static final Color OTHER_BACKEND = new Color(0x00, 0x9e, 0x73);

  private Charts() {}

  /**
   * The timings of one network.
   *
   * @param network what the panel is called
   */
  record Timings(String network, List<StepTiming> timings) {}

  // ---- record and forecast --------------------------------------------------------------------

  /**
   * Draws a record with its forecasts: the whole, the longest gap, and the last years.
   *
   * @param title what the record is
   * @param forecasts of all rows of the task
   * @param error the root mean square error of the forecasts that training did not see
   * @param persistence that of assuming that nothing changes
   */
  static void forecast(
      Path file,
      String title,
      ChangeForecast task,
      double[] forecasts,
      double error,
      double persistence)
      throws IOException {
    Readings readings = task.readings();
    LocalDate first = readings.dates().getFirst();
    LocalDate last = readings.dates().getLast();
    LocalDate firstTest = readings.dates().get(task.target(task.firstTestRow()));

    XYChart whole = panel(WIDTH, title + ", and every next reading as a CfC network forecasts it");
    whole.getStyler().setXAxisDecimalPattern("0");
    whole.getStyler().setYAxisTickMarkSpacingHint(60);
    Points record = record(readings, first, last);
    addLine(whole, "record", record, Charts::years, RECORD, 3.5f);
    addLine(
        whole,
        "forecast of years unseen in training",
        forecast(task, forecasts, firstTest, last),
        Charts::years,
        FORECAST,
        1.4f);
    if (!readings.missing().isEmpty()) {
      var missing = new Points();
      double floor = Math.floor(record.least()) - 3;
      readings.missing().forEach(date -> missing.add(date, floor));
      addMarks(whole, "weeks without a reading", missing, Charts::years, MISSING)
          .setMarker(SeriesMarkers.RECTANGLE);
    }

    XYChart detail =
        panel(
            readings.missing().isEmpty() ? WIDTH : WIDTH - GAP_WIDTH,
            "Unseen in training: RMSE %.3f ppm (persistence %.3f ppm)"
                .formatted(error, persistence));
    addDetail(detail, task, forecasts, last.minusMonths(24), last);
    if (readings.missing().isEmpty()) {
      write(file, List.of(List.of(whole), List.of(detail)));
      return;
    }
    int gap = longestGap(readings);
    LocalDate before = readings.dates().get(gap);
    LocalDate after = readings.dates().get(gap + 1);
    XYChart across =
        panel(
            GAP_WIDTH,
            "Across the longest gap: %d weeks".formatted(ChronoUnit.WEEKS.between(before, after)));
    addDetail(across, task, forecasts, before.minusMonths(4), after.plusMonths(4));
    write(file, List.of(List.of(whole), List.of(across, detail)));
  }

  private static XYChart panel(int width, String title) {
    XYChart chart = new XYChartBuilder().width(width).height(PANEL_HEIGHT).title(title).build();
    style(chart.getStyler());
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNW);
    chart.getStyler().setDatePattern("MMM yyyy");
    chart.getStyler().setTimezone(TimeZone.getTimeZone(ZoneOffset.UTC));
    chart.getStyler().setLocale(Locale.ENGLISH);
    return chart;
  }

  /** Points of a curve; NaN breaks it. */
  private static final class Points {
    final List<LocalDate> dates = new ArrayList<>();
    final List<Double> values = new ArrayList<>();

    void add(LocalDate date, double value) {
      dates.add(date);
      values.add(value);
    }

    double least() {
      return values.stream().filter(v -> !v.isNaN()).mapToDouble(v -> v).min().orElse(0);
    }
  }

  /** A date as years, which the ticks of a long axis are best counted in. */
  private static Object years(LocalDate date) {
    return date.getYear() + (date.getDayOfYear() - 1.0) / date.lengthOfYear();
  }

  private static Object day(LocalDate date) {
    return Date.from(date.atStartOfDay(ZoneOffset.UTC).toInstant());
  }

  private static void addDetail(
      XYChart chart, ChangeForecast task, double[] forecasts, LocalDate from, LocalDate to) {
    addLine(chart, "record", record(task.readings(), from, to), Charts::day, RECORD_INK, 1.5f)
        .setMarker(SeriesMarkers.CIRCLE);
    Points forecast = forecast(task, forecasts, from, to);
    addMarks(chart, "forecast", forecast, Charts::day, FORECAST).setMarker(SeriesMarkers.DIAMOND);
  }

  private static XYSeries addLine(
      XYChart chart,
      String name,
      Points points,
      Function<LocalDate, ?> axis,
      Color color,
      float width) {
    XYSeries series =
        chart.addSeries(name, points.dates.stream().map(axis).toList(), points.values);
    series.setLineColor(color);
    series.setMarkerColor(color);
    series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }

  private static XYSeries addMarks(
      XYChart chart, String name, Points points, Function<LocalDate, ?> axis, Color color) {
    XYSeries series = addLine(chart, name, points, axis, color, 0);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    return series;
  }

  private static Points record(Readings readings, LocalDate from, LocalDate to) {
    var points = new Points();
    for (int i = 0; i < readings.size(); i++) {
      LocalDate date = readings.dates().get(i);
      if (date.isBefore(from) || date.isAfter(to)) {
        continue;
      }
      points.add(date, readings.values()[i]);
      LocalDate next = date.plusDays(7);
      if (i + 1 < readings.size() && next.isBefore(readings.dates().get(i + 1))) {
        points.add(next, Double.NaN);
      }
    }
    return points;
  }

  /** The reading that the longest gap comes after. */
  private static int longestGap(Readings readings) {
    int longest = 0;
    for (int i = 0; i + 1 < readings.size(); i++) {
      if (readings.days(i + 1) - readings.days(i)
          > readings.days(longest + 1) - readings.days(longest)) {
        longest = i;
      }
    }
    return longest;
  }

  private static Points forecast(
      ChangeForecast task, double[] forecasts, LocalDate from, LocalDate to) {
    var points = new Points();
    for (int row = 0; row < task.rows(); row++) {
      LocalDate date = task.readings().dates().get(task.target(row));
      if (!date.isBefore(from) && !date.isAfter(to)) {
        points.add(date, forecasts[row]);
      }
    }
    return points;
  }

  // ---- timings --------------------------------------------------------------------------------

  /** Draws how many steps each backend does in a second, a panel for each network. */
  static void timings(Path file, List<Timings> networks) throws IOException {
    var panels = new ArrayList<List<CategoryChart>>();
    for (Timings network : networks) {
      CategoryChart chart =
          new CategoryChartBuilder()
              .width(WIDTH)
              .height(460)
              .title("Rows advanced by a step in a second, one thread: CfC of " + network.network)
              .xAxisTitle("batch")
              .yAxisTitle("million rows per second")
              .build();
      style(chart.getStyler());
      chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
      chart.getStyler().setAvailableSpaceFill(0.8);
      chart.getStyler().setLabelsVisible(true);
      chart.getStyler().setLabelsPosition(1.06);
      chart.getStyler().setLabelsFontColorAutomaticEnabled(false);
      chart.getStyler().setLabelsFont(font(Font.PLAIN, 15));
      chart.getStyler().setYAxisMin(0.0);
      var byBackend = new LinkedHashMap<String, List<StepTiming>>();
      for (StepTiming timing : network.timings) {
        byBackend.computeIfAbsent(timing.backend(), name -> new ArrayList<>()).add(timing);
      }
      byBackend.forEach(
          (backend, timings) ->
              chart
                  .addSeries(
                      backend,
                      timings.stream().map(StepTiming::batch).toList(),
                      timings.stream()
                          .map(timing -> rounded(timing.rowsPerSecond() / 1e6))
                          .toList())
                  .setFillColor(BACKENDS.getOrDefault(backend, OTHER_BACKEND)));
      panels.add(List.of(chart));
    }
    write(file, panels);
  }

  /** What a label can show: three significant digits. */
  private static double rounded(double value) {
    return new BigDecimal(value).round(new MathContext(3)).doubleValue();
  }

  // ---- all charts -----------------------------------------------------------------------------

  private static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  private static void style(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartFontColor(INK);
    styler.setAxisTickLabelsColor(INK);
    styler.setAxisTickMarksColor(INK);
    styler.setChartTitleFont(font(Font.BOLD, 20));
    styler.setChartTitleBoxVisible(false);
    styler.setAxisTitleFont(font(Font.PLAIN, 17));
    styler.setAxisTickLabelsFont(font(Font.PLAIN, 16));
    styler.setLegendFont(font(Font.PLAIN, 17));
    styler.setLegendBorderColor(Color.WHITE);
    styler.setLegendBackgroundColor(Color.WHITE);
    styler.setChartPadding(18);
    styler.setMarkerSize(7);
  }

  /** Writes rows of panels, one below the other. */
  private static void write(Path file, List<? extends List<? extends Chart<?, ?>>> rows)
      throws IOException {
    int height = rows.stream().mapToInt(row -> row.getFirst().getHeight()).sum();
    var image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (List<? extends Chart<?, ?>> row : rows) {
      AffineTransform start = graphics.getTransform();
      for (Chart<?, ?> panel : row) {
        panel.paint(graphics, panel.getWidth(), panel.getHeight());
        graphics.translate(panel.getWidth(), 0);
      }
      graphics.setTransform(start);
      graphics.translate(0, row.getFirst().getHeight());
    }
    graphics.dispose();
    ImageIO.write(image, "png", file.toFile());
  }
}
