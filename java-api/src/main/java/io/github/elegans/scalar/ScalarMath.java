package io.github.elegans.scalar;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import io.github.elegans.kernels.Accuracy;
import io.github.elegans.kernels.Activation;
import io.github.elegans.kernels.MathKernels;
import java.lang.foreign.MemorySegment;

/**
 * Elementwise functions, by definition: straight lines of IEEE 754 operations (add, multiply, divide, fused
 * multiply-add, compare and select, integer shift and add), so that any vector width gives the same bits.
 *
 * <p>NaN gives NaN in every function: comparisons are written so that it falls through to the arithmetic.
 */
public final class ScalarMath implements MathKernels {

  @Override
  public void apply(
      Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n) {
    for (long i = 0; i < n; i++) {
      ScalarDense.set(y, i, apply(function, accuracy, ScalarDense.get(x, i)));
    }
  }

  @Override
  public void applyDouble(Activation function, MemorySegment x, MemorySegment y, long n) {
    for (long i = 0; i < n; i++) {
      long at = i * Double.BYTES;
      y.set(JAVA_DOUBLE_UNALIGNED, at, apply(function, x.get(JAVA_DOUBLE_UNALIGNED, at)));
    }
  }

  /** function(x) in float32. */
  public static float apply(Activation function, Accuracy accuracy, float x) {
    return switch (accuracy) {
      case FAST ->
          switch (function) {
            case TANH -> tanhFast(x);
            case LECUN_TANH -> 1.7159f * tanhFast(0.666f * x);
            case SIGMOID -> sigmoidFast(x);
            default -> apply(function, Accuracy.ACCURATE, x);
          };
      case ACCURATE ->
          switch (function) {
            case LINEAR -> x;
            case EXP -> expAccurate(x);
            case TANH -> tanhAccurate(x);
            case LECUN_TANH -> 1.7159f * tanhAccurate(0.666f * x);
            case SIGMOID -> sigmoidAccurate(x);
            case RELU -> x < 0 ? 0 : x;
            default -> throw new AssertionError(function);
          };
      case EXACT ->
          switch (function) {
            case LINEAR -> x;
            case EXP -> expExact(x);
            case TANH -> tanhExact(x);
            case SIGMOID -> sigmoidExact(x);
            case RELU -> x < 0 ? 0 : x;
            default -> throw new AssertionError(function);
          };
    };
  }

  /** function(x) in float64. */
  public static double apply(Activation function, double x) {
    return switch (function) {
      case LINEAR -> x;
      case EXP -> exp(x);
      case TANH -> tanh(x);
      case LECUN_TANH -> 1.7159 * tanh(0.666 * x);
      case SIGMOID -> sigmoid(x);
      case RELU -> x < 0 ? 0 : x;
      default -> throw new AssertionError(function);
    };
  }

  // ---- float32: the exponential core ----------------------------------------------------------------------------

  private static final float SHIFTER = 0x1.8p23f;
  private static final int SHIFTER_BITS = 0x4b400000;

  /** SHIFTER + round(x / ln 2): the low bits hold the integer. */
  private static float shifted(float x) {
    return Math.fma(x, 0x1.715476p0f, SHIFTER);
  }

  /** x - n ln 2. */
  private static float reduced(float x, float shifted) {
    float n = shifted - SHIFTER;
    return Math.fma(n, -0x1.7f7d1cp-20f, Math.fma(n, -0x1.62e400p-1f, x));
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

  private static float clamp(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
  }

  // ---- float32: accurate ----------------------------------------------------------------------------------------

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
   * 1 / (1 + e⁻ˣ): at most 0.997 ulp for x ≥ -87, monotone; below, the value at -87 (1.65e-38), so that the result is
   * never subnormal. The quotient is corrected by its residual.
   */
  public static float sigmoidAccurate(float x) {
    float a = -Math.abs(x);
    float z = a < -87f ? -87f : a;
    float t = shifted(z);
    float r = reduced(z, t);
    float tail = Math.fma(expTail(r), r * r, r);
    float high = 1f + tail;
    float low = tail - (high - 1f);
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) + 127) << 23);
    float n = high * scale;
    float nLow = low * scale;
    float d = 1f + n;
    float dLow = ((1f - d) + n) + nLow;
    float g = 1f / d;
    float top = x < 0 ? n : 1f;
    float topLow = x < 0 ? nLow : 0f;
    float y = top * g;
    float c = Math.fma(-y, dLow, Math.fma(-y, d, top)) + topLow;
    return Math.fma(c, g, y);
  }

  // ---- float32: fast --------------------------------------------------------------------------------------------

  /** tanh x: at most 3.2e-7 absolute error, never beyond ±1, odd. XNNPACK's rational function of degree 9 / 8. */
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

  // ---- float64 --------------------------------------------------------------------------------------------------

  private static final double DOUBLE_SHIFTER = 0x1.8p52;

  private static double shifted(double x) {
    return Math.fma(x, 0x1.71547652b82fep0, DOUBLE_SHIFTER);
  }

  private static double reduced(double x, double shifted) {
    double n = shifted - DOUBLE_SHIFTER;
    return Math.fma(n, -0x1.abc9e3b39803fp-56, Math.fma(n, -0x1.62e42fefa39efp-1, x));
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
    long n = Double.doubleToRawLongBits(shifted) - (0x4338000000000000L - 2048);
    long half = n >>> 1;
    double first = Double.longBitsToDouble((half - 1) << 52);
    double second = Double.longBitsToDouble((n - half - 1) << 52);
    return p * first * second;
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
    double z = a < -708 ? -708 : a;
    double t = shifted(z);
    double r = reduced(z, t);
    double tail = Math.fma(expTail(r), r * r, r);
    double high = 1 + tail;
    double low = tail - (high - 1);
    double scale = Double.longBitsToDouble((Double.doubleToRawLongBits(t) + 1023) << 52);
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

  // ---- float32: exact (correctly rounded), float64 inside ---------------------------------------------------------

  /** tanh x, correctly rounded: CORE-MATH's rational function of degree 15 / 14 (Sibidanov, Zimmermann). */
  public static float tanhExact(float x) {
    double z = clamp((double) x, -9.1, 9.1);
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
    return (float) (z * n / d);
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

  /** eˣ, correctly rounded. */
  public static float expExact(float x) {
    return (float) expDegree12(clamp((double) x, -104, 89));
  }

  /** 1 / (1 + e⁻ˣ), correctly rounded. */
  public static float sigmoidExact(float x) {
    double a = -Math.abs((double) x);
    double e = expDegree12(a < -104 ? -104 : a);
    return (float) ((x < 0 ? e : 1) / (1 + e));
  }

  private static float withSign(float y, float sign) {
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(y) | (Float.floatToRawIntBits(sign) & 0x80000000));
  }

  private static double withSign(double y, double sign) {
    return Double.longBitsToDouble(
        Double.doubleToRawLongBits(y) | (Double.doubleToRawLongBits(sign) & Long.MIN_VALUE));
  }
}
