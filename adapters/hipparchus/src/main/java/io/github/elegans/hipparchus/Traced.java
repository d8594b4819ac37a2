package io.github.elegans.hipparchus;

import io.github.elegans.expressions.Expr;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.hipparchus.CalculusFieldElement;
import org.hipparchus.Field;
import org.hipparchus.exception.LocalizedCoreFormats;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.util.FastMath;
import org.jspecify.annotations.Nullable;

/**
 * A number that remembers how it was computed: Hipparchus' equations over fields, computed with it,
 * become expressions.
 *
 * <p>Constants have their values, and are computed with by {@link FastMath}. A number that depends
 * on time, a state or a parameter has none: {@link #getReal} and whatever else asks for it throws
 * an {@link UntraceableException}. What is known of each function's accuracy stands at its method;
 * those of {@link Expr} are within 1.7 units in the last place. Square roots, sums, products and
 * quotients are rounded once; a sum of a product may be rounded once altogether.
 *
 * <p>Immutable.
 */
public final class Traced implements CalculusFieldElement<Traced> {
  /** The field of traced numbers. */
  public static final Field<Traced> FIELD = new TracedField();

  private static final String SELECT =
      "If the equations choose by it, say Piecewise.ifLess, min or max; if they need a number of"
          + " their own, make it a constant of type double.";

  private static final int MOST_SQUARINGS_EXPONENT = 16;

  private final Expr expression;

  /** NaN unless it is a constant; then that may be NaN, too. */
  private final double value;

  private final boolean isConstant;

  private Traced(Expr expression, double value, boolean isConstant) {
    this.expression = expression;
    this.value = value;
    this.isConstant = isConstant;
  }

  /** A number that is known. */
  public static Traced constant(double value) {
    return new Traced(Expr.constant(value), value, true);
  }

  /** What an expression is. */
  public static Traced of(Expr expression) {
    return new Traced(expression, Double.NaN, false);
  }

  /** How it is computed. */
  public Expr expression() {
    return expression;
  }

  /** Whether it is a constant, which has a value. */
  public boolean isConstant() {
    return isConstant;
  }

  private Traced apply(UnaryOperator<Expr> function, DoubleUnaryOperator ofConstant) {
    return isConstant ? constant(ofConstant.applyAsDouble(value)) : of(function.apply(expression));
  }

  private Traced apply(Traced y, BinaryOperator<Expr> function, DoubleBinaryOperator ofConstants) {
    return isConstant && y.isConstant
        ? constant(ofConstants.applyAsDouble(value, y.value))
        : of(function.apply(expression, y.expression));
  }

  /** Of a condition {@code this < y}; for constants it is decided. */
  Traced ifLess(Traced y, Traced yes, Traced no) {
    if (isConstant && y.isConstant) {
      return value < y.value ? yes : no;
    }
    return of(expression.isLess(y.expression).select(yes.expression, no.expression));
  }

  private boolean is(double number) {
    return isConstant && value == number;
  }

  private double known(String method, String advice) {
    if (!isConstant) {
      throw UntraceableException.of(method, advice);
    }
    return value;
  }

  /**
   * The value of a constant.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public double getReal() {
    return known("getReal()", SELECT);
  }

  /**
   * Whether a constant is 0.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public boolean isZero() {
    return known("isZero()", SELECT) == 0;
  }

  /**
   * Whether a constant is NaN.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public boolean isNaN() {
    return Double.isNaN(known("isNaN()", SELECT));
  }

  /**
   * Whether a constant is infinite.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public boolean isInfinite() {
    return Double.isInfinite(known("isInfinite()", SELECT));
  }

  /**
   * Whether a constant is neither infinite nor NaN.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public boolean isFinite() {
    return Double.isFinite(known("isFinite()", SELECT));
  }

  /**
   * The magnitude of a constant.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public double norm() {
    return FastMath.abs(known("norm()", "abs() gives it as a traced number. " + SELECT));
  }

  /**
   * The nearest whole number to a constant.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public long round() {
    return FastMath.round(known("round()", "rint() gives it as a traced number."));
  }

  /**
   * The exponent of a constant.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public int getExponent() {
    return FastMath.getExponent(known("getExponent()", SELECT));
  }

  /**
   * The unit in the last place of a constant.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public Traced ulp() {
    return constant(FastMath.ulp(known("ulp()", "Say a tolerance as a constant.")));
  }

  /**
   * What a constant is more than its value: 0.
   *
   * @throws UntraceableException if it is no constant
   */
  @Override
  public Traced getAddendum() {
    known("getAddendum()", SELECT);
    return constant(0);
  }

  @Override
  public Traced newInstance(double constant) {
    return constant(constant);
  }

  @Override
  public Field<Traced> getField() {
    return FIELD;
  }

  @Override
  public Traced add(Traced y) {
    return is(0) ? y : y.is(0) ? this : apply(y, Expr::plus, Double::sum);
  }

  @Override
  public Traced subtract(Traced y) {
    return y.is(0) ? this : apply(y, Expr::minus, (a, b) -> a - b);
  }

  @Override
  public Traced negate() {
    return apply(Expr::negate, a -> -a);
  }

  @Override
  public Traced multiply(int n) {
    return multiply(constant(n));
  }

  @Override
  public Traced multiply(Traced y) {
    return is(1) ? y : y.is(1) ? this : apply(y, Expr::times, (a, b) -> a * b);
  }

  @Override
  public Traced divide(Traced y) {
    return apply(y, Expr::over, (a, b) -> a / b);
  }

  @Override
  public Traced reciprocal() {
    return constant(1).divide(this);
  }

  @Override
  public Traced square() {
    return multiply(this);
  }

  @Override
  public Traced sqrt() {
    return apply(Expr::sqrt, FastMath::sqrt);
  }

  /** The cubic root, of negative numbers, too; within 2 units in the last place. */
  @Override
  public Traced cbrt() {
    return apply(Traced::cbrt, FastMath::cbrt);
  }

  private static Expr cbrt(Expr x) {
    Expr zero = Expr.constant(0);
    Expr infinity = Expr.constant(Double.POSITIVE_INFINITY);
    Expr a = x.abs();
    Expr y = a.pow(Expr.constant(1.0 / 3));
    // A third is no number: Newton's step makes good for it.
    Expr square = y.times(y);
    Expr root = y.minus(square.fma(y, a.negate()).over(square.times(3)));
    Expr usual = zero.isLess(a).and(a.isLess(infinity));
    Expr magnitude = usual.select(root, a);
    return x.isLess(zero).select(magnitude.negate(), magnitude);
  }

  /**
   * The n-th root: for odd n of negative numbers, too. Beyond the cubic one it is a power by 1/n,
   * whose rounding counts as much as the logarithm of the number is large.
   */
  @Override
  public Traced rootN(int n) {
    if (n == 2) {
      return sqrt();
    }
    if (n == 3) {
      return cbrt();
    }
    Traced root = (n % 2 == 0 ? this : abs()).pow(1.0 / n);
    return n % 2 == 0 ? root : ifLess(constant(0), root.negate(), root);
  }

  /** x to the power of a constant: of a small integer by multiplications, of 0.5 as a root. */
  @Override
  public Traced pow(double p) {
    if (p == FastMath.rint(p) && FastMath.abs(p) <= MOST_SQUARINGS_EXPONENT) {
      return pow((int) p);
    }
    return p == 0.5 ? sqrt() : pow(constant(p));
  }

  @Override
  public Traced pow(int n) {
    return FastMath.abs(n) <= MOST_SQUARINGS_EXPONENT
        ? apply(x -> x.pow(n), a -> FastMath.pow(a, n))
        : pow(constant(n));
  }

  /** x to the power of y; NaN of a negative number if y has a fraction. */
  @Override
  public Traced pow(Traced y) {
    return apply(y, Expr::pow, FastMath::pow);
  }

  @Override
  public Traced exp() {
    return apply(Expr::exp, FastMath::exp);
  }

  @Override
  public Traced expm1() {
    return apply(Expr::expm1, FastMath::expm1);
  }

  @Override
  public Traced log() {
    return apply(Expr::log, FastMath::log);
  }

  @Override
  public Traced log1p() {
    return apply(Expr::log1p, FastMath::log1p);
  }

  /** The logarithm to base 10; within 2 units in the last place. */
  @Override
  public Traced log10() {
    return apply(
        x -> {
          // 1 / ln 10 in two numbers.
          Expr log = x.log();
          return log.fma(Expr.constant(0x1.bcb7b1526e50ep-2), log.times(0x1.95355baaafad3p-57));
        },
        FastMath::log10);
  }

  /** The cosine; NaN beyond 2³⁰ in magnitude. */
  @Override
  public Traced cos() {
    return apply(Expr::cos, FastMath::cos);
  }

  /** The sine; NaN beyond 2³⁰ in magnitude. */
  @Override
  public Traced sin() {
    return apply(Expr::sin, FastMath::sin);
  }

  /** The tangent; within 3 units in the last place, NaN beyond 2³⁰ in magnitude. */
  @Override
  public Traced tan() {
    return apply(x -> x.sin().over(x.cos()), FastMath::tan);
  }

  @Override
  public Traced acos() {
    return apply(Expr::acos, FastMath::acos);
  }

  @Override
  public Traced asin() {
    return apply(Expr::asin, FastMath::asin);
  }

  @Override
  public Traced atan() {
    return apply(Expr::atan, FastMath::atan);
  }

  @Override
  public Traced atan2(Traced x) {
    return apply(x, Expr::atan2, FastMath::atan2);
  }

  @Override
  public Traced hypot(Traced y) {
    return apply(y, Expr::hypot, FastMath::hypot);
  }

  /**
   * The hyperbolic cosine; within 2 units in the last place, infinite beyond 709.78 in magnitude.
   */
  @Override
  public Traced cosh() {
    return apply(x -> x.exp().plus(x.negate().exp()).times(0.5), FastMath::cosh);
  }

  /** The hyperbolic sine; within 3 units in the last place, infinite beyond 709.78 in magnitude. */
  @Override
  public Traced sinh() {
    return apply(x -> x.expm1().minus(x.negate().expm1()).times(0.5), FastMath::sinh);
  }

  @Override
  public Traced tanh() {
    return apply(Expr::tanh, FastMath::tanh);
  }

  /** The inverse of the hyperbolic cosine; within 4 units in the last place. */
  @Override
  public Traced acosh() {
    return apply(
        x -> {
          Expr t = x.minus(1);
          return t.plus(t.sqrt().times(t.plus(2).sqrt())).log1p();
        },
        FastMath::acosh);
  }

  /** The inverse of the hyperbolic sine; within 4 units in the last place. */
  @Override
  public Traced asinh() {
    return apply(
        x -> {
          Expr a = x.abs();
          // Far out the quotient is 1, and a² no number.
          Expr quotient =
              a.isLess(Expr.constant(0x1p500))
                  .select(a.over(a.fma(a, Expr.constant(1)).sqrt().plus(1)), Expr.constant(1));
          Expr magnitude = a.fma(quotient, a).log1p();
          return x.isLess(Expr.constant(0)).select(magnitude.negate(), magnitude);
        },
        FastMath::asinh);
  }

  /** The inverse of the hyperbolic tangent; within 3 units in the last place. */
  @Override
  public Traced atanh() {
    return apply(x -> x.log1p().minus(x.negate().log1p()).times(0.5), FastMath::atanh);
  }

  /**
   * Σ aᵢbᵢ by fused multiply-adds: not of the doubled accuracy that Hipparchus' own numbers have.
   *
   * @throws MathIllegalArgumentException if there are more of one than of the other
   */
  @Override
  public Traced linearCombination(Traced[] a, Traced[] b) {
    if (a.length != b.length) {
      throw new MathIllegalArgumentException(
          LocalizedCoreFormats.DIMENSIONS_MISMATCH, a.length, b.length);
    }
    Traced sum = a[0].multiply(b[0]);
    for (int i = 1; i < a.length; i++) {
      sum = a[i].multiplyAdd(b[i], sum);
    }
    return sum;
  }

  private Traced multiplyAdd(Traced y, Traced z) {
    return isConstant || y.isConstant || z.isConstant
        ? multiply(y).add(z)
        : of(expression.fma(y.expression, z.expression));
  }

  /** a₁b₁ + a₂b₂ as the sum of arrays. */
  @Override
  public Traced linearCombination(Traced a1, Traced b1, Traced a2, Traced b2) {
    return a2.multiplyAdd(b2, a1.multiply(b1));
  }

  /** a₁b₁ + a₂b₂ + a₃b₃ as the sum of arrays. */
  @Override
  public Traced linearCombination(
      Traced a1, Traced b1, Traced a2, Traced b2, Traced a3, Traced b3) {
    return a3.multiplyAdd(b3, linearCombination(a1, b1, a2, b2));
  }

  /** a₁b₁ + a₂b₂ + a₃b₃ + a₄b₄ as the sum of arrays. */
  @Override
  public Traced linearCombination(
      Traced a1, Traced b1, Traced a2, Traced b2, Traced a3, Traced b3, Traced a4, Traced b4) {
    return a4.multiplyAdd(b4, linearCombination(a1, b1, a2, b2, a3, b3));
  }

  @Override
  public Traced abs() {
    return apply(Expr::abs, FastMath::abs);
  }

  /** 1, −1, or a zero or NaN itself. */
  @Override
  public Traced sign() {
    return apply(
        x -> {
          Expr zero = Expr.constant(0);
          return zero.isLess(x)
              .select(Expr.constant(1), x.isLess(zero).select(Expr.constant(-1), x));
        },
        FastMath::signum);
  }

  /** The magnitude of this with the sign of another, be that −0; the sign of NaN is that of 1. */
  @Override
  public Traced copySign(Traced sign) {
    if (sign.isConstant) {
      return copySign(sign.value);
    }
    Expr s = sign.expression;
    Expr zero = Expr.constant(0);
    // Only the inverse of -0 says that it is one.
    Expr isNegative = s.isLess(zero).or(Expr.constant(1).over(s).isLess(zero));
    Expr magnitude = abs().expression;
    return of(isNegative.select(magnitude.negate(), magnitude));
  }

  @Override
  public Traced copySign(double sign) {
    return Math.copySign(1, sign) < 0 ? abs().negate() : abs();
  }

  @Override
  public Traced rint() {
    return apply(Expr::rint, FastMath::rint);
  }

  @Override
  public Traced floor() {
    return apply(
        x -> {
          Expr nearest = x.rint();
          return x.isLess(nearest).select(nearest.minus(1), nearest);
        },
        FastMath::floor);
  }

  @Override
  public Traced ceil() {
    return apply(
        x -> {
          Expr nearest = x.rint();
          return nearest.isLess(x).select(nearest.plus(1), nearest);
        },
        FastMath::ceil);
  }

  /** x − n·y for the whole number n nearest to x / y, as that is rounded. */
  @Override
  public Traced remainder(double y) {
    return remainder(constant(y));
  }

  /** x − n·y for the whole number n nearest to x / y, as that is rounded. */
  @Override
  public Traced remainder(Traced y) {
    return apply(y, (a, b) -> a.over(b).rint().negate().fma(b, a), FastMath::IEEEremainder);
  }

  @Override
  public Traced scalb(int n) {
    // 2ⁿ itself may be no number.
    int half = n / 2;
    return multiply(constant(Math.scalb(1.0, half))).multiply(constant(Math.scalb(1.0, n - half)));
  }

  /**
   * Whether both are the same number, as far as that is known.
   *
   * @throws UntraceableException if another traced number is compared with it, and one of both is
   *     no constant
   */
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other || !(other instanceof Traced y)) {
      return this == other;
    }
    known("equals()", SELECT);
    y.known("equals()", SELECT);
    return Double.compare(value, y.value) == 0;
  }

  @Override
  public int hashCode() {
    return isConstant ? Double.hashCode(value) : System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return isConstant ? Double.toString(value) : "a traced number";
  }

  private static final class TracedField implements Field<Traced> {
    @Override
    public Traced getZero() {
      return constant(0);
    }

    @Override
    public Traced getOne() {
      return constant(1);
    }

    @Override
    public Class<Traced> getRuntimeClass() {
      return Traced.class;
    }
  }
}
