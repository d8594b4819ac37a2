package io.github.elegans.checks;

import java.util.Locale;

/** Numbers and choices in sentences. */
public final class Words {
  private Words() {}

  /** "1 unit", "2 units". */
  public static String count(long n, String thing) {
    return n + " " + thing + (n == 1 ? "" : "s");
  }

  /** ", rk4" behind other words, or nothing for what goes without saying. */
  public static <E extends Enum<E>> String unless(E usual, E value) {
    return value == usual ? "" : ", " + value.name().toLowerCase(Locale.ROOT);
  }
}
