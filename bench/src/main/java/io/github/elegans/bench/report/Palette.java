package io.github.elegans.bench.report;

/**
 * How series differ, by number, as classes of the page. The colours are those of Okabe and Ito
 * (2008), which can be told apart with any colour vision. But there are fewer than targets, so each
 * series has a sign and a line of its own, too: first filled shapes on solid lines, then, when the
 * colours are used up, hollow ones on broken lines, and so on. There is one more shape than
 * colours, so that some dozens of series differ in one or the other.
 */
final class Palette {
  /** How many colours the page defines. */
  static final int COLOURS = 7;

  /** How many patterns of lines the page defines. */
  static final int PATTERNS = 3;

  private Palette() {}

  /** What fills the series. */
  static String fill(int series) {
    return "f" + Math.floorMod(series, COLOURS);
  }

  /** The bars of the series. */
  static String bar(int series) {
    return hollow(series) ? "pale %s %s".formatted(fill(series), stroke(series)) : fill(series);
  }

  /** What outlines the series. */
  static String stroke(int series) {
    return "s" + Math.floorMod(series, COLOURS);
  }

  /** The line of the series. */
  static String line(int series) {
    return "curve %s d%d".formatted(stroke(series), Math.floorMod(round(series), PATTERNS));
  }

  /** The sign of the series. */
  static Shape shape(int series) {
    return Shape.values()[Math.floorMod(series, Shape.values().length)];
  }

  /** Whether its sign and its bars are outlines. */
  static boolean hollow(int series) {
    return Math.floorMod(round(series), 2) == 1;
  }

  /** How often the colours had been used up. */
  private static int round(int series) {
    return Math.floorDiv(series, COLOURS);
  }

  /** The shapes of signs. */
  enum Shape {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    DIAMOND,
    PLUS,
    WEDGE,
    CROSS,
    HOURGLASS
  }
}
