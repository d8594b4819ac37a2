package io.github.elegans.expressions;

import io.github.elegans.expressions.Node.Bits;
import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import org.jspecify.annotations.Nullable;

/**
 * The elementary functions of expressions in primitive operations, in double and in float: what
 * solvers of differential equations compute. Elementwise functions over arrays have definitions of
 * their own, {@link io.github.elegans.kernels.math.ScalarFloats} and {@link
 * io.github.elegans.kernels.math.ScalarDoubles}: other coefficients, other last bits, and e^x there
 * may be subnormal, here not.
 */
final class Functions {
  private Functions() {}

  private static boolean isDouble(Graph g) {
    return g.precision() == Precision.DOUBLE;
  }

  private static double[] coefficients(Graph g, double[] forDouble, double[] forFloat) {
    return isDouble(g) ? forDouble : forFloat;
  }

  /** x within bounds; NaN stays NaN. */
  private static Real clamp(Graph g, Real x, double low, double high) {
    // The bound comes first: the minimum and maximum of NaN are their second operand.
    return g.min(g.constant(high), g.max(g.constant(low), x));
  }

  /** xⁿ by squaring. */
  static Real powi(Graph g, Real x, int n) {
    if (n == Integer.MIN_VALUE) {
      throw new IllegalArgumentException(
          "a whole power must be at least %d, but is %d".formatted(n + 1, n));
    }
    if (n < 0) {
      return g.div(g.constant(1), powi(g, x, -n));
    }
    if (n == 0) {
      return g.constant(1);
    }
    Real half = powi(g, x, n / 2);
    Real square = n == 1 ? x : g.mul(half, half);
    return n % 2 == 0 || n == 1 ? square : g.mul(square, x);
  }

  // (e^r - 1 - r) / r^2 on [-ln 2 / 2, ln 2 / 2].
  private static final double[] EXP_TAIL = {
    0x1.ad7f330d73d4ap-26, 0x1.28ad72df49402p-22, 0x1.71df257997528p-19, 0x1.a0199a0c67cbcp-16,
    0x1.a01a012a45948p-13, 0x1.6c16c1842a073p-10, 0x1.1111111127c1bp-7, 0x1.555555555087dp-5,
    0x1.55555555554fap-3, 0x1.000000000000ap-1
  };
  private static final double[] EXP_TAIL_FLOAT = {
    0x1.6db592d067002p-10,
    0x1.123bdf7531abbp-7,
    0x1.55545c1abd790p-5,
    0x1.55548e34655e5p-3,
    0x1.00000052b9be2p-1
  };

  /**
   * e^x = 2^n e^r.
   *
   * @param shifted a number whose low bits are n
   * @param r what is left of x
   * @param low what rounding took from r
   */
  private record Reduced(Real shifted, Real r, Real low) {}

  private static double shifter(Graph g) {
    return 1.5 * Math.scalb(1.0, g.precision().mantissaBits());
  }

  private static Reduced reduce(Graph g, Real x) {
    boolean isDouble = isDouble(g);
    Real shifter = g.constant(shifter(g));
    Real shifted = g.fma(x, g.constant(0x1.71547652b82fep0), shifter);
    Real n = g.sub(shifted, shifter);
    // In float, the high part of ln 2 has 15 bits, so that products with n are exact.
    Real high = g.fma(n, g.constant(isDouble ? -0x1.62e42fefa39efp-1 : -0x1.62e4p-1), x);
    Real low = g.constant(isDouble ? -0x1.abc9e3b39803fp-56 : -0x1.7f7d1cf79abcap-20);
    Real r = g.fma(n, low, high);
    return new Reduced(shifted, r, g.fma(n, low, g.sub(high, r)));
  }

  private static Real expTail(Graph g, Real r) {
    return g.polynomial(r, coefficients(g, EXP_TAIL, EXP_TAIL_FLOAT));
  }

  /** 2^n for a certainly normal result, n plus a number. */
  private static Real powerOfTwo(Graph g, Real shifted, int plus) {
    int bias = g.precision().bias() + plus;
    return g.fromBits(
        g.shiftLeft(g.bitsAdd(g.toBits(shifted), g.bits(bias)), g.precision().mantissaBits()));
  }

  /** e^x: at most 0.9 ulp (float: 1); below the least normal number 0. */
  static Real exp(Graph g, Real x) {
    Reduced reduced = reduce(g, x);
    Real r = reduced.r;
    Real one = g.constant(1);
    Real p = g.fma(g.fma(expTail(g, r), r, one), r, one);
    Real y =
        g.fromBits(
            g.bitsAdd(
                g.toBits(p), g.shiftLeft(g.toBits(reduced.shifted), g.precision().mantissaBits())));
    Real least = g.constant(isDouble(g) ? -0x1.6232bdd7abcd2p9 : -0x1.5d589ep6);
    Real greatest = g.constant(isDouble(g) ? 0x1.62e42fefa39efp9 : 0x1.62e42ep6);
    Real bounded = g.select(g.less(x, least), g.constant(0), y);
    return g.select(g.less(greatest, x), g.constant(Double.POSITIVE_INFINITY), bounded);
  }

  /** e^x - 1: at most 1.1 ulp (float: 1.25). */
  static Real expm1(Graph g, Real x) {
    Real z = isDouble(g) ? clamp(g, x, -60, 710) : clamp(g, x, -30, 89);
    // Half of it, doubled: 2^n itself may be too large to be a number.
    Real y = scaledExpm1(g, z, 1);
    y = g.add(y, y);
    return tiny(g, x, y);
  }

  /** (e^x - 1) / 2^scale. */
  private static Real scaledExpm1(Graph g, Real x, int scale) {
    Reduced reduced = reduce(g, x);
    Real r = reduced.r;
    Real tail = g.fma(expTail(g, r), g.mul(r, r), reduced.low);
    Real grown = g.add(r, tail);
    Real power = powerOfTwo(g, reduced.shifted, -scale);
    return g.fma(power, grown, g.sub(power, g.constant(Math.scalb(1.0, -scale))));
  }

  /** x itself where f(x) = x to the last bit: its zeros keep their sign, subnormals their bits. */
  private static Real tiny(Graph g, Real x, Real y) {
    double bound = isDouble(g) ? 0x1p-54 : 0x1p-25;
    return g.select(g.less(g.abs(x), g.constant(bound)), x, y);
  }

  /** (e^x - 1) / x: at most 2.7 ulp; 1 at 0. It overflows where its own value does. */
  static Real exprel(Graph g, Real x) {
    Real bounded = g.min(g.constant(isDouble(g) ? 717 : 95), x);
    Real z = g.max(g.constant(isDouble(g) ? -60 : -30), bounded);
    // e^x may be too large to be a number where e^x / x is one.
    Real scaled = g.div(scaledExpm1(g, z, 12), bounded);
    Real y = g.mul(scaled, g.constant(0x1p12));
    Mask small = g.less(g.abs(x), g.constant(isDouble(g) ? 0x1p-54 : 0x1p-25));
    return g.select(small, g.constant(1), y);
  }

  /** x / (e^x - 1): at most 2 ulp; 1 at 0. */
  static Real bernoulli(Graph g, Real x) {
    double greatest = isDouble(g) ? Double.MAX_VALUE : Float.MAX_VALUE;
    Real numerator = g.min(g.constant(greatest), x);
    Mask small = g.less(g.abs(x), g.constant(isDouble(g) ? 0x1p-54 : 0x1p-25));
    return g.select(small, g.constant(1), g.div(numerator, expm1(g, x)));
  }

  /** 1 / (1 + e^-x): at most 1 ulp where e^-|x| is a normal number; below, its value there. */
  static Real sigmoid(Graph g, Real x) {
    Real one = g.constant(1);
    Real zero = g.constant(0);
    Real z = g.max(g.constant(isDouble(g) ? -708 : -87), g.neg(g.abs(x)));
    Reduced reduced = reduce(g, z);
    Real r = reduced.r;
    Real tail = g.fma(expTail(g, r), g.mul(r, r), r);
    Real high = g.add(one, tail);
    Real low = g.sub(tail, g.sub(high, one));
    Real scale = powerOfTwo(g, reduced.shifted, 0);
    Real n = g.mul(high, scale);
    Real nLow = g.mul(low, scale);
    Real d = g.add(one, n);
    Real dLow = g.add(g.add(g.sub(one, d), n), nLow);
    Real inverse = g.div(one, d);
    Mask negative = g.less(x, zero);
    Real top = g.select(negative, n, one);
    Real topLow = g.select(negative, nLow, zero);
    Real y = g.mul(top, inverse);
    // The quotient is corrected by its residual.
    Real minus = g.neg(y);
    Real c = g.add(g.fma(minus, dLow, g.fma(minus, d, top)), topLow);
    return g.fma(c, inverse, y);
  }

  private static final double[] TANH = {
    -0x1.0da714c7c67e3p-16, 0x1.4391186818105p-14, -0x1.df55765c22318p-13, 0x1.3366129aa2dabp-11,
    -0x1.7d68a32c4c2bfp-10, 0x1.d6cf280fa2200p-9, -0x1.226e162c0cdbap-7, 0x1.664f477adc6f9p-6,
    -0x1.ba1ba1b5065b2p-5, 0x1.111111110acd0p-3, -0x1.55555555554ffp-2
  };
  private static final double[] TANH_FLOAT = {
    0x1.197b7c4f33806p-9,
    -0x1.0c2145f9e7a51p-7,
    0x1.6394d9105cdb7p-6,
    -0x1.b9ef7ce585156p-5,
    0x1.11106b377b1cdp-3,
    -0x1.555553b46f47fp-2
  };

  /** tanh x: at most 1.4 ulp. */
  static Real tanh(Graph g, Real x) {
    Real a = g.abs(x);
    Real u = g.mul(a, a);
    Real near = g.fma(g.polynomial(u, coefficients(g, TANH, TANH_FLOAT)), g.mul(a, u), a);
    Real b = g.min(g.constant(isDouble(g) ? 19.1 : 9.1), a);
    Reduced reduced = reduce(g, g.add(b, b));
    Real one = g.constant(1);
    Real p = g.fma(g.fma(expTail(g, reduced.r), reduced.r, one), reduced.r, one);
    Real e =
        g.fromBits(
            g.bitsAdd(
                g.toBits(p), g.shiftLeft(g.toBits(reduced.shifted), g.precision().mantissaBits())));
    Real far = g.sub(one, g.div(g.constant(2), g.add(e, one)));
    Real y = g.select(g.less(a, g.constant(0.625)), near, far);
    return g.select(g.equal(x, x), signed(g, y, x), x);
  }

  /** A number that is not negative, with the sign of another. */
  private static Real signed(Graph g, Real magnitude, Real sign) {
    Bits bit = g.bits(g.precision().bits(-0.0));
    return g.fromBits(g.bitsOr(g.toBits(magnitude), g.bitsAnd(g.toBits(sign), bit)));
  }

  // (2 atanh(s) - 2 s) / s^3 by s^2.
  private static final double[] LOG = {
    0x1.0f6245c22ff13p-3, 0x1.0f5cdf6ed7ca2p-3, 0x1.3b20aa913cb98p-3, 0x1.745cde3b710e0p-3,
    0x1.c71c7258eb019p-3, 0x1.249249242b513p-2, 0x1.9999999999dfep-2, 0x1.5555555555555p-1
  };
  private static final double[] LOG_FLOAT = {
    0x1.e2f646813311dp-3, 0x1.2438d85b9e5c0p-2, 0x1.999a7a87ef8ddp-2, 0x1.555554fd9e389p-1
  };

  /** x = 2^exponent m with m from √½ to √2. */
  private record Split(Real exponent, Real m) {}

  private static Split split(Graph g, Real x) {
    Precision precision = g.precision();
    int mantissa = precision.mantissaBits();
    long one = precision.bits(1);
    long root = precision.bits(precision.round(Math.sqrt(0.5)));
    Bits bits = g.bitsAdd(g.toBits(x), g.bits(one - root));
    double shifter = Math.scalb(1.0, mantissa);
    Real exponent =
        g.sub(
            g.fromBits(g.bitsOr(g.shiftRight(bits, mantissa), g.bits(precision.bits(shifter)))),
            g.constant(shifter + precision.bias()));
    Real m = g.fromBits(g.bitsAdd(g.bitsAnd(bits, g.bits((1L << mantissa) - 1)), g.bits(root)));
    return new Split(exponent, m);
  }

  /** A number that is not subnormal, and by how much its logarithm to base 2 has grown. */
  private record Normal(Real x, Real growth) {}

  /** Subnormal numbers times 2^54 or 2^25, others as they are. */
  private static Normal normal(Graph g, Real x) {
    boolean isDouble = isDouble(g);
    Mask subnormal = g.less(x, g.constant(isDouble ? Double.MIN_NORMAL : Float.MIN_NORMAL));
    Real scaled = g.mul(x, g.constant(isDouble ? 0x1p54 : 0x1p25));
    return new Normal(
        g.select(subnormal, scaled, x),
        g.select(subnormal, g.constant(isDouble ? 54 : 25), g.constant(0)));
  }

  private static Real ln2High(Graph g) {
    return g.constant(isDouble(g) ? 0x1.62e42fefa3800p-1 : 0x1.62e4p-1);
  }

  private static Real ln2Low(Graph g) {
    return g.constant(isDouble(g) ? 0x1.ef35793c76730p-45 : 0x1.7f7d1cf79abcap-20);
  }

  /** log(1 + f) + exponent · ln 2 + c. */
  private static Real logOf(Graph g, Real f, Real exponent, Real c) {
    Real s = g.div(f, g.add(g.constant(2), f));
    Real u = g.mul(s, s);
    Real r = g.mul(u, g.polynomial(u, coefficients(g, LOG, LOG_FLOAT)));
    Real half = g.mul(g.mul(g.constant(0.5), f), f);
    Real low = g.fma(exponent, ln2Low(g), c);
    Real rest = g.sub(g.sub(half, g.fma(s, g.add(half, r), low)), f);
    return g.fma(exponent, ln2High(g), g.neg(rest));
  }

  /** log x: at most 1 ulp. */
  static Real log(Graph g, Real x) {
    Normal normal = normal(g, x);
    Split split = split(g, normal.x);
    Real y =
        logOf(
            g, g.sub(split.m, g.constant(1)), g.sub(split.exponent, normal.growth), g.constant(0));
    return logSpecial(g, x, y);
  }

  /** The logarithm of 0, of negative numbers, of infinity and of NaN. */
  private static Real logSpecial(Graph g, Real argument, Real y) {
    Real zero = g.constant(0);
    Real infinity = g.constant(Double.POSITIVE_INFINITY);
    Real positive = g.select(g.less(argument, infinity), y, argument);
    Real other =
        g.select(
            g.equal(argument, zero), g.constant(Double.NEGATIVE_INFINITY), g.constant(Double.NaN));
    return g.select(g.less(zero, argument), positive, other);
  }

  /** log(1 + x): at most 1 ulp. */
  static Real log1p(Graph g, Real x) {
    Real one = g.constant(1);
    Real zero = g.constant(0);
    Real sum = g.add(one, x);
    // What rounding took from the sum.
    Real lost = g.select(g.less(one, x), g.sub(one, g.sub(sum, x)), g.sub(x, g.sub(sum, one)));
    Split split = split(g, sum);
    Mask isNear = g.equal(split.exponent, zero);
    Real f = g.select(isNear, x, g.sub(split.m, one));
    Real c = g.select(isNear, zero, g.div(lost, sum));
    Real y = logOf(g, f, split.exponent, c);
    return tiny(g, x, logSpecial(g, sum, y));
  }

  private static final double[] SIN = {
    -0x1.aaa544024b53dp-41,
    0x1.612092b0e07dcp-33,
    -0x1.ae64529840749p-26,
    0x1.71de3a53396e2p-19,
    -0x1.a01a01a018ae3p-13,
    0x1.111111111110bp-7,
    -0x1.5555555555555p-3
  };
  private static final double[] SIN_FLOAT = {
    0x1.6cd83d9828d69p-19, -0x1.a00f9d3990e01p-13, 0x1.11110895c81ccp-7, -0x1.5555554cb93b4p-3
  };
  private static final double[] COS = {
    -0x1.8fae9c87de6c8p-37,
    0x1.1ee9ebe983a16p-29,
    -0x1.27e4f809f172fp-22,
    0x1.a01a019cb1bf4p-16,
    -0x1.6c16c16c1517ep-10,
    0x1.555555555554cp-5
  };
  private static final double[] COS_FLOAT = {
    0x1.9a0215819ffb6p-16, -0x1.6c0c8ad9939c2p-10, 0x1.55554ab2ac2c1p-5
  };
  // π/2 in three numbers.
  private static final double[] HALF_PI = {
    0x1.921fb54442d18p0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110
  };
  private static final double[] HALF_PI_FLOAT = {0x1.921fb6p0, -0x1.777a5cp-25, -0x1.ee59dap-50};

  /** sin x: at most 1 ulp for |x| up to 2^30 (float: 2^20), NaN beyond. */
  static Real sin(Graph g, Real x) {
    return tiny(g, x, sine(g, x, 0));
  }

  /** cos x: at most 1 ulp for |x| up to 2^30 (float: 2^20), NaN beyond. */
  static Real cos(Graph g, Real x) {
    return sine(g, x, 1);
  }

  /** sin(x + quarters · π/2). */
  private static Real sine(Graph g, Real x, int quarters) {
    double[] halfPi = coefficients(g, HALF_PI, HALF_PI_FLOAT);
    Real shifter = g.constant(shifter(g));
    Real shifted = g.fma(x, g.constant(0x1.45f306dc9c883p-1), shifter);
    Real n = g.sub(shifted, shifter);
    Real minus = g.neg(n);
    // The first difference is exact: both are multiples of its last bit.
    Real high = g.fma(minus, g.constant(halfPi[0]), x);
    Real p = g.mul(n, g.constant(halfPi[1]));
    Real pLow = g.fma(n, g.constant(halfPi[1]), g.neg(p));
    Real first = g.sub(high, p);
    Real low = g.sub(g.sub(g.sub(high, first), p), pLow);
    low = g.fma(minus, g.constant(halfPi[2]), low);
    Real r = g.add(first, low);
    Real rest = g.add(g.sub(first, r), low);

    Real one = g.constant(1);
    Real u = g.mul(r, r);
    Real half = g.mul(g.constant(0.5), u);
    Real sinTail = g.polynomial(u, coefficients(g, SIN, SIN_FLOAT));
    Real sin = g.add(r, g.fma(sinTail, g.mul(u, r), g.fma(g.neg(half), rest, rest)));
    Real w = g.sub(one, half);
    Real cosTail = g.polynomial(u, coefficients(g, COS, COS_FLOAT));
    Real correction =
        g.add(g.sub(g.sub(one, w), half), g.fma(cosTail, g.mul(u, u), g.neg(g.mul(r, rest))));
    Real cos = g.add(w, correction);

    Bits quadrant = g.bitsAdd(g.toBits(shifted), g.bits(quarters));
    Real odd = g.fromBits(g.bitsOr(g.bitsAnd(quadrant, g.bits(1)), g.bits(g.precision().bits(1))));
    Real magnitude = g.select(g.equal(odd, one), sin, cos);
    int signShift = isDouble(g) ? 62 : 30;
    Bits sign = g.shiftLeft(g.bitsAnd(quadrant, g.bits(2)), signShift);
    Real y = g.fromBits(g.bitsXor(g.toBits(magnitude), sign));
    Real limit = g.constant(isDouble(g) ? 0x1p30 : 0x1p20);
    return g.select(g.lessEqual(g.abs(x), limit), y, g.constant(Double.NaN));
  }

  // ((2 atanh(s) - 2 s) / s^3 - 2/3) / s^2 by s^2.
  private static final double[] POW = {
    0x1.eb104e21c3a22p-4, 0x1.de33898ee7586p-4, 0x1.1120b507c7121p-3, 0x1.3b1362b9f60b2p-3,
    0x1.745d18324444dp-3, 0x1.c71c71c580866p-3, 0x1.2492492493034p-2, 0x1.9999999999996p-2
  };
  private static final double[] POW_FLOAT = {
    0x1.8eb3579b97aefp-3, 0x1.c65961c1ba610p-3, 0x1.249373e761879p-2, 0x1.999998601df93p-2
  };

  /**
   * x^y: at most 1 ulp (float: 1); results below the least normal number are 0. Special cases as in
   * C, but for those of signed zeros and infinities with negative x.
   */
  static Real pow(Graph g, Real x, Real y) {
    Real zero = g.constant(0);
    Real one = g.constant(1);
    Real two = g.constant(2);
    Real infinity = g.constant(Double.POSITIVE_INFINITY);
    Real a = g.abs(x);
    Normal normal = normal(g, a);
    Split split = split(g, normal.x);
    Real e = g.sub(split.exponent, normal.growth);

    // s = f / (2 + f) in two words, then log m = 2 s + s^3 (2/3 + s^2 …) in two words.
    Real f = g.sub(split.m, one);
    Real d = g.add(two, f);
    Real dLow = g.add(g.sub(two, d), f);
    Real s = g.div(f, d);
    Real minus = g.neg(s);
    Real sLow = g.div(g.fma(minus, dLow, g.fma(minus, d, f)), d);
    Real u = g.mul(s, s);
    Real uLow = g.fma(g.add(s, s), sLow, g.fma(s, s, g.neg(u)));
    Real t = g.mul(u, g.polynomial(u, coefficients(g, POW, POW_FLOAT)));
    double third = g.precision().round(2.0 / 3);
    double thirdLow = isDouble(g) ? 0x1.5555555555555p-55 : 2.0 / 3 - third;
    Real p = g.add(g.constant(third), t);
    Real pLow = g.add(g.add(g.sub(g.constant(third), p), t), g.constant(thirdLow));
    Real w = g.mul(u, s);
    Real wLow = g.fma(uLow, s, g.fma(u, sLow, g.fma(u, s, g.neg(w))));
    Real z = g.mul(w, p);
    Real zLow = g.fma(wLow, p, g.fma(w, pLow, g.fma(w, p, g.neg(z))));
    Real s2 = g.add(s, s);
    Real m = g.add(s2, z);
    Real mLow = g.add(g.add(g.sub(s2, m), z), g.fma(two, sLow, zLow));
    Real whole = g.mul(e, ln2High(g));
    Real sum = g.add(whole, m);
    Real sumLow = g.add(g.add(g.sub(whole, sum), m), g.fma(e, ln2Low(g), mLow));
    Real log = g.add(sum, sumLow);
    Real logLow = g.add(g.sub(sum, log), sumLow);

    // e^(y log a).
    Real product = g.mul(y, log);
    Real productLow = g.fma(y, logLow, g.fma(y, log, g.neg(product)));
    Real bounded = isDouble(g) ? clamp(g, product, -745, 745) : clamp(g, product, -104, 104);
    Reduced reduced = reduce(g, bounded);
    Real r = g.add(reduced.r, productLow);
    Real rLow = g.add(g.add(g.sub(reduced.r, r), productLow), reduced.low);
    Real grown = g.add(r, g.fma(expTail(g, r), g.mul(r, r), rLow));
    Real half = g.add(one, grown);
    Real twice = g.add(half, half);
    Real least = g.constant(isDouble(g) ? -0x1.6232bdd7abcd2p9 : -0x1.5d589ep6);
    int scaleLimit = isDouble(g) ? 1022 : 126;
    Real exponent = g.sub(reduced.shifted, one);
    Real kept = g.max(exponent, g.constant(shifter(g) - scaleLimit));
    Real magnitude = g.mul(twice, powerOfTwo(g, kept, 0));
    Mask tooLow = g.less(product, least);
    Mask tooHigh = g.less(g.constant(isDouble(g) ? 0x1.62e42fefa39efp9 : 0x1.62e42ep6), product);
    magnitude = g.select(tooLow, zero, g.select(tooHigh, infinity, magnitude));

    Mask growing = g.less(zero, y);
    magnitude = g.select(g.equal(a, zero), g.select(growing, zero, infinity), magnitude);
    magnitude = g.select(g.equal(a, infinity), g.select(growing, infinity, zero), magnitude);
    magnitude = g.select(g.equal(a, one), one, magnitude);

    // A negative base needs a whole exponent, an odd one makes the power negative.
    double large = Math.scalb(1.0, g.precision().mantissaBits());
    Real largest = g.constant(large);
    Real b = g.abs(y);
    Mask isLarge = g.lessEqual(largest, b);
    Mask isWhole = g.or(isLarge, g.equal(g.sub(g.add(b, largest), largest), b));
    Real c = g.mul(g.constant(0.5), b);
    Mask isEven = g.or(g.lessEqual(largest, c), g.equal(g.sub(g.add(c, largest), largest), c));
    Mask isOdd = g.and(isWhole, g.not(isEven));
    Mask negative = g.less(x, zero);
    Real signed = g.select(g.and(negative, isOdd), g.neg(magnitude), magnitude);
    Mask isBad = g.and(g.and(negative, g.not(isWhole)), g.less(a, infinity));
    Real result = g.select(isBad, g.constant(Double.NaN), signed);
    result = g.select(g.equal(x, x), result, x);
    result = g.select(g.equal(y, y), result, y);
    return g.select(g.or(g.equal(y, zero), g.equal(x, one)), one, result);
  }

  // (atan t - t) / t^3 by t^2 for t up to 1/2.
  private static final double[] ATAN = {
    -0x1.11b20be5af669p-7,
    0x1.83340e55ee650p-6,
    -0x1.2ff18bf3bab0fp-5,
    0x1.77e910bb6cca4p-5,
    -0x1.ac6d47111109bp-5,
    0x1.e181ccd5eae07p-5,
    -0x1.110c5f6152800p-4,
    0x1.3b135f0e55f24p-4,
    -0x1.745d137532fdap-4,
    0x1.c71c71a9df65fp-4,
    -0x1.249249245005ap-3,
    0x1.9999999999020p-3,
    -0x1.5555555555552p-2
  };
  private static final double[] ATAN_FLOAT = {
    0x1.3d38a4a2d6a52p-5,
    -0x1.4706fef7d71edp-4,
    0x1.c02484d310058p-4,
    -0x1.244acb95f5311p-3,
    0x1.9996ecde9b2ccp-3,
    -0x1.555551085ea87p-2
  };

  /** atan x: at most 1.4 ulp. */
  static Real atan(Graph g, Real x) {
    Real a = g.abs(x);
    Real one = g.constant(1);
    Mask isSteep = g.less(one, a);
    Real angle = angle(g, g.select(isSteep, one, a), g.select(isSteep, a, one), isSteep, null);
    return signed(g, angle, x);
  }

  /** atan2(y, x), special cases as in C: at most 1.4 ulp. */
  static Real atan2(Graph g, Real y, Real x) {
    Real zero = g.constant(0);
    Real one = g.constant(1);
    Real infinity = g.constant(Double.POSITIVE_INFINITY);
    Real a = g.abs(x);
    Real b = g.abs(y);
    Mask isSteep = g.less(a, b);
    Real less = g.select(isSteep, a, b);
    Real more = g.select(isSteep, b, a);
    // Their sum must be a number, their quotient too.
    Mask isLarge = g.less(g.constant(isDouble(g) ? 0x1p1000 : 0x1p120), more);
    Real scale = g.select(isLarge, g.constant(0x1p-2), one);
    Mask isInfinite = g.equal(more, infinity);
    Real n =
        g.select(
            isInfinite,
            g.select(g.less(less, infinity), zero, g.select(g.equal(less, less), one, less)),
            g.mul(less, scale));
    Real m = g.select(g.or(isInfinite, g.equal(more, zero)), one, g.mul(more, scale));
    Mask isLeft = g.less(signed(g, one, x), zero);
    return signed(g, angle(g, n, m, isSteep, isLeft), y);
  }

  /**
   * The angle of a point in the first quadrant's lower half, or of what that stands for.
   *
   * @param n its ordinate, at most m
   * @param m its abscissa
   * @param isSteep whether both were exchanged
   * @param isLeft whether the point was in the second quadrant, null if nowhere
   */
  private static Real angle(Graph g, Real n, Real m, Mask isSteep, @Nullable Mask isLeft) {
    Real zero = g.constant(0);
    Real one = g.constant(1);
    // atan (n / m), or less a quarter of π, whose tangent has an exact numerator.
    Mask isNear = g.lessEqual(n, g.mul(g.constant(0.5), m));
    Real t = g.div(g.select(isNear, n, g.sub(n, m)), g.select(isNear, m, g.add(n, m)));
    Real quarters = g.select(isNear, zero, one);
    t = g.select(isSteep, g.neg(t), t);
    quarters = g.select(isSteep, g.sub(g.constant(2), quarters), quarters);
    if (isLeft != null) {
      t = g.select(isLeft, g.neg(t), t);
      quarters = g.select(isLeft, g.sub(g.constant(4), quarters), quarters);
    }
    double[] halfPi = coefficients(g, HALF_PI, HALF_PI_FLOAT);
    Real quarter = g.constant(0.5 * halfPi[0]);
    Real base = g.mul(quarters, quarter);
    Real baseLow =
        g.fma(quarters, g.constant(0.5 * halfPi[1]), g.fma(quarters, quarter, g.neg(base)));
    Real u = g.mul(t, t);
    Real tail = g.fma(g.mul(t, u), g.polynomial(u, coefficients(g, ATAN, ATAN_FLOAT)), baseLow);
    Real sum = g.add(base, t);
    return g.add(sum, g.add(g.add(g.sub(base, sum), t), tail));
  }

  // (asin x - x) / x^3 by x^2 for x up to 1/2.
  private static final double[] ASIN = {
    0x1.0b4abd1c1bec2p-5,
    -0x1.580b058e576f6p-6,
    0x1.63a69db8deb0fp-6,
    0x1.e5d1cbd7f189ep-9,
    0x1.613f179f16b98p-7,
    0x1.75850bb685469p-7,
    0x1.ca1f9e4c44b99p-7,
    0x1.1c49ef94f8442p-6,
    0x1.6e8bdeecd6437p-6,
    0x1.f1c71a946e2fap-6,
    0x1.6db6db721412bp-5,
    0x1.333333332e103p-4,
    0x1.5555555555577p-3
  };
  private static final double[] ASIN_FLOAT = {
    0x1.3355a0c5784a3p-5,
    0x1.d9202745c4afcp-7,
    0x1.04919552d84dfp-5,
    0x1.6caed4145c343p-5,
    0x1.33387c888e9a0p-4,
    0x1.55554c6006d7ap-3
  };

  /**
   * asin s = s + tail for s from 0 to 1/2.
   *
   * @param isNear whether s is |x|; otherwise the sine of half the angle whose cosine is |x|
   */
  private record HalfAngle(Mask isNear, Real s, Real tail) {}

  private static HalfAngle halfAngle(Graph g, Real x) {
    Real a = g.abs(x);
    Real half = g.constant(0.5);
    Mask isNear = g.lessEqual(a, half);
    Real z = g.select(isNear, g.mul(a, a), g.mul(half, g.sub(g.constant(1), a)));
    Real s = g.select(isNear, a, g.sqrt(z));
    Real tail = g.mul(g.mul(s, z), g.polynomial(z, coefficients(g, ASIN, ASIN_FLOAT)));
    return new HalfAngle(isNear, s, tail);
  }

  /** asin x: at most 1.7 ulp. */
  static Real asin(Graph g, Real x) {
    HalfAngle angle = halfAngle(g, x);
    double[] halfPi = coefficients(g, HALF_PI, HALF_PI_FLOAT);
    Real s = angle.s;
    Real high = g.sub(g.constant(halfPi[0]), g.add(s, s));
    Real low = g.sub(g.constant(halfPi[1]), g.add(angle.tail, angle.tail));
    Real y = g.select(angle.isNear, g.add(s, angle.tail), g.add(high, low));
    return signed(g, y, x);
  }

  /** acos x: at most 1.7 ulp. */
  static Real acos(Graph g, Real x) {
    HalfAngle angle = halfAngle(g, x);
    double[] halfPi = coefficients(g, HALF_PI, HALF_PI_FLOAT);
    Real high = g.constant(halfPi[0]);
    Real low = g.constant(halfPi[1]);
    Mask isNegative = g.less(x, g.constant(0));
    // To the right π/2 - asin x, of a half angle twice that, or that less than π.
    Real s = g.select(isNegative, g.neg(angle.s), angle.s);
    Real tail = g.select(isNegative, g.neg(angle.tail), angle.tail);
    Real near = g.sub(high, g.sub(s, g.sub(low, tail)));
    Real right = g.add(angle.s, angle.tail);
    Real left = g.sub(high, g.sub(right, low));
    Real half = g.select(isNegative, left, right);
    return g.select(angle.isNear, near, g.add(half, half));
  }

  /** √(x² + y²): at most 1 ulp; NaN if one is NaN. */
  static Real hypot(Graph g, Real x, Real y) {
    boolean isDouble = isDouble(g);
    Real a = g.abs(x);
    Real b = g.abs(y);
    Mask isLess = g.less(a, b);
    Real n = g.select(isLess, a, b);
    Real m = g.select(isLess, b, a);
    Mask isLarge = g.less(g.constant(isDouble ? 0x1p500 : 0x1p50), m);
    Mask isSmall = g.less(m, g.constant(isDouble ? 0x1p-400 : 0x1p-40));
    double large = isDouble ? 0x1p600 : 0x1p80;
    Real one = g.constant(1);
    Real up = g.constant(large);
    Real down = g.constant(1 / large);
    Real scale = g.select(isLarge, down, g.select(isSmall, up, one));
    Real back = g.select(isLarge, up, g.select(isSmall, down, one));
    Real first = g.mul(m, scale);
    Real second = g.mul(n, scale);
    return g.mul(g.sqrt(g.fma(first, first, g.mul(second, second))), back);
  }

  /** The nearest whole number, of two the even one. */
  static Real rint(Graph g, Real x) {
    Real a = g.abs(x);
    Real whole = g.constant(Math.scalb(1.0, g.precision().mantissaBits()));
    Real rounded = g.sub(g.add(a, whole), whole);
    return signed(g, g.select(g.less(a, whole), rounded, a), x);
  }
}
