package io.github.elegans.bench.report;

/**
 * Colours by number, as classes of the page: those of Okabe and Ito (2008), which can be told apart
 * with any colour vision. Shapes repeat after another number than colours, so that some dozens of
 * targets differ in one or the other.
 */
final class Palette {
  /** How many colours the page defines. */
  static final int COLOURS = 7;

  private Palette() {}

  static int index(int series) {
    return Math.floorMod(series, COLOURS);
  }
}
