package io.github.elegans.hipparchus;

import org.hipparchus.CalculusFieldElement;

/**
 * Choices in equations over fields: of traced numbers, both sides become part of the system, and
 * each trajectory has its own choice at each point; other numbers are compared by their real part.
 */
public final class Piecewise {
  private Piecewise() {}

  /** {@code a < b ? yes : no}; no if a or b is NaN. */
  public static <T extends CalculusFieldElement<T>> T ifLess(T a, T b, T yes, T no) {
    if (a instanceof Traced x
        && b instanceof Traced y
        && yes instanceof Traced p
        && no instanceof Traced q) {
      return a.getField().getRuntimeClass().cast(x.ifLess(y, p, q));
    }
    return a.getReal() < b.getReal() ? yes : no;
  }

  /** The lesser of two numbers. */
  public static <T extends CalculusFieldElement<T>> T min(T a, T b) {
    return ifLess(a, b, a, b);
  }

  /** The greater of two numbers. */
  public static <T extends CalculusFieldElement<T>> T max(T a, T b) {
    return ifLess(b, a, a, b);
  }
}
