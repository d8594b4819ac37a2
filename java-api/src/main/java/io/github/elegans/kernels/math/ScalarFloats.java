package io.github.elegans.kernels.math;

/**
 * Elementwise functions in float32, by definition: straight lines of IEEE 754 operations (add,
 * multiply, divide, fused multiply-add, compare and select, integer shift and add), so that any
 * vector width gives the same bits. Ulp bounds of float32 functions hold for all 2³² arguments;
 * those of float64 functions were sampled.
 *
 * <p>NaN gives NaN: comparisons are written so that it falls through to the arithmetic.
 */
public final class ScalarFloats {
  private ScalarFloats() {}

  private static final float LOG2_E = 0x1.715476p0f;
  private static final float MINUS_LN2_HIGH = -0x1.62e400p-1f;
  private static final float MINUS_LN2_LOW = -0x1.7f7d1cp-20f;
  private static final float SHIFTER = 0x1.8p23f;
  private static final int SHIFTER_BITS = 0x4b400000;

  /** SHIFTER + round(x / ln 2): the low bits hold the integer. */
  private static float shifted(float x) {
    return Math.fma(x, LOG2_E, SHIFTER);
  }

  /** x - n ln 2. */
  private static float reduced(float x, float shifted) {
    float n = shifted - SHIFTER;
    return Math.fma(n, MINUS_LN2_LOW, Math.fma(n, MINUS_LN2_HIGH, x));
  }

  /** (eʳ - 1 - r) / r². */
  private static float expTail(float r) {
    float q = Math.fma(0x1.6ad5eep-10f, r, 0x1.123d64p-7f);
    q = Math.fma(q, r, 0x1.555858p-5f);
    q = Math.fma(q, r, 0x1.55548cp-3f);
    return Math.fma(q, r, 0x1.fffffcp-2f);
  }

  private static float expPolynomial(float r) {
    return Math.fma(Math.fma(expTail(r), r, 1f), r, 1f);
  }

  /** p 2ⁿ for a certainly normal result. */
  private static float scaleNormal(float p, float shifted) {
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
  }

  /** p 2ⁿ in two factors, right for subnormal and infinite results too. */
  private static float scaleAny(float p, float shifted) {
    int n = Float.floatToRawIntBits(shifted) - SHIFTER_BITS;
    int half = n >> 1;
    float first = Float.intBitsToFloat((half + 127) << 23);
    float second = Float.intBitsToFloat((n - half + 127) << 23);
    return p * first * second;
  }

  /**
   * {@code (x < 0 ? n : 1) / (1 + n)} for a power n + nLow of e; the quotient is corrected by its
   * residual.
   */
  private static float quotient(float x, float n, float nLow) {
    float d = 1f + n;
    float dLow = ((1f - d) + n) + nLow;
    float g = 1f / d;
    float top = x < 0 ? n : 1f;
    float topLow = x < 0 ? nLow : 0f;
    float y = top * g;
    float c = Math.fma(-y, dLow, Math.fma(-y, d, top)) + topLow;
    return Math.fma(c, g, y);
  }

  /** 2ⁿ for a certainly normal result. */
  private static float powerOfTwo(float shifted) {
    return Float.intBitsToFloat((Float.floatToRawIntBits(shifted) + 127) << 23);
  }

  private static float withSign(float y, float sign) {
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(y) | (Float.floatToRawIntBits(sign) & 0x80000000));
  }

  private static float clamp(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
  }

  /** eˣ: at most 0.909 ulp, subnormal and infinite results included. */
  public static float expAccurate(float x) {
    float z = clamp(x, -104f, 89f);
    float t = shifted(z);
    float y = scaleAny(expPolynomial(reduced(z, t)), t);
    return y;
  }

  /** tanh x: at most 1.067 ulp, monotone. A polynomial below 0.75, 1 - 2 / (e²ˣ + 1) above. */
  public static float tanhAccurate(float x) {
    float a = Math.abs(x);
    float u = a * a;
    float s = Math.fma(0x1.c89876p-10f, u, -0x1.f66344p-8f);
    s = Math.fma(s, u, 0x1.5f9086p-6f);
    s = Math.fma(s, u, -0x1.b98108p-5f);
    s = Math.fma(s, u, 0x1.110ddap-3f);
    s = Math.fma(s, u, -0x1.55554ap-2f);
    s = Math.fma(s, a * u, a);
    float b = a > 9.1f ? 9.1f : a;
    float z = b + b;
    float t = shifted(z);
    float e = scaleNormal(expPolynomial(reduced(z, t)), t);
    float w = 1f - 2f / (e + 1f);
    float y = a >= 0.75f ? w : s;
    return withSign(y, x);
  }

  /**
   * 1 / (1 + e⁻ˣ): at most 0.997 ulp for x ≥ -87, monotone; below, the value at -87 (1.65e-38), so
   * that the result is never subnormal.
   */
  public static float sigmoidAccurate(float x) {
    float a = -Math.abs(x);
    float z = a < -87f ? -87f : a;
    float t = shifted(z);
    float r = reduced(z, t);
    float tail = Math.fma(expTail(r), r * r, r);
    float high = 1f + tail;
    float low = tail - (high - 1f);
    float scale = powerOfTwo(t);
    return quotient(x, high * scale, low * scale);
  }

  /**
   * 1 / (1 + eʸ), the logistic function of -y, without a correction: at most 2.5 ulp for |y| ≤ 87,
   * beyond that the value at ±87, which is never subnormal.
   */
  public static float logistic(float y) {
    float z = clamp(y, -87f, 87f);
    float t = shifted(z);
    return 1f / (1f + scaleNormal(expPolynomial(reduced(z, t)), t));
  }

  /** 1.7159 tanh(0.666 x): at most 2.52 ulp, monotone. */
  public static float lecunTanhAccurate(float x) {
    return 1.7159f * tanhAccurate(0.666f * x);
  }

  /**
   * ln(1 + eˣ): at most 1.108 ulp, monotone. A polynomial around 0, otherwise max(x, 0) + ln(1 +
   * e^-|x|).
   */
  public static float softplusAccurate(float x) {
    float z = -Math.abs(x);
    float u = x * x;
    float p = -0x1.6b7732p-16f;
    p = Math.fma(p, u, 0x1.67fe16p-12f);
    p = Math.fma(p, u, -0x1.553ef8p-8f);
    p = Math.fma(p, u, 0x1.ffffd8p-4f);
    float c = Math.fma(p, u, -0x1.05c610p-29f);
    float near = Math.fma(0.5f, x, c) + 0x1.62e430p-1f;
    float clamped = z < -104f ? -104f : z;
    float t = Math.fma(clamped, LOG2_E, SHIFTER);
    float n = t - SHIFTER;
    float r = Math.fma(n, MINUS_LN2_HIGH, clamped);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    float tail = Math.fma(expTail(r), r * r, r);
    float high = 1f + tail;
    float low = tail - (high - 1f);
    int m = Float.floatToRawIntBits(t) - SHIFTER_BITS;
    int half = m >> 1;
    float first = Float.intBitsToFloat((half + 127) << 23);
    float second = Float.intBitsToFloat((m - half + 127) << 23);
    float power = high * first * second;
    float powerLow = low * first * second;
    float q = -0x1.b4f118p-5f;
    q = Math.fma(q, power, 0x1.0c65e0p-3f);
    q = Math.fma(q, power, -0x1.89a84cp-3f);
    q = Math.fma(q, power, 0x1.fe277ep-3f);
    q = Math.fma(q, power, -0x1.554876p-2f);
    q = Math.fma(q, power, 0x1.ffffc4p-2f);
    float log = power + Math.fma(-(power * power), q, powerLow);
    float far = (x > 0f ? x : 0f) + log;
    return z > -1f ? near : far;
  }

  /** x sigmoid(x): at most 1.73 ulp for x ≥ -87; below, -0 (the true value is above -1.5e-36). */
  public static float siluAccurate(float x) {
    float y = x * sigmoidAccurate(x);
    return x < -87f ? -0f : y;
  }

  /**
   * x Φ(x): at most 1.96 ulp where the result is normal; below -13.15, -0. Φ(-a) = e^(-a²/2) p / (p
   * l + rest), with every error that matters carried into the exponent.
   */
  public static float geluAccurate(float x) {
    float a = Math.abs(x);
    float b = a > 13.25f ? 13.25f : a;
    float s = b * b;
    float sLow = Math.fma(b, b, -s);
    float c = 0x1.a95298p-14f;
    c = Math.fma(c, s, -0x1.3526c0p-10f);
    c = Math.fma(c, s, 0x1.46bf0ep-7f);
    c = Math.fma(c, s, -0x1.1057fcp-4f);
    c = Math.fma(c, s, 0x1.988452p-2f);
    float near = Math.fma(c, s, 0.5f * x);
    float p = 0x1.f4cd98p-8f;
    p = Math.fma(p, b, 0x1.386888p-4f);
    p = Math.fma(p, b, 0x1.62f15ap-2f);
    p = Math.fma(p, b, 0x1.ab389ap-1f);
    p = Math.fma(p, b, 0x1.eb4964p-1f);
    float rest = 0x1.31e564p-6f;
    rest = Math.fma(rest, b, 0x1.8e9d7ap-3f);
    rest = Math.fma(rest, b, 0x1.95ffa8p-1f);
    rest = Math.fma(rest, b, 0x1.eabac4p+0f);
    float line = Math.fma(b, 0x1.40d7fcp+1f, 0x1.29469ep-9f);
    float d = Math.fma(p, line, rest);
    float dLow = Math.fma(p, line, -d) + rest;
    float lineLow = Math.fma(b, 0x1.40d7fcp+1f, -line) + 0x1.29469ep-9f;
    dLow = Math.fma(p, lineLow, dLow);
    float inverse = 1f / d;
    float e = Math.fma(-inverse, d, 1f);
    e = Math.fma(-inverse, dLow, e);
    float ratio = p * inverse;
    float ratioLow = Math.fma(p, inverse, -ratio);
    float z = -0.5f * s;
    float t = Math.fma(z, LOG2_E, SHIFTER);
    float n = t - SHIFTER;
    float r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    r = r + Math.fma(-0.5f, sLow, e);
    float tail = Math.fma(expTail(r), r * r, r);
    float scaled = b * powerOfTwo(t);
    scaled = a > 0x1.a4ae0ep+3f ? 0f : scaled;
    float k = Math.fma(ratio, tail, ratioLow);
    float w = Math.fma(scaled, ratio, scaled * k);
    float far = (x > 0f ? x : 0f) - w;
    float y = a < 0.625f ? near : far;
    return withSign(y, x);
  }

  /**
   * x sigmoid(2 √(2/π) (x + 0.044715 x³)): at most 1.90 ulp for x ≥ -9.99; below, -0. The argument
   * is carried in two words.
   */
  public static float geluTanhAccurate(float x) {
    float a = Math.abs(x);
    float b = a > 0x1.3f909p+3f ? 0x1.3f909p+3f : a;
    float s = b * b;
    float sLow = Math.fma(b, b, -s);
    float m = s * 0x1.2444f2p-4f;
    float mLow = Math.fma(s, 0x1.2444f2p-4f, -m);
    mLow = Math.fma(sLow, 0x1.2444f2p-4f, mLow);
    float k = m + 0x1.988454p+0f;
    float part = k - 0x1.988454p+0f;
    float kLow = 0x1.988454p+0f - (k - part) + (m - part);
    kLow = kLow + (mLow + -0x1.857936p-25f);
    kLow = Math.fma(s, 0x1.49b16ap-29f, kLow);
    float z = -(b * k);
    float zLow = Math.fma(-b, k, -z);
    zLow = Math.fma(-b, kLow, zLow);
    float t = Math.fma(z, LOG2_E, SHIFTER);
    float n = t - SHIFTER;
    float r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    r = r + zLow;
    float tail = Math.fma(expTail(r), r * r, r);
    float high = 1f + tail;
    float low = tail - (high - 1f);
    float scale = powerOfTwo(t);
    float y = x * quotient(x, high * scale, low * scale);
    return x < -0x1.3f909p+3f ? -0f : y;
  }

  /** x &lt; 0 ? 0 : x; keeps NaN and -0. */
  public static float relu(float x) {
    return x < 0 ? 0 : x;
  }

  /**
   * tanh x: at most 3.2e-7 absolute error, never beyond ±1, odd. XNNPACK's rational function of
   * degree 9 / 8.
   */
  public static float tanhFast(float x) {
    float z = clamp(x, -7.9807181358f, 7.9807181358f);
    float u = z * z;
    float p = Math.fma(1.4248920266e-8f, u, 2.1235626264e-5f);
    p = Math.fma(p, u, 3.5330520477e-3f);
    p = Math.fma(p, u, 1.3412411511e-1f);
    p = z * Math.fma(p, u, 1f);
    float q = Math.fma(8.1365948290e-7f, u, 3.3472978976e-4f);
    q = Math.fma(q, u, 2.6018999517e-2f);
    q = Math.fma(q, u, 4.6745735407e-1f);
    q = Math.fma(q, u, 1f);
    return p / q;
  }

  /** 1 / (1 + e⁻ˣ): at most 1.9e-7 absolute error, never outside [0, 1]. */
  public static float sigmoidFast(float x) {
    return Math.fma(0.5f, tanhFast(0.5f * x), 0.5f);
  }

  /**
   * 1 / (1 + eʸ) - ½ = -½ tanh(y / 2): at most 1.6e-7 absolute error. The rational function of
   * {@link #tanhFast} with every factor ½ and the sign in its coefficients, which is exact.
   */
  public static float logisticFast(float y) {
    float z = clamp(y, -2 * 7.9807181358f, 2 * 7.9807181358f);
    float u = z * z;
    float p = Math.fma(-1.4248920266e-8f / 1024, u, -2.1235626264e-5f / 256);
    p = Math.fma(p, u, -3.5330520477e-3f / 64);
    p = Math.fma(p, u, -1.3412411511e-1f / 16);
    p = z * Math.fma(p, u, -0.25f);
    float q = Math.fma(8.1365948290e-7f / 256, u, 3.3472978976e-4f / 64);
    q = Math.fma(q, u, 2.6018999517e-2f / 16);
    q = Math.fma(q, u, 4.6745735407e-1f / 4);
    q = Math.fma(q, u, 1f);
    return p / q;
  }

  /** 1.7159 tanh(0.666 x): at most 6.2e-7 absolute error. */
  public static float lecunTanhFast(float x) {
    return 1.7159f * tanhFast(0.666f * x);
  }

  /** ln(1 + eˣ): at most 2.4e-7 max(1, y) absolute error. */
  public static float softplusFast(float x) {
    float z = -Math.abs(x);
    z = z < -87f ? -87f : z;
    float t = Math.fma(z, LOG2_E, SHIFTER);
    float n = t - SHIFTER;
    float r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    float p = Math.fma(expTail(r), r, 1f);
    p = Math.fma(p, r, 1f);
    float u = scaleNormal(p, t);
    float q = -0x1.17ce40p-7f;
    q = Math.fma(q, u, 0x1.692cbep-5f);
    q = Math.fma(q, u, -0x1.b90ee2p-4f);
    q = Math.fma(q, u, 0x1.6b6b86p-3f);
    q = Math.fma(q, u, -0x1.f5aa80p-3f);
    q = Math.fma(q, u, 0x1.54bda6p-2f);
    q = Math.fma(q, u, -0x1.fff934p-2f);
    q = Math.fma(q, u, 0x1.fffffap-1f);
    u = x < -87f ? 0f : u;
    float b = x > 0f ? x : 0f;
    float y = Math.fma(q, u, b);
    return Float.isNaN(x) ? x : y;
  }

  /** x sigmoid(x): at most 1.6e-7 max(1, |y|) absolute error. */
  public static float siluFast(float x) {
    float z = -Math.abs(x);
    z = z < -87f ? -87f : z;
    float t = Math.fma(z, LOG2_E, SHIFTER);
    float n = t - SHIFTER;
    float r = Math.fma(n, MINUS_LN2_HIGH, z);
    r = Math.fma(n, MINUS_LN2_LOW, r);
    float p = Math.fma(expTail(r), r, 1f);
    p = Math.fma(p, r, 1f);
    float e = scaleNormal(p, t);
    float top = x < 0f ? e : 1f;
    float y = x * (top / (1f + e));
    return x < -87f ? -0f : y;
  }

  /** x Φ(x): at most 9.6e-7 max(1, |y|) absolute error. */
  public static float geluFast(float x) {
    float u = x * x;
    float p = 0x1.c0edd6p-18f;
    p = Math.fma(p, u, 0x1.782a22p-12f);
    p = Math.fma(p, u, 0x1.7ac6d2p-8f);
    p = Math.fma(p, u, 0x1.b51ceep-5f);
    p = Math.fma(p, u, 0x1.9883e8p-2f);
    float q = 0x1.31023cp-21f;
    q = Math.fma(q, u, 0x1.10efdcp-13f);
    q = Math.fma(q, u, 0x1.81e5e8p-9f);
    q = Math.fma(q, u, 0x1.443b40p-5f);
    q = Math.fma(q, u, 0x1.339be0p-2f);
    q = Math.fma(q, u, 1f);
    float w = x * p / q;
    float y = Math.fma(x, w, 0.5f * x);
    y = x > 5.1f ? x : y;
    y = x < -5.1f ? 0f : y;
    return withSign(y, x);
  }

  /** x sigmoid(2 √(2/π) (x + 0.044715 x³)): at most 6.8e-7 max(1, |y|) absolute error. */
  public static float geluTanhFast(float x) {
    float z = geluTanhArgument(x);
    float y = x * sigmoidFast(z);
    return z < -87f ? -0f : y;
  }

  private static float geluTanhArgument(float x) {
    return x * Math.fma(x * x, 0x1.2444f2p-4f, 0x1.988454p+0f);
  }
}
