package io.github.elegans.checks;

import java.util.List;
import java.util.Objects;

/** Checks at the border: each names the thing, what was expected and what was found. */
public final class Require {
  /** Of any type, in any JVM. */
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

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

  /**
   * The sum of sizes.
   *
   * @throws IllegalArgumentException if it is more than an int holds
   */
  public static int sum(String what, int a, int b) {
    long sum = (long) a + b;
    if (sum > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s must be at most %d, but would be %d + %d".formatted(what, Integer.MAX_VALUE, a, b));
    }
    return (int) sum;
  }

  /**
   * The elements of an array of two dimensions.
   *
   * @throws IllegalArgumentException if they are more than an array holds
   */
  public static int elements(String what, long rows, long columns) {
    if (product(rows, columns) > LONGEST_ARRAY) {
      throw new IllegalArgumentException(
          "%s must have at most %d elements, but would have %d x %d"
              .formatted(what, LONGEST_ARRAY, rows, columns));
    }
    return (int) (rows * columns);
  }

  /**
   * The bytes of so many elements.
   *
   * @throws IllegalArgumentException if no memory has so many
   */
  public static long bytes(String what, long elements, long bytesOfOne) {
    long bytes = product(elements, bytesOfOne);
    if (bytes == Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s must have fewer than 2^63 bytes, but would have %d elements of %d"
              .formatted(what, elements, bytesOfOne));
    }
    return bytes;
  }

  /** The product of sizes, or the largest number: either is refused by whoever compares it. */
  public static long product(long a, long b) {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Throws if the list or an element of it is null. */
  public static void noNull(String what, List<?> list) {
    Objects.requireNonNull(list, what);
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) == null) {
        throw new NullPointerException("%s: element %d is null".formatted(what, i));
      }
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
