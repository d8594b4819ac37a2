package io.github.elegans.expressions;

/** The primitive operations, one at a time: their definition. */
public final class Scalar {
  private Scalar() {}

  /**
   * Applies a primitive operation. Real operands and results are bits of a double (that holds a
   * float exactly if so is the precision), masks are 1 or 0.
   *
   * @throws IllegalArgumentException if the operation is no primitive one with operands
   */
  public static long apply(Op op, Precision precision, long x, long y, long z, int immediate) {
    double a = Double.longBitsToDouble(x);
    double b = Double.longBitsToDouble(y);
    return switch (op) {
      // Rounding a double sum, product, quotient or root of floats to float is rounding it once.
      case ADD -> real(precision.round(a + b));
      case SUB -> real(precision.round(a - b));
      case MUL -> real(precision.round(a * b));
      case DIV -> real(precision.round(a / b));
      case FMA -> {
        double c = Double.longBitsToDouble(z);
        yield real(
            precision == Precision.DOUBLE
                ? Math.fma(a, b, c)
                : Math.fma((float) a, (float) b, (float) c));
      }
      case NEG -> x ^ Long.MIN_VALUE;
      case ABS -> x & Long.MAX_VALUE;
      case SQRT -> real(precision.round(Math.sqrt(a)));
      case MIN -> a < b ? x : y;
      case MAX -> a > b ? x : y;
      case SELECT -> x != 0 ? y : z;
      case FROM_BITS -> real(precision.value(x));
      case TO_BITS -> precision.bits(a);
      case BITS_ADD -> precision.truncate(x + y);
      case BITS_SUB -> precision.truncate(x - y);
      case BITS_AND -> x & y;
      case BITS_OR -> x | y;
      case BITS_XOR -> x ^ y;
      case SHIFT_LEFT -> precision.truncate(x << immediate);
      case SHIFT_RIGHT -> x >>> immediate;
      case LESS -> a < b ? 1 : 0;
      case LESS_EQUAL -> a <= b ? 1 : 0;
      case EQUAL -> a == b ? 1 : 0;
      case AND -> x & y;
      case OR -> x | y;
      case NOT -> x ^ 1;
      default -> throw new IllegalArgumentException(op + " is no primitive operation");
    };
  }

  private static long real(double value) {
    return Double.doubleToRawLongBits(value);
  }
}
