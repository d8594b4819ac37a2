package io.github.elegans.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * The scale of a chart in one direction.
 *
 * @param title what it measures, with its unit
 * @param low the least value
 * @param high the greatest value
 * @param logarithmic whether distances are ratios
 * @param label a tick's text
 */
record Axis(
    String title, double low, double high, boolean logarithmic, DoubleFunction<String> label) {
  private static final int TICKS = 5;

  /** A logarithmic axis that holds all these values, with some room. */
  static Axis logarithmic(String title, double low, double high, DoubleFunction<String> label) {
    double room = Math.pow(high / low, 0.06) * 1.05;
    return new Axis(title, low / room, high * room, true, label);
  }

  /** A linear axis from zero. */
  static Axis fromZero(String title, double high, DoubleFunction<String> label) {
    return new Axis(title, 0, high * 1.06, false, label);
  }

  /** A plain number in few digits. */
  static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e7
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.3g", value).replaceFirst("\\.?0+$", "");
  }

  /** A time that is given in nanoseconds, in few digits. */
  static String time(double nanos) {
    String[] units = {"ns", "µs", "ms", "s"};
    int unit = 0;
    double value = nanos;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return plain(value) + " " + units[unit];
  }

  /** Where a value lies between 0 and 1. */
  double at(double value) {
    return logarithmic
        ? Math.log(value / low) / Math.log(high / low)
        : (value - low) / (high - low);
  }

  /** Values to be marked. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (logarithmic) {
      double decades = Math.log10(high / low);
      int[] steps =
          decades < 1.2
              ? new int[] {1, 2, 3, 5, 7}
              : decades < 2.6 ? new int[] {1, 2, 5} : new int[] {1};
      int every = (int) Math.ceil(decades / 7);
      for (int e = (int) Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
        for (int step : steps) {
          double tick = step * Math.pow(10, e);
          if (tick >= low * 0.9999 && tick <= high * 1.0001 && Math.floorMod(e, every) == 0) {
            ticks.add(tick);
          }
        }
      }
      return ticks;
    }
    double rough = (high - low) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double ratio = rough / power;
    double step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i++) {
      ticks.add(i * step);
    }
    return ticks;
  }
}
