package io.github.elegans.ode;

/** Checks of what solvers are told. */
final class Options {
  private Options() {}

  /** The length of fixed steps: positive and finite. */
  static double fixedStep(double step) {
    if (!(step > 0) || Double.isInfinite(step)) {
      throw new IllegalArgumentException("step: a positive number is expected, found " + step);
    }
    return step;
  }

  /** A first or longest step: positive, without end if it is infinite. */
  static double step(String name, double step) {
    if (!(step > 0)) {
      throw new IllegalArgumentException(name + ": a positive number is expected, found " + step);
    }
    return step;
  }

  /** A tolerance: finite and not negative. */
  static double tolerance(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "%s tolerance: a number of at least 0 is expected, found %s".formatted(name, value));
    }
    return value;
  }
}
