package io.github.elegans.cli;

import java.awt.FontMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The scale of one side of a picture: its range, and round numbers along it, which are 1, 2 or 5
 * times a power of ten apart.
 *
 * @param low where it begins
 * @param high where it ends, more than that
 * @param step from one tick to the next
 * @param isScientific whether its numbers are written with an exponent
 */
record Axis(double low, double high, double step, boolean isScientific) {
  private static final int GAP = 14;

  /** The least range as a part of its numbers: below it, they cannot be told apart. */
  private static final double RESOLUTION = 1e-13;

  /** An axis over a range, with at most so many steps between its ticks. */
  static Axis of(double from, double to, int steps) {
    double low = bounded(Math.min(from, to), 0);
    double high = bounded(Math.max(from, to), low + 1);
    double size = Math.max(Math.abs(low), Math.abs(high));
    if (high - low <= size * RESOLUTION || high - low < 1e-300) {
      double widened = size < 1e-290 ? 1 : size * 0.1;
      low -= widened;
      high += widened;
      size += widened;
    }
    double step = roundStep((high - low) / Math.max(1, steps));
    return new Axis(low, high, step, size >= 1e6 || size < 1e-3);
  }

  /** A number whose distance from any other is a number, too. */
  private static double bounded(double value, double unknown) {
    return Double.isNaN(value)
        ? unknown
        : Math.clamp(value, -Double.MAX_VALUE / 4, Double.MAX_VALUE / 4);
  }

  /** An axis over values that leaves some room beyond the least and the greatest. */
  static Axis around(double least, double greatest, int steps) {
    double room = 0.04 * (greatest - least);
    return of(least - room, greatest + room, steps);
  }

  /** A horizontal axis whose numbers do not touch. */
  static Axis horizontal(double from, double to, int pixels, FontMetrics metrics) {
    for (int steps = 12; steps > 1; steps--) {
      Axis axis = of(from, to, steps);
      double apart = axis.step / (axis.high - axis.low) * pixels;
      if (axis.widest(metrics) + GAP <= apart) {
        return axis;
      }
    }
    return of(from, to, 1);
  }

  private static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double factor : new double[] {1, 2, 5}) {
      // 0.3/3 is not less than 0.1, whatever its rounding says.
      if (factor * power >= least * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** The numbers at which it has ticks, from low to high. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    double slack = 1e-9 * step;
    for (double k = Math.ceil((low - slack) / step); k * step <= high + slack; k++) {
      double tick = k * step;
      if (!ticks.isEmpty() && tick <= ticks.getLast()) {
        break;
      }
      ticks.add(tick == 0 ? 0.0 : tick);
    }
    return ticks;
  }

  /** A tick's number, with as many digits as tell it from the others. */
  String label(double tick) {
    int last = (int) Math.floor(Math.log10(step) + 1e-9);
    if (!isScientific || tick == 0) {
      return isScientific ? "0" : String.format(Locale.ROOT, "%." + Math.max(0, -last) + "f", tick);
    }
    // The step decides the digits; what all numbers share, like the zeros of 200e3, is left out.
    int digits = 0;
    for (double other : ticks()) {
      if (other != 0) {
        int first = (int) Math.floor(Math.log10(Math.abs(other)) + 1e-12);
        digits = Math.max(digits, Math.min(16, first - last));
      }
    }
    String text = String.format(Locale.ROOT, "%." + digits + "e", tick);
    String mantissa = text.substring(0, text.indexOf('e'));
    if (mantissa.indexOf('.') >= 0) {
      mantissa = mantissa.replaceAll("0+$", "").replaceAll("\\.$", "");
    }
    return mantissa + "e" + Integer.parseInt(text.substring(text.indexOf('e') + 1));
  }

  /** The greatest width of its numbers, in pixels. */
  int widest(FontMetrics metrics) {
    return ticks().stream().mapToInt(tick -> metrics.stringWidth(label(tick))).max().orElse(0);
  }

  /** Where a value is: 0 at the beginning, 1 at the end. */
  double part(double value) {
    return (value - low) / (high - low);
  }
}
