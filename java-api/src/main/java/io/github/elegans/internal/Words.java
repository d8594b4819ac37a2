package io.github.elegans.internal;

/** Numbers in sentences. */
public final class Words {
  private Words() {}

  /** "1 unit", "2 units". */
  public static String count(long n, String thing) {
    return n + " " + thing + (n == 1 ? "" : "s");
  }
}
