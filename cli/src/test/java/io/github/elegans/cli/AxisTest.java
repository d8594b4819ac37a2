package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
  private static final FontMetrics METRICS =
      new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB)
          .createGraphics()
          .getFontMetrics(new Font(Font.SANS_SERIF, Font.PLAIN, 15));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 50 | 5 | 0 10 20 30 40 50",
        "0 | 0.3 | 3 | 0.0 0.1 0.2 0.3",
        "-80 | 45 | 8 | -80 -60 -40 -20 0 20 40",
        "-1.9 | 1.5 | 8 | -1.5 -1.0 -0.5 0.0 0.5 1.0 1.5",
        "0 | 3e6 | 4 | 0 1e6 2e6 3e6",
        "0 | 2500000 | 5 | 0 5e5 1e6 1.5e6 2e6 2.5e6",
        "-2e-5 | 2e-5 | 4 | -2e-5 -1e-5 0 1e-5 2e-5",
        "1000000 | 1000010 | 5 | 1e6 1.000002e6 1.000004e6 1.000006e6 1.000008e6 1.00001e6",
        "4 | 2 | 2 | 2 3 4",
        "7 | 7 | 3 | 6.5 7.0 7.5",
        "0 | 0 | 2 | -1 0 1",
      })
  void ticksAreRoundNumbers(double from, double to, int steps, String labels) {
    Axis axis = Axis.of(from, to, steps);
    assertThat(axis.ticks().stream().map(axis::label)).containsExactly(labels.split(" "));
  }

  @Test
  void numbersOfAnyRangeDifferAndDoNotTouch() {
    long seed = 20261130;
    Random random = new Random(seed);
    for (int i = 0; i < 3000; i++) {
      double middle = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(600) - 300);
      double half = Math.abs(middle) * Math.pow(10, 3 - random.nextInt(14)) * random.nextDouble();
      int pixels = 300 + random.nextInt(900);
      Axis axis = Axis.horizontal(middle - half, middle + half, pixels, METRICS);
      List<Double> ticks = axis.ticks();
      List<String> labels = ticks.stream().map(axis::label).toList();
      assertThat(labels).as("seed %d, range %d", seed, i).doesNotHaveDuplicates();
      for (int k = 1; k < labels.size() && labels.size() > 2; k++) {
        double apart = (axis.part(ticks.get(k)) - axis.part(ticks.get(k - 1))) * pixels;
        double wide = METRICS.stringWidth(labels.get(k - 1)) + METRICS.stringWidth(labels.get(k));
        assertThat(apart).as("%s of %s", labels, axis).isGreaterThan(wide / 2);
        double factor = axis.step() / Math.pow(10, Math.floor(Math.log10(axis.step()) + 1e-9));
        assertThat(List.of(1L, 2L, 5L)).contains(Math.round(factor));
      }
    }
  }

  @Test
  void infiniteAndEqualEndsGiveAnAxisToo() {
    double[] odd = {
      0,
      -0.0,
      1,
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      -Double.MAX_VALUE,
      Double.POSITIVE_INFINITY,
      Double.NaN
    };
    for (double from : odd) {
      for (double to : odd) {
        Axis axis = Axis.of(from, to, 5);
        assertThat(axis.ticks()).as("%s to %s", from, to).hasSizeBetween(1, 12);
        assertThat(axis.part(axis.high())).isEqualTo(1);
      }
    }
  }

  /** Of a million points in a few columns of pixels, the extremes remain, and few others. */
  @Test
  void curvesKeepTheirExtremes() {
    int n = 1_000_000;
    double[] x = new double[n];
    double[] y = new double[n];
    Random random = new Random(1);
    for (int i = 0; i < n; i++) {
      x[i] = 10.0 * i / n;
      y[i] = random.nextGaussian();
    }
    y[123_456] = -100;
    y[654_321] = 100;
    y[77] = Double.NaN;
    boolean[] needed = OdeCharts.needed(x, y);
    int count = 0;
    for (boolean b : needed) {
      count += b ? 1 : 0;
    }
    assertThat(needed[123_456] && needed[654_321] && needed[0] && needed[n - 1]).isTrue();
    assertThat(count).isLessThan(60);
  }
}
