package io.github.elegans.kernels;

/** Checks at the border: each names the thing, what was expected and what was found. */
public final class Require {
  private Require() {}

  /** Throws unless {@code found >= least}. */
  public static void atLeast(String what, long least, long found) {
    if (found < least) {
      throw new IllegalArgumentException(
          "%s must be at least %d, but is %d".formatted(what, least, found));
    }
  }

  /** Throws unless {@code least <= found <= most}. */
  public static void between(String what, long least, long most, long found) {
    if (found < least || found > most) {
      throw new IllegalArgumentException(
          "%s must lie between %d and %d, but is %d".formatted(what, least, most, found));
    }
  }

  /** Throws unless the array has the expected length. */
  public static void length(String what, long expected, long found) {
    if (found != expected) {
      throw new IllegalArgumentException(
          "%s must have %d elements, but has %d".formatted(what, expected, found));
    }
  }

  /** Throws if a value is NaN or infinite. */
  public static void finite(String what, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "%s must be finite, but element %d is %s".formatted(what, i, values[i]));
      }
    }
  }

  /** Throws unless the value is a timespan: finite and not negative. */
  public static void timespan(float found) {
    if (!(found >= 0 && found < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "timespans must be finite and not negative, but one is " + found);
    }
  }
}
