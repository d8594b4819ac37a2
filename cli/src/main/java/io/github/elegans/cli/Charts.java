package io.github.elegans.cli;

import io.github.elegans.cli.co2.ChangeForecast;
import io.github.elegans.cli.co2.Readings;
import io.github.elegans.networks.training.History;
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
import java.util.Arrays;
import java.util.Date;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.Marker;
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
    double floor = Math.floor(Arrays.stream(readings.values()).min().orElse(0)) - 3;
    SortedMap<LocalDate, Double> missing = new TreeMap<>();
    readings.missing().forEach(date -> missing.put(date, floor));
    add(whole, "record", record(readings, first, last), Charts::years, RECORD, line(3.5f));
    add(
        whole,
        "forecast of years unseen in training",
        forecast(task, forecasts, firstTest, last),
        Charts::years,
        FORECAST,
        line(1.4f));
    add(
        whole,
        "weeks without a reading",
        missing,
        Charts::years,
        MISSING,
        marks(SeriesMarkers.RECTANGLE));

    XYChart detail =
        panel(
            readings.missing().isEmpty() ? WIDTH : WIDTH - GAP_WIDTH,
            "Unseen in training: RMSE %.3f ppm (persistence %.3f ppm)"
                .formatted(error, persistence));
    LocalDate closeUp = last.minusMonths(24);
    addDetail(detail, task, forecasts, closeUp.isAfter(firstTest) ? closeUp : firstTest, last);
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

  /** A date as years, which the ticks of a long axis are best counted in. */
  private static Object years(LocalDate date) {
    return date.getYear() + (date.getDayOfYear() - 1.0) / date.lengthOfYear();
  }

  private static Object day(LocalDate date) {
    return Date.from(date.atStartOfDay(ZoneOffset.UTC).toInstant());
  }

  private static void addDetail(
      XYChart chart, ChangeForecast task, double[] forecasts, LocalDate from, LocalDate to) {
    add(
        chart,
        "record",
        record(task.readings(), from, to),
        Charts::day,
        RECORD_INK,
        line(1.5f).andThen(series -> series.setMarker(SeriesMarkers.CIRCLE)));
    add(
        chart,
        "forecast",
        forecast(task, forecasts, from, to),
        Charts::day,
        FORECAST,
        marks(SeriesMarkers.DIAMOND));
  }

  /** Adds a curve; NaN breaks it. XChart refuses those without points. */
  private static void add(
      XYChart chart,
      String name,
      SortedMap<LocalDate, Double> points,
      Function<LocalDate, ?> axis,
      Color color,
      Consumer<XYSeries> look) {
    if (points.isEmpty()) {
      return;
    }
    XYSeries series =
        chart.addSeries(
            name, points.keySet().stream().map(axis).toList(), List.copyOf(points.values()));
    series.setLineColor(color);
    series.setMarkerColor(color);
    look.accept(series);
  }

  private static Consumer<XYSeries> line(float width) {
    return series -> {
      series.setMarker(SeriesMarkers.NONE);
      series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    };
  }

  private static Consumer<XYSeries> marks(Marker marker) {
    return series -> {
      series.setMarker(marker);
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    };
  }

  private static SortedMap<LocalDate, Double> record(
      Readings readings, LocalDate from, LocalDate to) {
    var points = new TreeMap<LocalDate, Double>();
    for (int i = 0; i < readings.size(); i++) {
      points.put(readings.dates().get(i), readings.values()[i]);
    }
    readings.missing().forEach(date -> points.put(date, Double.NaN));
    var part = new TreeMap<>(points.subMap(from, true, to, true));
    // Where points are equally spaced, XChart puts ticks at some of them instead of round values.
    part.put(to.plusDays(1), Double.NaN);
    return part;
  }

  private static SortedMap<LocalDate, Double> forecast(
      ChangeForecast task, double[] forecasts, LocalDate from, LocalDate to) {
    var points = new TreeMap<LocalDate, Double>();
    for (int row = 0; row < task.rows(); row++) {
      points.put(task.readings().dates().get(task.target(row)), forecasts[row]);
    }
    return points.subMap(from, true, to, true);
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
              .yAxisTitle("million rows per second (median)")
              .build();
      style(chart.getStyler());
      chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
      chart.getStyler().setAvailableSpaceFill(0.8);
      chart.getStyler().setLabelsVisible(true);
      chart.getStyler().setLabelsPosition(1.06);
      chart.getStyler().setLabelsFontColorAutomaticEnabled(false);
      chart.getStyler().setLabelsFont(font(Font.PLAIN, 15));
      chart.getStyler().setYAxisMin(0.0);
      chart.getStyler().setDecimalPattern("0.####");
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

  /** Draws losses over epochs, and below them every metric. */
  static void training(Path file, String title, History history) throws IOException {
    List<History.Epoch> epochs = history.epochs();
    List<Integer> numbers = epochs.stream().map(epoch -> epoch.number() + 1).toList();
    XYChart losses = curves(title, "loss");
    losses.getStyler().setYAxisLogarithmic(hasDecades(epochs));
    add(losses, "training", numbers, epochs.stream().map(History.Epoch::loss).toList(), RECORD_INK);
    var rows = new ArrayList<List<XYChart>>();
    rows.add(List.of(losses));
    for (String metric : epochs.getFirst().metrics().keySet()) {
      List<Double> values = epochs.stream().map(epoch -> epoch.metrics().get(metric)).toList();
      if (metric.equals("loss")) {
        add(losses, "validation", numbers, values, FORECAST);
      } else {
        XYChart chart = curves("", metric.replace('_', ' '));
        add(chart, "validation", numbers, values, FORECAST);
        rows.add(List.of(chart));
      }
    }
    write(file, rows);
  }

  /** Whether losses have logarithms, and go over so many decades that they are seen better so. */
  private static boolean hasDecades(List<History.Epoch> epochs) {
    DoubleSummaryStatistics losses =
        epochs.stream()
            .flatMapToDouble(epoch -> DoubleStream.of(epoch.loss(), epoch.monitored()))
            .summaryStatistics();
    return losses.getMin() > 0 && losses.getMax() > 30 * losses.getMin();
  }

  private static XYChart curves(String title, String axis) {
    XYChart chart = panel(WIDTH, title);
    chart.setXAxisTitle("epoch");
    chart.setYAxisTitle(axis);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    chart.getStyler().setXAxisDecimalPattern("0");
    return chart;
  }

  private static void add(
      XYChart chart, String name, List<Integer> x, List<Double> y, Color color) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setLineColor(color);
    series.setMarkerColor(color);
    line(2).accept(series);
  }

  /** What a label can show: three significant digits. */
  private static double rounded(double value) {
    return new BigDecimal(value).round(new MathContext(3)).doubleValue();
  }

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
    PngFile.write(image, file);
  }
}
