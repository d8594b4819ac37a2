package io.github.elegans.kernels.math;

import org.hipparchus.special.Erf;

/**
 * The elementwise functions in float64 by textbook formulas: good to about 1e-13, which is exact
 * for a float32.
 */
public final class DoubleFunctions {
  /** How far a value may be from the truth, relatively, unless it is too small for a float32. */
  public static final double ERROR = 2e-13;

  private DoubleFunctions() {}

  /** function(x). */
  public static double of(Activation function, double x) {
    return switch (function) {
      case LINEAR -> x;
      case EXP -> StrictMath.exp(x);
      case TANH -> StrictMath.tanh(x);
      case LECUN_TANH -> 1.7159 * StrictMath.tanh(0.666 * x);
      case SIGMOID -> sigmoid(x);
      case RELU -> x < 0 ? 0 : x;
      case SILU -> x * sigmoid(x);
      case GELU -> x * 0.5 * Erf.erfc(-x / StrictMath.sqrt(2));
      case GELU_TANH ->
          x * sigmoid(2 * StrictMath.sqrt(2 / StrictMath.PI) * (x + 0.044715 * x * x * x));
      case SOFTPLUS -> StrictMath.max(x, 0) + StrictMath.log1p(StrictMath.exp(-StrictMath.abs(x)));
    };
  }

  public static double sigmoid(double x) {
    double e = StrictMath.exp(-StrictMath.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }
}
