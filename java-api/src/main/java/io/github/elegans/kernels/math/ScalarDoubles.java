package io.github.elegans.kernels.math;

/**
 * Elementwise functions in float64, by definition: straight lines of IEEE 754 operations (add,
 * multiply, divide, fused multiply-add, compare and select, integer shift and add), so that any
 * vector width gives the same bits. Ulp bounds of float32 functions hold for all 2³² arguments;
 * those of float64 functions were sampled.
 *
 * <p>NaN gives NaN: comparisons are written so that it falls through to the arithmetic.
 */
public final class ScalarDoubles {
  private ScalarDoubles() {}

  private static final double LOG2_E = 0x1.71547652b82fep0;
  private static final double MINUS_LN2_HIGH = -0x1.62e42fefa39efp-1;
  private static final double MINUS_LN2_LOW = -0x1.abc9e3b39803fp-56;
  private static final double SHIFTER = 0x1.8p52;
  private static final long SHIFTER_BITS = 0x4338000000000000L;

  private static double shifted(double x) {
    return Math.fma(x, LOG2_E, SHIFTER);
  }

  private static double reduced(double x, double shifted) {
    double n = shifted - SHIFTER;
    return Math.fma(n, MINUS_LN2_LOW, Math.fma(n, MINUS_LN2_HIGH, x));
  }

  private static double expTail(double r) {
    double q = Math.fma(0x1.ad7f330d73d4ap-26, r, 0x1.28ad72df49402p-22);
    q = Math.fma(q, r, 0x1.71df257997528p-19);
    q = Math.fma(q, r, 0x1.a0199a0c67cbcp-16);
    q = Math.fma(q, r, 0x1.a01a012a45948p-13);
    q = Math.fma(q, r, 0x1.6c16c1842a073p-10);
    q = Math.fma(q, r, 0x1.1111111127c1bp-7);
    q = Math.fma(q, r, 0x1.555555555087dp-5);
    q = Math.fma(q, r, 0x1.55555555554fap-3);
    return Math.fma(q, r, 0x1.000000000000ap-1);
  }

  private static double expPolynomial(double r) {
    return Math.fma(Math.fma(expTail(r), r, 1), r, 1);
  }

  private static double scaleNormal(double p, double shifted) {
    return Double.longBitsToDouble(
        Double.doubleToRawLongBits(p) + (Double.doubleToRawLongBits(shifted) << 52));
  }

  /** n is kept positive, so that a logical shift serves: AVX2 has no arithmetic one for 64 bits. */
  private static double scaleAny(double p, double shifted) {
    long n = Double.doubleToRawLongBits(shifted) - (SHIFTER_BITS - 2048);
    long half = n >>> 1;
    double first = Double.longBitsToDouble((half - 1) << 52);
    double second = Double.longBitsToDouble((n - half - 1) << 52);
    return p * first * second;
  }

  /**
   * {@code (x < 0 ? e^(z + zLow) : 1) / (1 + e^(z + zLow))} for z + zLow = -|x|; the quotient is
   * corrected by its residual.
   */
  private static double sigmoidCore(double x, double z, double zLow) {
    double t = shifted(z);
    double r = reduced(z, t) + zLow;
    double tail = Math.fma(expTail(r), r * r, r);
    double high = 1 + tail;
    double low = tail - (high - 1);
    double scale = powerOfTwo(t);
    double n = high * scale;
    double nLow = low * scale;
    double d = 1 + n;
    double dLow = ((1 - d) + n) + nLow;
    double g = 1 / d;
    double top = x < 0 ? n : 1;
    double topLow = x < 0 ? nLow : 0;
    double y = top * g;
    double c = Math.fma(-y, dLow, Math.fma(-y, d, top)) + topLow;
    return Math.fma(c, g, y);
  }

  /** 2ⁿ for a certainly normal result. */
  private static double powerOfTwo(double shifted) {
    return Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) + 1023) << 52);
  }

  private static double withSign(double y, double sign) {
    return Double.longBitsToDouble(
        Double.doubleToRawLongBits(y) | (Double.doubleToRawLongBits(sign) & Long.MIN_VALUE));
  }

  private static double clamp(double x, double low, double high) {
    x = x < low ? low : x;
    return x > high ? high : x;
  }

  /** eˣ: at most 0.88 ulp, subnormal and infinite results included. */
  public static double exp(double x) {
    double z = clamp(x, -746, 710);
    double t = shifted(z);
    double y = scaleAny(expPolynomial(reduced(z, t)), t);
    return y;
  }

  /** tanh x: at most 1.4 ulp. */
  public static double tanh(double x) {
    double a = Math.abs(x);
    double u = a * a;
    double s = Math.fma(-0x1.0da714c7c67e3p-16, u, 0x1.4391186818105p-14);
    s = Math.fma(s, u, -0x1.df55765c22318p-13);
    s = Math.fma(s, u, 0x1.3366129aa2dabp-11);
    s = Math.fma(s, u, -0x1.7d68a32c4c2bfp-10);
    s = Math.fma(s, u, 0x1.d6cf280fa2200p-9);
    s = Math.fma(s, u, -0x1.226e162c0cdbap-7);
    s = Math.fma(s, u, 0x1.664f477adc6f9p-6);
    s = Math.fma(s, u, -0x1.ba1ba1b5065b2p-5);
    s = Math.fma(s, u, 0x1.111111110acd0p-3);
    s = Math.fma(s, u, -0x1.55555555554ffp-2);
    s = Math.fma(s, a * u, a);
    double b = a > 19.1 ? 19.1 : a;
    double z = b + b;
    double t = shifted(z);
    double e = scaleNormal(expPolynomial(reduced(z, t)), t);
    double w = 1 - 2 / (e + 1);
    double y = a >= 0.625 ? w : s;
    return withSign(y, x);
  }

  /** 1 / (1 + e⁻ˣ): at most 0.98 ulp for x ≥ -708; below, the value at -708 (3.3e-308). */
  public static double sigmoid(double x) {
    double a = -Math.abs(x);
    return sigmoidCore(x, a < -708 ? -708 : a, 0);
  }

  // 2 √(2/π) and 0.044715 times that, each in two words.
  private static final double GELU_C1 = 0x1.9884533d43651p+0;
  private static final double GELU_C1_LOW = -0x1.cbc0d30ebfd15p-54;
  private static final double GELU_C3 = 0x1.2444f2a4d8b4bp-4;
  private static final double GELU_C3_LOW = -0x1.6c843a29d1c70p-61;

  /** ln(1 + eˣ): about 1 ulp. */
  public static double softplus(double x) {
    double z = -Math.abs(x);
    double u = x * x;
    double p = -0x1.ea3dcf341d3c2p-38;
    p = Math.fma(p, u, 0x1.fb8ea3171552cp-34);
    p = Math.fma(p, u, -0x1.7a38691f93d77p-30);
    p = Math.fma(p, u, 0x1.0cde9be197a17p-26);
    p = Math.fma(p, u, -0x1.833aa5495771cp-23);
    p = Math.fma(p, u, 0x1.1ea5c35c0701cp-19);
    p = Math.fma(p, u, -0x1.ba1ba14b03faep-16);
    p = Math.fma(p, u, 0x1.6c16c16b3a7bep-12);
    p = Math.fma(p, u, -0x1.55555555547a7p-8);
    p = Math.fma(p, u, 0x1.ffffffffffffbp-4);
    double c = Math.fma(p, u, 0x1.abc9e3b39803fp-56);
    double near = Math.fma(0.5, x, c) + 0x1.62e42fefa39efp-1;
    double clamped = z < -746 ? -746 : z;
    double t = Math.fma(clamped, LOG2_E, SHIFTER);
    double n = t - SHIFTER;
    double r = Math.fma(n, MINUS_LN2_HIGH, clamped);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    double tail = Math.fma(expTail(r), r * r, r);
    double high = 1 + tail;
    double low = tail - (high - 1);
    long m = Double.doubleToRawLongBits(t) - (SHIFTER_BITS - 2048);
    long half = m >>> 1;
    double first = Double.longBitsToDouble((half - 1) << 52);
    double second = Double.longBitsToDouble((m - half - 1) << 52);
    double power = high * first * second;
    double powerLow = low * first * second;
    double q = -0x1.bd6b7549a8e0cp-8;
    q = Math.fma(q, power, 0x1.aa4eec8ad2ea0p-6);
    q = Math.fma(q, power, -0x1.a3fefe1f14179p-5);
    q = Math.fma(q, power, 0x1.29bae5c21a568p-4);
    q = Math.fma(q, power, -0x1.6710204ee3b9cp-4);
    q = Math.fma(q, power, 0x1.969d2ab9fa0d2p-4);
    q = Math.fma(q, power, -0x1.c69e9b4e1887ap-4);
    q = Math.fma(q, power, 0x1.fff0fac1566bbp-4);
    q = Math.fma(q, power, -0x1.2491a62a62a5cp-3);
    q = Math.fma(q, power, 0x1.55554bd9cefe5p-3);
    q = Math.fma(q, power, -0x1.9999993dc3b4ep-3);
    q = Math.fma(q, power, 0x1.fffffffdeed0cp-3);
    q = Math.fma(q, power, -0x1.555555555250ap-2);
    q = Math.fma(q, power, 0x1.fffffffffffcfp-2);
    double log = power + Math.fma(-(power * power), q, powerLow);
    double far = (x > 0 ? x : 0) + log;
    return z > -1 ? near : far;
  }

  /** x sigmoid(x): at most 1.8 ulp for x ≥ -708; below, -0. */
  public static double silu(double x) {
    double y = x * sigmoid(x);
    return x < -708 ? -0.0 : y;
  }

  /** x Φ(x): at most 2 ulp where the result is normal; below -37.6, -0. */
  public static double gelu(double x) {
    double a = Math.abs(x);
    double b = a > 37.7 ? 37.7 : a;
    double s = b * b;
    double sLow = Math.fma(b, b, -s);
    double c = -0x1.b21da0e3d5186p-34;
    c = Math.fma(c, s, 0x1.35ff303ecb2b7p-29);
    c = Math.fma(c, s, -0x1.62061d9d1850cp-25);
    c = Math.fma(c, s, 0x1.6589597c623abp-21);
    c = Math.fma(c, s, -0x1.3ce8f73f6d2abp-17);
    c = Math.fma(c, s, 0x1.e42b0d3e389c6p-14);
    c = Math.fma(c, s, -0x1.37403f6b7efb7p-10);
    c = Math.fma(c, s, 0x1.46d0429768dcbp-7);
    c = Math.fma(c, s, -0x1.1058377e2ceddp-4);
    c = Math.fma(c, s, 0x1.9884533d43651p-2);
    double near = Math.fma(c, s, 0.5 * x);
    double p = 0x1.041294748c905p-21;
    p = Math.fma(p, b, 0x1.e84e749842207p-17);
    p = Math.fma(p, b, 0x1.c492a2e2011d0p-13);
    p = Math.fma(p, b, 0x1.0ccc1d413436dp-9);
    p = Math.fma(p, b, 0x1.c18b8415e3fe8p-7);
    p = Math.fma(p, b, 0x1.1347288bcfd52p-4);
    p = Math.fma(p, b, 0x1.f32b563275f1cp-3);
    p = Math.fma(p, b, 0x1.4b22a98c058f9p-1);
    p = Math.fma(p, b, 0x1.34dfe37205148p+0);
    p = Math.fma(p, b, 0x1.70f906cba1e3ap+0);
    p = Math.fma(p, b, 0x1.b40aac0000000p-1);
    double rest = 0x1.45f3e01c0833fp-20;
    rest = Math.fma(rest, b, 0x1.32002dd189d9cp-15);
    rest = Math.fma(rest, b, 0x1.1a55ae35b7593p-11);
    rest = Math.fma(rest, b, 0x1.4c1b31bfa2d9bp-8);
    rest = Math.fma(rest, b, 0x1.10f27e692ca65p-5);
    rest = Math.fma(rest, b, 0x1.44b3974cd4cc0p-3);
    rest = Math.fma(rest, b, 0x1.1851247f04768p-1);
    rest = Math.fma(rest, b, 0x1.553d23e5a84d1p+0);
    rest = Math.fma(rest, b, 0x1.0dadfb8b570ddp+1);
    rest = Math.fma(rest, b, 0x1.b40aac0000000p+0);
    double line = b * 0x1.40d931ff62706p+1;
    double lineLow = Math.fma(b, 0x1.40d931ff62706p+1, -line);
    double d = Math.fma(p, line, rest);
    double dLow = Math.fma(p, line, -d) + rest;
    dLow = Math.fma(p, lineLow, dLow);
    double inverse = 1 / d;
    double e = Math.fma(-inverse, d, 1);
    e = Math.fma(-inverse, dLow, e);
    double ratio = p * inverse;
    double ratioLow = Math.fma(p, inverse, -ratio);
    double z = -0.5 * s;
    double t = Math.fma(z, LOG2_E, SHIFTER);
    double n = t - SHIFTER;
    double r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    r = r + Math.fma(-0.5, sLow, e);
    double tail = Math.fma(expTail(r), r * r, r);
    double k = Math.fma(ratio, tail, ratioLow);
    double scaled = b * powerOfTwo(t);
    scaled = a > 0x1.2ced4c5dd8ab5p+5 ? 0 : scaled;
    double w = Math.fma(scaled, ratio, scaled * k);
    double far = (x > 0 ? x : 0) - w;
    double y = a < 0.625 ? near : far;
    return withSign(y, x);
  }

  /** x sigmoid(2 √(2/π) (x + 0.044715 x³)): at most 1.9 ulp for x ≥ -21.1; below, -0. */
  public static double geluTanh(double x) {
    double a = Math.abs(x);
    double b = a > 0x1.52437f50e919fp+4 ? 0x1.52437f50e919fp+4 : a;
    double s = b * b;
    double sLow = Math.fma(b, b, -s);
    double m = s * GELU_C3;
    double mLow = Math.fma(s, GELU_C3, -m);
    mLow = Math.fma(sLow, GELU_C3, mLow);
    mLow = Math.fma(s, GELU_C3_LOW, mLow);
    double k = GELU_C1 + m;
    double part = k - GELU_C1;
    double kLow = GELU_C1 - (k - part) + (m - part);
    kLow = kLow + (mLow + GELU_C1_LOW);
    double z = -(b * k);
    double zLow = Math.fma(-b, k, -z);
    zLow = Math.fma(-b, kLow, zLow);
    double y = x * sigmoidCore(x, z, zLow);
    return x < -0x1.52437f50e919fp+4 ? -0.0 : y;
  }

  /**
   * 1.7159 tanh(0.666 x): at most 1.6 ulp, with a polynomial and a two-word argument of its own.
   */
  public static double lecunTanh(double x) {
    double a = Math.abs(x);
    double u = a * a;
    double s = -0x1.4a05ab52efed0p-29;
    s = Math.fma(s, u, 0x1.be6e04dbbfd5dp-26);
    s = Math.fma(s, u, -0x1.74c398cd6c3b2p-23);
    s = Math.fma(s, u, 0x1.0d7a95479cfacp-20);
    s = Math.fma(s, u, -0x1.78e88fda493f8p-18);
    s = Math.fma(s, u, 0x1.063accf1d914dp-15);
    s = Math.fma(s, u, -0x1.6cb1f507def84p-13);
    s = Math.fma(s, u, 0x1.fb3001892db12p-11);
    s = Math.fma(s, u, -0x1.60b846c5434c3p-8);
    s = Math.fma(s, u, 0x1.eb289d365b6a7p-6);
    s = Math.fma(s, u, -0x1.5a09a3b5a43cep-3);
    double p = a * 0x1.248dd89b37289p+0;
    double pLow = Math.fma(a, 0x1.248dd89b37289p+0, -p);
    pLow = Math.fma(a, -0x1.3187cce87b7f0p-56, pLow);
    double near = Math.fma(s, a * u, pLow) + p;
    double b = a > 28.7 ? 28.7 : a;
    double z = b * 0x1.54fdf3b645a1dp+0;
    double zLow = Math.fma(b, 0x1.54fdf3b645a1dp+0, -z);
    double t = Math.fma(z, LOG2_E, SHIFTER);
    double n = t - SHIFTER;
    double r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    r = r + zLow;
    double e = Math.fma(expTail(r), r, 1);
    e = Math.fma(e, r, 1);
    e = scaleNormal(e, t);
    double far = 0x1.b74538ef34d6ap+0 - 0x1.b74538ef34d6ap+1 / (e + 1);
    double y = a >= 0.9375 ? far : near;
    return withSign(y, x);
  }

  /** x &lt; 0 ? 0 : x; keeps NaN and -0. */
  public static double relu(double x) {
    return x < 0 ? 0 : x;
  }

  /** tanh x: CORE-MATH's rational function of degree 15 / 14 (Sibidanov, Zimmermann). */
  static double tanhForFloat(double x) {
    double z = clamp(x, -9.1, 9.1);
    double u = z * z;
    double u2 = u * u;
    double u4 = u2 * u2;
    double n01 = Math.fma(u, 0x1.30877b8b72d33p-3, 1);
    double n23 = Math.fma(u, 0x1.4101377abb729p-14, 0x1.694aa09ae9e5ep-8);
    double n45 = Math.fma(u, 0x1.2533756e546f7p-30, 0x1.e0392b1db0018p-22);
    double n67 = Math.fma(u, 0x1.b06be534182dep-54, 0x1.d62e5abe6ae8ap-41);
    double n = Math.fma(u4, Math.fma(u2, n67, n45), Math.fma(u2, n23, n01));
    double d01 = Math.fma(u, 0x1.ed99131b0ebeap-2, 1);
    double d23 = Math.fma(u, 0x1.7cbdaca0e9fccp-11, 0x1.0d27ed6c95a69p-5);
    double d45 = Math.fma(u, 0x1.a6f707c5c71abp-26, 0x1.b4e60b892578ep-18);
    double d67 = Math.fma(u, 0x1.ca8230677aa01p-47, 0x1.35a8b6e2cd94cp-35);
    double d = Math.fma(u4, Math.fma(u2, d67, d45), Math.fma(u2, d23, d01));
    return z * n / d;
  }

  /** eᶻ for float32 results: the polynomial of degree 12 of YNNPACK. */
  private static double expDegree12(double z) {
    double t = shifted(z);
    double r = reduced(z, t);
    double p = Math.fma(2.119890244143296032e-9, r, 2.521079371356939368e-8);
    p = Math.fma(p, r, 2.755585399809175769e-7);
    p = Math.fma(p, r, 2.755675838881680360e-6);
    p = Math.fma(p, r, 2.480158976814372031e-5);
    p = Math.fma(p, r, 1.984127071808468106e-4);
    p = Math.fma(p, r, 1.388888888680978647e-3);
    p = Math.fma(p, r, 8.333333332743943569e-3);
    p = Math.fma(p, r, 4.166666666668113195e-2);
    p = Math.fma(p, r, 1.666666666666796748e-1);
    p = Math.fma(p, r, 0.5);
    p = Math.fma(p, r, 1);
    return scaleNormal(Math.fma(p, r, 1), t);
  }

  /** eˣ. */
  static double expForFloat(double x) {
    return expDegree12(clamp(x, -104, 89));
  }

  /** 1 / (1 + e⁻ˣ). */
  static double sigmoidForFloat(double x) {
    double a = -Math.abs(x);
    double e = expDegree12(a < -104 ? -104 : a);
    return (x < 0 ? e : 1) / (1 + e);
  }

  /** ln(1 + eˣ); the low word of ln 2 is nudged, which decides one hard case the right way. */
  static double softplusForFloat(double x) {
    double z = -Math.abs(x);
    double u = x * x;
    double p = -0x1.ea3dcf341d3c2p-38;
    p = Math.fma(p, u, 0x1.fb8ea3171552cp-34);
    p = Math.fma(p, u, -0x1.7a38691f93d77p-30);
    p = Math.fma(p, u, 0x1.0cde9be197a17p-26);
    p = Math.fma(p, u, -0x1.833aa5495771cp-23);
    p = Math.fma(p, u, 0x1.1ea5c35c0701cp-19);
    p = Math.fma(p, u, -0x1.ba1ba14b03faep-16);
    p = Math.fma(p, u, 0x1.6c16c16b3a7bep-12);
    p = Math.fma(p, u, -0x1.55555555547a7p-8);
    p = Math.fma(p, u, 0x1.ffffffffffffbp-4);
    double c = Math.fma(p, u, 0x1.7p-54);
    double near = Math.fma(0.5, x, c) + 0x1.62e42fefa39efp-1;
    double clamped = z < -104 ? -104 : z;
    double t = Math.fma(clamped, LOG2_E, SHIFTER);
    double n = t - SHIFTER;
    double r = Math.fma(n, MINUS_LN2_HIGH, clamped);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    double tail = Math.fma(expTail(r), r * r, r);
    double high = 1 + tail;
    double low = tail - (high - 1);
    double scale = powerOfTwo(t);
    double power = high * scale;
    double powerLow = low * scale;
    double q = -0x1.bd6b7549a8e0cp-8;
    q = Math.fma(q, power, 0x1.aa4eec8ad2ea0p-6);
    q = Math.fma(q, power, -0x1.a3fefe1f14179p-5);
    q = Math.fma(q, power, 0x1.29bae5c21a568p-4);
    q = Math.fma(q, power, -0x1.6710204ee3b9cp-4);
    q = Math.fma(q, power, 0x1.969d2ab9fa0d2p-4);
    q = Math.fma(q, power, -0x1.c69e9b4e1887ap-4);
    q = Math.fma(q, power, 0x1.fff0fac1566bbp-4);
    q = Math.fma(q, power, -0x1.2491a62a62a5cp-3);
    q = Math.fma(q, power, 0x1.55554bd9cefe5p-3);
    q = Math.fma(q, power, -0x1.9999993dc3b4ep-3);
    q = Math.fma(q, power, 0x1.fffffffdeed0cp-3);
    q = Math.fma(q, power, -0x1.555555555250ap-2);
    q = Math.fma(q, power, 0x1.fffffffffffcfp-2);
    double log = power + Math.fma(-(power * power), q, powerLow);
    double far = (x > 0 ? x : 0) + log;
    return z > -1 ? near : far;
  }

  /** x sigmoid(x); |x| is at least 2⁻⁴⁰ inside the sigmoid, which decides the ties of x / 2. */
  static double siluForFloat(double x) {
    double clamped = x < -120 ? -120 : x;
    double z = -Math.abs(clamped);
    z = z < -120 ? -120 : z;
    z = z > -0x1p-40 ? -0x1p-40 : z;
    return clamped * sigmoidCore(x, z, 0);
  }

  /** x Φ(x), with ties as for silu. */
  static double geluForFloat(double x) {
    double a = Math.abs(x);
    double b = a > 14.75 ? 14.75 : a;
    double s = b * b;
    double sLow = Math.fma(b, b, -s);
    double c = -0x1.b21da0e3d5186p-34;
    c = Math.fma(c, s, 0x1.35ff303ecb2b7p-29);
    c = Math.fma(c, s, -0x1.62061d9d1850cp-25);
    c = Math.fma(c, s, 0x1.6589597c623abp-21);
    c = Math.fma(c, s, -0x1.3ce8f73f6d2abp-17);
    c = Math.fma(c, s, 0x1.e42b0d3e389c6p-14);
    c = Math.fma(c, s, -0x1.37403f6b7efb7p-10);
    c = Math.fma(c, s, 0x1.46d0429768dcbp-7);
    c = Math.fma(c, s, -0x1.1058377e2ceddp-4);
    c = Math.fma(c, s, 0x1.9884533d43651p-2);
    double product = a < 0x1p-40 ? 0x1p-42 : c * b;
    double near = Math.fma(product, b, 0.5 * x);
    double p = 0x1.041294748c905p-21;
    p = Math.fma(p, b, 0x1.e84e749842207p-17);
    p = Math.fma(p, b, 0x1.c492a2e2011d0p-13);
    p = Math.fma(p, b, 0x1.0ccc1d413436dp-9);
    p = Math.fma(p, b, 0x1.c18b8415e3fe8p-7);
    p = Math.fma(p, b, 0x1.1347288bcfd52p-4);
    p = Math.fma(p, b, 0x1.f32b563275f1cp-3);
    p = Math.fma(p, b, 0x1.4b22a98c058f9p-1);
    p = Math.fma(p, b, 0x1.34dfe37205148p+0);
    p = Math.fma(p, b, 0x1.70f906cba1e3ap+0);
    p = Math.fma(p, b, 0x1.b40aac0000000p-1);
    double rest = 0x1.45f3e01c0833fp-20;
    rest = Math.fma(rest, b, 0x1.32002dd189d9cp-15);
    rest = Math.fma(rest, b, 0x1.1a55ae35b7593p-11);
    rest = Math.fma(rest, b, 0x1.4c1b31bfa2d9bp-8);
    rest = Math.fma(rest, b, 0x1.10f27e692ca65p-5);
    rest = Math.fma(rest, b, 0x1.44b3974cd4cc0p-3);
    rest = Math.fma(rest, b, 0x1.1851247f04768p-1);
    rest = Math.fma(rest, b, 0x1.553d23e5a84d1p+0);
    rest = Math.fma(rest, b, 0x1.0dadfb8b570ddp+1);
    rest = Math.fma(rest, b, 0x1.b40aac0000000p+0);
    double line = b * 0x1.40d931ff62706p+1;
    double lineLow = Math.fma(b, 0x1.40d931ff62706p+1, -line);
    double d = Math.fma(p, line, rest);
    double dLow = Math.fma(p, line, -d) + rest;
    dLow = Math.fma(p, lineLow, dLow);
    double inverse = 1 / d;
    double e = Math.fma(-inverse, d, 1);
    e = Math.fma(-inverse, dLow, e);
    double ratio = p * inverse;
    double ratioLow = Math.fma(p, inverse, -ratio);
    double z = -0.5 * s;
    double t = Math.fma(z, LOG2_E, SHIFTER);
    double n = t - SHIFTER;
    double r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    r = r + Math.fma(-0.5, sLow, e);
    double tail = Math.fma(expTail(r), r * r, r);
    double k = Math.fma(ratio, tail, ratioLow);
    double scaled = b * powerOfTwo(t);
    double w = Math.fma(scaled, ratio, scaled * k);
    double far = (x > 0 ? x : 0) - w;
    double y = a < 0.625 ? near : far;
    return a > 0 ? y : x;
  }

  /** The tanh form of GELU, with ties as for silu. */
  static double geluTanhForFloat(double x) {
    double a = Math.abs(x);
    double b = a > 11.5 ? 11.5 : a;
    b = b < 0x1p-40 ? 0x1p-40 : b;
    double s = b * b;
    double sLow = Math.fma(b, b, -s);
    double m = s * GELU_C3;
    double mLow = Math.fma(s, GELU_C3, -m);
    mLow = Math.fma(sLow, GELU_C3, mLow);
    mLow = Math.fma(s, GELU_C3_LOW, mLow);
    double k = GELU_C1 + m;
    double part = k - GELU_C1;
    double kLow = GELU_C1 - (k - part) + (m - part);
    kLow = kLow + (mLow + GELU_C1_LOW);
    double z = -(b * k);
    double zLow = Math.fma(-b, k, -z);
    zLow = Math.fma(-b, kLow, zLow);
    double clamped = x < -11.5 ? -11.5 : x;
    return clamped * sigmoidCore(x, z, zLow);
  }

  /**
   * 1.7159 tanh(0.666 x); the sum near 0 is rounded to odd, so that the rounding to float32 is the
   * only one.
   */
  static double lecunTanhForFloat(double x) {
    double a = Math.abs(x);
    double u = a * a;
    double s = -0x1.4a05ab52efed0p-29;
    s = Math.fma(s, u, 0x1.be6e04dbbfd5dp-26);
    s = Math.fma(s, u, -0x1.74c398cd6c3b2p-23);
    s = Math.fma(s, u, 0x1.0d7a95479cfacp-20);
    s = Math.fma(s, u, -0x1.78e88fda493f8p-18);
    s = Math.fma(s, u, 0x1.063accf1d914dp-15);
    s = Math.fma(s, u, -0x1.6cb1f507def84p-13);
    s = Math.fma(s, u, 0x1.fb3001892db12p-11);
    s = Math.fma(s, u, -0x1.60b846c5434c3p-8);
    s = Math.fma(s, u, 0x1.eb289d365b6a7p-6);
    s = Math.fma(s, u, -0x1.5a09a3b5a43cep-3);
    double p = a * 0x1.248dd89b37289p+0;
    double pLow = Math.fma(a, 0x1.248dd89b37289p+0, -p);
    pLow = Math.fma(a, -0x1.3187cce87b7f0p-56, pLow);
    double inner = Math.fma(s, a * u, pLow);
    double rounded = inner + p;
    double rest = inner - (rounded - p);
    long odd = Double.doubleToRawLongBits(rounded);
    odd = rest < 0 ? odd - 1 : odd;
    odd = rest != 0 ? odd | 1 : odd;
    double near = Double.longBitsToDouble(odd);
    double b = a > 28.7 ? 28.7 : a;
    double z = b * 0x1.54fdf3b645a1dp+0;
    double zLow = Math.fma(b, 0x1.54fdf3b645a1dp+0, -z);
    double t = Math.fma(z, LOG2_E, SHIFTER);
    double n = t - SHIFTER;
    double r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    r = r + zLow;
    double e = Math.fma(expTail(r), r, 1);
    e = Math.fma(e, r, 1);
    e = scaleNormal(e, t);
    double far = 0x1.b74538ef34d6ap+0 - 0x1.b74538ef34d6ap+1 / (e + 1);
    double y = a >= 0.9375 ? far : near;
    return withSign(y, x);
  }
}
