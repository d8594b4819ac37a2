package io.github.elegans.kernels.math;

import org.hipparchus.dfp.Dfp;
import org.hipparchus.dfp.DfpField;

/**
 * The elementwise functions as mathematics has them, to at least forty digits: slow, and by other
 * formulas than ours.
 */
final class ExactFunctions {
  private static final DfpField FIELD = new DfpField(64);

  /** Beyond this e⁻ˣ is nothing to any double. */
  private static final Dfp FAR = FIELD.newDfp(2000);

  private static final Dfp ONE = FIELD.getOne();
  private static final Dfp TWO = FIELD.getTwo();

  private ExactFunctions() {}

  /** A double as it is. */
  static Dfp of(double x) {
    return FIELD.newDfp(x);
  }

  /** function(x). */
  static Dfp of(Activation function, double argument) {
    Dfp x = FIELD.newDfp(argument);
    return switch (function) {
      case LINEAR -> x;
      case EXP -> x.exp();
      case TANH -> tanh(x);
      case LECUN_TANH -> FIELD.newDfp("1.7159").multiply(tanh(FIELD.newDfp("0.666").multiply(x)));
      case SIGMOID -> sigmoid(x);
      case RELU -> argument < 0 ? FIELD.getZero() : x;
      case SILU -> x.multiply(sigmoid(x));
      case GELU -> gelu(x);
      case GELU_TANH -> x.multiply(sigmoid(geluArgument(x)));
      case SOFTPLUS -> softplus(x);
    };
  }

  private static boolean isNegative(Dfp x) {
    return x.lessThan(FIELD.getZero());
  }

  private static Dfp expOfMinus(Dfp distance) {
    return distance.greaterThan(FAR) ? FIELD.getZero() : distance.negate().exp();
  }

  private static Dfp tanh(Dfp x) {
    Dfp a = x.abs();
    if (a.lessThan(FIELD.newDfp("1e-9"))) {
      Dfp square = a.multiply(a);
      // x - x³/3 + 2 x⁵/15 - 17 x⁷/315
      Dfp tail = FIELD.newDfp(2).divide(15).subtract(square.multiply(17).divide(315));
      Dfp series = ONE.subtract(square.divide(3)).add(square.multiply(square).multiply(tail));
      return x.multiply(series);
    }
    Dfp e = expOfMinus(a.multiply(2));
    Dfp y = ONE.subtract(e).divide(ONE.add(e));
    return isNegative(x) ? y.negate() : y;
  }

  private static Dfp sigmoid(Dfp x) {
    Dfp e = expOfMinus(x.abs());
    return (isNegative(x) ? e : ONE).divide(ONE.add(e));
  }

  private static Dfp softplus(Dfp x) {
    Dfp u = expOfMinus(x.abs());
    Dfp positive = isNegative(x) ? FIELD.getZero() : x;
    if (u.lessThan(FIELD.newDfp("1e-20"))) {
      return positive.add(u.subtract(u.multiply(u).divide(2)));
    }
    return positive.add(ONE.add(u).log());
  }

  private static Dfp geluArgument(Dfp x) {
    Dfp factor = TWO.divide(FIELD.getPi()).sqrt().multiply(2);
    Dfp cube = x.multiply(x).multiply(x);
    return factor.multiply(x.add(FIELD.newDfp("0.044715").multiply(cube)));
  }

  private static Dfp gelu(Dfp x) {
    Dfp tail = erfc(x.abs().divide(FIELD.getSqr2())).divide(2);
    return isNegative(x) ? x.multiply(tail) : x.subtract(x.multiply(tail));
  }

  /** The complementary error function of a number that is not negative. */
  private static Dfp erfc(Dfp z) {
    double size = z.toDouble();
    if (size > 60) {
      return FIELD.getZero();
    }
    Dfp square = z.multiply(z);
    Dfp e = square.negate().exp();
    Dfp sqrtPi = FIELD.getPi().sqrt();
    if (size < 2.5) {
      // erf z = 2 z e^(-z²) / √π · (1 + 2z²/3 + (2z²)²/(3·5) + …)
      Dfp term = ONE;
      Dfp sum = ONE;
      for (int k = 1; !term.isZero() && term.intLog10() > -62; k++) {
        term = term.multiply(square).multiply(2).divide(2 * k + 1);
        sum = sum.add(term);
      }
      return ONE.subtract(z.multiply(2).multiply(e).multiply(sum).divide(sqrtPi));
    }
    // e^(-z²) / √π / (z + (1/2) / (z + (2/2) / (z + (3/2) / …
    Dfp denominator = z;
    for (int k = 20 + (int) (1700 / (size * size)); k >= 1; k--) {
      denominator = z.add(FIELD.newDfp(k).divide(2).divide(denominator));
    }
    return e.divide(sqrtPi.multiply(denominator));
  }
}
