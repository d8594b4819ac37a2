package io.github.elegans.networks.training;

/** Checks of hyper-parameters: each names the thing, what was expected and what was found. */
final class Hyperparameters {
  private Hyperparameters() {}

  /** Throws unless the value is finite and not negative. */
  static void notNegative(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "%s must be finite and not negative, but is %s".formatted(name, value));
    }
  }

  /** Throws unless the value is finite and positive. */
  static void positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "%s must be finite and positive, but is %s".formatted(name, value));
    }
  }

  /** Throws unless the value is a share: from 0 to below 1. */
  static void share(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "%s must be from 0 to below 1, but is %s".formatted(name, value));
    }
  }
}
