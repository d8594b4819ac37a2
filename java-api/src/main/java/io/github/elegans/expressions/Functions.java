package io.github.elegans.expressions;

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
  private static int clamp(Graph g, int x, double low, double high) {
    // The bound comes first: the minimum and maximum of NaN are their second operand.
    return g.min(g.constant(high), g.max(g.constant(low), x));
  }

  /** xⁿ by squaring. */
  static int powi(Graph g, int x, int n) {
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
    int half = powi(g, x, n / 2);
    int square = n == 1 ? x : g.mul(half, half);
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
  private record Reduced(int shifted, int r, int low) {}

  private static double shifter(Graph g) {
    return 1.5 * Math.scalb(1.0, g.precision().mantissaBits());
  }

  private static Reduced reduce(Graph g, int x) {
    boolean isDouble = isDouble(g);
    int shifter = g.constant(shifter(g));
    int shifted = g.fma(x, g.constant(0x1.71547652b82fep0), shifter);
    int n = g.sub(shifted, shifter);
    // In float, the high part of ln 2 has 15 bits, so that products with n are exact.
    int high = g.fma(n, g.constant(isDouble ? -0x1.62e42fefa39efp-1 : -0x1.62e4p-1), x);
    int low = g.constant(isDouble ? -0x1.abc9e3b39803fp-56 : -0x1.7f7d1cf79abcap-20);
    int r = g.fma(n, low, high);
    return new Reduced(shifted, r, g.fma(n, low, g.sub(high, r)));
  }

  private static int expTail(Graph g, int r) {
    return g.polynomial(r, coefficients(g, EXP_TAIL, EXP_TAIL_FLOAT));
  }

  /** 2^n for a certainly normal result, n plus a number. */
  private static int powerOfTwo(Graph g, int shifted, int plus) {
    int bias = g.precision().bias() + plus;
    return g.fromBits(
        g.shiftLeft(g.bitsAdd(g.toBits(shifted), g.bits(bias)), g.precision().mantissaBits()));
  }

  /** e^x: at most 0.9 ulp (float: 1); below the least normal number 0. */
  static int exp(Graph g, int x) {
    Reduced reduced = reduce(g, x);
    int r = reduced.r;
    int one = g.constant(1);
    int p = g.fma(g.fma(expTail(g, r), r, one), r, one);
    int y =
        g.fromBits(
            g.bitsAdd(
                g.toBits(p), g.shiftLeft(g.toBits(reduced.shifted), g.precision().mantissaBits())));
    int least = g.constant(isDouble(g) ? -0x1.6232bdd7abcd2p9 : -0x1.5d589ep6);
    int greatest = g.constant(isDouble(g) ? 0x1.62e42fefa39efp9 : 0x1.62e42ep6);
    int bounded = g.select(g.less(x, least), g.constant(0), y);
    return g.select(g.less(greatest, x), g.constant(Double.POSITIVE_INFINITY), bounded);
  }

  /** e^x - 1: at most 1.1 ulp (float: 1.25). */
  static int expm1(Graph g, int x) {
    int z = isDouble(g) ? clamp(g, x, -60, 710) : clamp(g, x, -30, 89);
    // Half of it, doubled: 2^n itself may be too large to be a number.
    int y = scaledExpm1(g, z, 1);
    y = g.add(y, y);
    return tiny(g, x, y);
  }

  /** (e^x - 1) / 2^scale. */
  private static int scaledExpm1(Graph g, int x, int scale) {
    Reduced reduced = reduce(g, x);
    int r = reduced.r;
    int tail = g.fma(expTail(g, r), g.mul(r, r), reduced.low);
    int grown = g.add(r, tail);
    int power = powerOfTwo(g, reduced.shifted, -scale);
    return g.fma(power, grown, g.sub(power, g.constant(Math.scalb(1.0, -scale))));
  }

  /** x itself where f(x) = x to the last bit: its zeros keep their sign, subnormals their bits. */
  private static int tiny(Graph g, int x, int y) {
    double bound = isDouble(g) ? 0x1p-54 : 0x1p-25;
    return g.select(g.less(g.abs(x), g.constant(bound)), x, y);
  }

  /** (e^x - 1) / x: at most 2.7 ulp; 1 at 0. It overflows where its own value does. */
  static int exprel(Graph g, int x) {
    int bounded = g.min(g.constant(isDouble(g) ? 717 : 95), x);
    int z = g.max(g.constant(isDouble(g) ? -60 : -30), bounded);
    // e^x may be too large to be a number where e^x / x is one.
    int scaled = g.div(scaledExpm1(g, z, 12), bounded);
    int y = g.mul(scaled, g.constant(0x1p12));
    int small = g.less(g.abs(x), g.constant(isDouble(g) ? 0x1p-54 : 0x1p-25));
    return g.select(small, g.constant(1), y);
  }

  /** x / (e^x - 1): at most 2 ulp; 1 at 0. */
  static int bernoulli(Graph g, int x) {
    double greatest = isDouble(g) ? Double.MAX_VALUE : Float.MAX_VALUE;
    int numerator = g.min(g.constant(greatest), x);
    int small = g.less(g.abs(x), g.constant(isDouble(g) ? 0x1p-54 : 0x1p-25));
    return g.select(small, g.constant(1), g.div(numerator, expm1(g, x)));
  }

  /** 1 / (1 + e^-x): at most 1 ulp where e^-|x| is a normal number; below, its value there. */
  static int sigmoid(Graph g, int x) {
    int one = g.constant(1);
    int zero = g.constant(0);
    int z = g.max(g.constant(isDouble(g) ? -708 : -87), g.neg(g.abs(x)));
    Reduced reduced = reduce(g, z);
    int r = reduced.r;
    int tail = g.fma(expTail(g, r), g.mul(r, r), r);
    int high = g.add(one, tail);
    int low = g.sub(tail, g.sub(high, one));
    int scale = powerOfTwo(g, reduced.shifted, 0);
    int n = g.mul(high, scale);
    int nLow = g.mul(low, scale);
    int d = g.add(one, n);
    int dLow = g.add(g.add(g.sub(one, d), n), nLow);
    int inverse = g.div(one, d);
    int negative = g.less(x, zero);
    int top = g.select(negative, n, one);
    int topLow = g.select(negative, nLow, zero);
    int y = g.mul(top, inverse);
    // The quotient is corrected by its residual.
    int minus = g.neg(y);
    int c = g.add(g.fma(minus, dLow, g.fma(minus, d, top)), topLow);
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
  static int tanh(Graph g, int x) {
    int a = g.abs(x);
    int u = g.mul(a, a);
    int near = g.fma(g.polynomial(u, coefficients(g, TANH, TANH_FLOAT)), g.mul(a, u), a);
    int b = g.min(g.constant(isDouble(g) ? 19.1 : 9.1), a);
    Reduced reduced = reduce(g, g.add(b, b));
    int one = g.constant(1);
    int p = g.fma(g.fma(expTail(g, reduced.r), reduced.r, one), reduced.r, one);
    int e =
        g.fromBits(
            g.bitsAdd(
                g.toBits(p), g.shiftLeft(g.toBits(reduced.shifted), g.precision().mantissaBits())));
    int far = g.sub(one, g.div(g.constant(2), g.add(e, one)));
    int y = g.select(g.less(a, g.constant(0.625)), near, far);
    int sign = g.bits(g.precision().bits(-0.0));
    int signed = g.fromBits(g.bitsOr(g.toBits(y), g.bitsAnd(g.toBits(x), sign)));
    return g.select(g.equal(x, x), signed, x);
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
  private record Split(int exponent, int m) {}

  private static Split split(Graph g, int x) {
    Precision precision = g.precision();
    int mantissa = precision.mantissaBits();
    long one = precision.bits(1);
    long root = precision.bits(precision.round(Math.sqrt(0.5)));
    int bits = g.bitsAdd(g.toBits(x), g.bits(one - root));
    double shifter = Math.scalb(1.0, mantissa);
    int exponent =
        g.sub(
            g.fromBits(g.bitsOr(g.shiftRight(bits, mantissa), g.bits(precision.bits(shifter)))),
            g.constant(shifter + precision.bias()));
    int m = g.fromBits(g.bitsAdd(g.bitsAnd(bits, g.bits((1L << mantissa) - 1)), g.bits(root)));
    return new Split(exponent, m);
  }

  /** Subnormal numbers times 2^54 or 2^25, and by how much their logarithm to base 2 grows. */
  private static int[] normal(Graph g, int x) {
    boolean isDouble = isDouble(g);
    int subnormal = g.less(x, g.constant(isDouble ? Double.MIN_NORMAL : Float.MIN_NORMAL));
    int scaled = g.mul(x, g.constant(isDouble ? 0x1p54 : 0x1p25));
    return new int[] {
      g.select(subnormal, scaled, x),
      g.select(subnormal, g.constant(isDouble ? 54 : 25), g.constant(0))
    };
  }

  private static int ln2High(Graph g) {
    return g.constant(isDouble(g) ? 0x1.62e42fefa3800p-1 : 0x1.62e4p-1);
  }

  private static int ln2Low(Graph g) {
    return g.constant(isDouble(g) ? 0x1.ef35793c76730p-45 : 0x1.7f7d1cf79abcap-20);
  }

  /** log(1 + f) + exponent · ln 2 + c. */
  private static int logOf(Graph g, int f, int exponent, int c) {
    int s = g.div(f, g.add(g.constant(2), f));
    int u = g.mul(s, s);
    int r = g.mul(u, g.polynomial(u, coefficients(g, LOG, LOG_FLOAT)));
    int half = g.mul(g.mul(g.constant(0.5), f), f);
    int low = g.fma(exponent, ln2Low(g), c);
    int rest = g.sub(g.sub(half, g.fma(s, g.add(half, r), low)), f);
    return g.fma(exponent, ln2High(g), g.neg(rest));
  }

  /** log x: at most 1 ulp. */
  static int log(Graph g, int x) {
    int[] normal = normal(g, x);
    Split split = split(g, normal[0]);
    int y =
        logOf(g, g.sub(split.m, g.constant(1)), g.sub(split.exponent, normal[1]), g.constant(0));
    return logSpecial(g, x, y);
  }

  /** The logarithm of 0, of negative numbers, of infinity and of NaN. */
  private static int logSpecial(Graph g, int argument, int y) {
    int zero = g.constant(0);
    int infinity = g.constant(Double.POSITIVE_INFINITY);
    int positive = g.select(g.less(argument, infinity), y, argument);
    int other =
        g.select(
            g.equal(argument, zero), g.constant(Double.NEGATIVE_INFINITY), g.constant(Double.NaN));
    return g.select(g.less(zero, argument), positive, other);
  }

  /** log(1 + x): at most 1 ulp. */
  static int log1p(Graph g, int x) {
    int one = g.constant(1);
    int zero = g.constant(0);
    int sum = g.add(one, x);
    // What rounding took from the sum.
    int lost = g.select(g.less(one, x), g.sub(one, g.sub(sum, x)), g.sub(x, g.sub(sum, one)));
    Split split = split(g, sum);
    int isNear = g.equal(split.exponent, zero);
    int f = g.select(isNear, x, g.sub(split.m, one));
    int c = g.select(isNear, zero, g.div(lost, sum));
    int y = logOf(g, f, split.exponent, c);
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
  static int sin(Graph g, int x) {
    return tiny(g, x, sine(g, x, 0));
  }

  /** cos x: at most 1 ulp for |x| up to 2^30 (float: 2^20), NaN beyond. */
  static int cos(Graph g, int x) {
    return sine(g, x, 1);
  }

  /** sin(x + quarters · π/2). */
  private static int sine(Graph g, int x, int quarters) {
    double[] halfPi = coefficients(g, HALF_PI, HALF_PI_FLOAT);
    int shifter = g.constant(shifter(g));
    int shifted = g.fma(x, g.constant(0x1.45f306dc9c883p-1), shifter);
    int n = g.sub(shifted, shifter);
    int minus = g.neg(n);
    // The first difference is exact: both are multiples of its last bit.
    int high = g.fma(minus, g.constant(halfPi[0]), x);
    int p = g.mul(n, g.constant(halfPi[1]));
    int pLow = g.fma(n, g.constant(halfPi[1]), g.neg(p));
    int first = g.sub(high, p);
    int low = g.sub(g.sub(g.sub(high, first), p), pLow);
    low = g.fma(minus, g.constant(halfPi[2]), low);
    int r = g.add(first, low);
    int rest = g.add(g.sub(first, r), low);

    int one = g.constant(1);
    int u = g.mul(r, r);
    int half = g.mul(g.constant(0.5), u);
    int sinTail = g.polynomial(u, coefficients(g, SIN, SIN_FLOAT));
    int sin = g.add(r, g.fma(sinTail, g.mul(u, r), g.fma(g.neg(half), rest, rest)));
    int w = g.sub(one, half);
    int cosTail = g.polynomial(u, coefficients(g, COS, COS_FLOAT));
    int correction =
        g.add(g.sub(g.sub(one, w), half), g.fma(cosTail, g.mul(u, u), g.neg(g.mul(r, rest))));
    int cos = g.add(w, correction);

    int quadrant = g.bitsAdd(g.toBits(shifted), g.bits(quarters));
    int odd = g.fromBits(g.bitsOr(g.bitsAnd(quadrant, g.bits(1)), g.bits(g.precision().bits(1))));
    int magnitude = g.select(g.equal(odd, one), sin, cos);
    int signShift = isDouble(g) ? 62 : 30;
    int sign = g.shiftLeft(g.bitsAnd(quadrant, g.bits(2)), signShift);
    int y = g.fromBits(g.bitsXor(g.toBits(magnitude), sign));
    int limit = g.constant(isDouble(g) ? 0x1p30 : 0x1p20);
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
  static int pow(Graph g, int x, int y) {
    int zero = g.constant(0);
    int one = g.constant(1);
    int two = g.constant(2);
    int infinity = g.constant(Double.POSITIVE_INFINITY);
    int a = g.abs(x);
    int[] normal = normal(g, a);
    Split split = split(g, normal[0]);
    int e = g.sub(split.exponent, normal[1]);

    // s = f / (2 + f) in two words, then log m = 2 s + s^3 (2/3 + s^2 …) in two words.
    int f = g.sub(split.m, one);
    int d = g.add(two, f);
    int dLow = g.add(g.sub(two, d), f);
    int s = g.div(f, d);
    int minus = g.neg(s);
    int sLow = g.div(g.fma(minus, dLow, g.fma(minus, d, f)), d);
    int u = g.mul(s, s);
    int uLow = g.fma(g.add(s, s), sLow, g.fma(s, s, g.neg(u)));
    int t = g.mul(u, g.polynomial(u, coefficients(g, POW, POW_FLOAT)));
    double third = g.precision().round(2.0 / 3);
    double thirdLow = isDouble(g) ? 0x1.5555555555555p-55 : 2.0 / 3 - third;
    int p = g.add(g.constant(third), t);
    int pLow = g.add(g.add(g.sub(g.constant(third), p), t), g.constant(thirdLow));
    int w = g.mul(u, s);
    int wLow = g.fma(uLow, s, g.fma(u, sLow, g.fma(u, s, g.neg(w))));
    int z = g.mul(w, p);
    int zLow = g.fma(wLow, p, g.fma(w, pLow, g.fma(w, p, g.neg(z))));
    int s2 = g.add(s, s);
    int m = g.add(s2, z);
    int mLow = g.add(g.add(g.sub(s2, m), z), g.fma(two, sLow, zLow));
    int whole = g.mul(e, ln2High(g));
    int sum = g.add(whole, m);
    int sumLow = g.add(g.add(g.sub(whole, sum), m), g.fma(e, ln2Low(g), mLow));
    int log = g.add(sum, sumLow);
    int logLow = g.add(g.sub(sum, log), sumLow);

    // e^(y log a).
    int product = g.mul(y, log);
    int productLow = g.fma(y, logLow, g.fma(y, log, g.neg(product)));
    int bounded = isDouble(g) ? clamp(g, product, -745, 745) : clamp(g, product, -104, 104);
    Reduced reduced = reduce(g, bounded);
    int r = g.add(reduced.r, productLow);
    int rLow = g.add(g.add(g.sub(reduced.r, r), productLow), reduced.low);
    int grown = g.add(r, g.fma(expTail(g, r), g.mul(r, r), rLow));
    int half = g.add(one, grown);
    int twice = g.add(half, half);
    int least = g.constant(isDouble(g) ? -0x1.6232bdd7abcd2p9 : -0x1.5d589ep6);
    int scaleLimit = isDouble(g) ? 1022 : 126;
    int exponent = g.sub(reduced.shifted, one);
    int kept = g.max(exponent, g.constant(shifter(g) - scaleLimit));
    int magnitude = g.mul(twice, powerOfTwo(g, kept, 0));
    int tooLow = g.less(product, least);
    int tooHigh = g.less(g.constant(isDouble(g) ? 0x1.62e42fefa39efp9 : 0x1.62e42ep6), product);
    magnitude = g.select(tooLow, zero, g.select(tooHigh, infinity, magnitude));

    int growing = g.less(zero, y);
    magnitude = g.select(g.equal(a, zero), g.select(growing, zero, infinity), magnitude);
    magnitude = g.select(g.equal(a, infinity), g.select(growing, infinity, zero), magnitude);
    magnitude = g.select(g.equal(a, one), one, magnitude);

    // A negative base needs a whole exponent, an odd one makes the power negative.
    double large = Math.scalb(1.0, g.precision().mantissaBits());
    int largest = g.constant(large);
    int b = g.abs(y);
    int isLarge = g.lessEqual(largest, b);
    int isWhole = g.or(isLarge, g.equal(g.sub(g.add(b, largest), largest), b));
    int c = g.mul(g.constant(0.5), b);
    int isEven = g.or(g.lessEqual(largest, c), g.equal(g.sub(g.add(c, largest), largest), c));
    int isOdd = g.and(isWhole, g.not(isEven));
    int negative = g.less(x, zero);
    int signed = g.select(g.and(negative, isOdd), g.neg(magnitude), magnitude);
    int isBad = g.and(g.and(negative, g.not(isWhole)), g.less(a, infinity));
    int result = g.select(isBad, g.constant(Double.NaN), signed);
    result = g.select(g.equal(x, x), result, x);
    result = g.select(g.equal(y, y), result, y);
    return g.select(g.or(g.equal(y, zero), g.equal(x, one)), one, result);
  }
}
