package io.github.elegans.bench.report;

import java.util.Locale;

/** Numbers for people: three digits, and units that fit. */
public final class Numbers {
  private static final String NONE = "-";

  private Numbers() {}

  /** Three digits, and never an exponent. */
  public static String digits(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return NONE;
    }
    double size = Math.abs(value);
    String form = size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, size < 0.9995 ? "%.3f" : form, value);
  }

  /** A time that is given in nanoseconds. */
  public static String time(double nanos) {
    if (nanos < 999.5) {
      return digits(nanos) + " ns";
    }
    if (nanos < 999.5e3) {
      return digits(nanos / 1e3) + " µs";
    }
    return nanos < 999.5e6 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
  }

  /** A share in percent. */
  public static String percent(double share) {
    if (Double.isNaN(share) || Double.isInfinite(share)) {
      return NONE;
    }
    double percent = 100 * share;
    return String.format(Locale.ROOT, percent < 9.95 ? "%.1f %%" : "%.0f %%", percent);
  }

  /** A number of bytes, in binary units. */
  public static String bytes(double bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return digits(value).replaceFirst("\\.0+$", "") + " " + units[unit];
  }

  /** Minutes and seconds, with hours if there are any. */
  public static String clock(double seconds) {
    long whole = Math.max(0, Math.round(seconds));
    return whole < 3600
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
