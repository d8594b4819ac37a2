package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.DOUBLES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.INTS;
import static io.github.elegans.vector.Vectors.LONGS;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementwise functions on vectors: the operations of {@link io.github.elegans.scalar.ScalarMath}, in the same order and
 * under the same names.
 *
 * <p>Constants are vectors in static fields, and helpers are few, because the compiler stops inlining our methods (not
 * the JDK's) where a loop grows beyond a number of nodes, and then allocates a vector for every call: a broadcast costs
 * many nodes, a constant almost none. {@code AllocationTest} would notice. Compare and select stand for min and max,
 * which have rules for NaN and -0 that x86 lacks and pay for them.
 */
final class VectorFunctions {
  private VectorFunctions() {}

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static DoubleVector constant(double value) {
    return DoubleVector.broadcast(DOUBLES, value);
  }

  private static IntVector constant(int value) {
    return IntVector.broadcast(INTS, value);
  }

  private static LongVector constant(long value) {
    return LongVector.broadcast(LONGS, value);
  }

  private static final FloatVector ZERO = constant(0f);
  private static final FloatVector HALF = constant(0.5f);
  private static final FloatVector ONE = constant(1f);
  private static final FloatVector TWO = constant(2f);
  private static final IntVector SIGN = constant(0x80000000);

  private static final DoubleVector ZERO_D = constant(0.0);
  private static final DoubleVector ONE_D = constant(1.0);
  private static final DoubleVector TWO_D = constant(2.0);
  private static final LongVector SIGN_D = constant(Long.MIN_VALUE);

  // ---- float32: the exponential core ----------------------------------------------------------------------------

  private static final FloatVector LOG2_E = constant(0x1.715476p0f);
  private static final FloatVector SHIFTER = constant(0x1.8p23f);
  private static final IntVector SHIFTER_BITS = constant(0x4b400000);
  private static final FloatVector MINUS_LN2_HIGH = constant(-0x1.62e400p-1f);
  private static final FloatVector MINUS_LN2_LOW = constant(-0x1.7f7d1cp-20f);
  private static final FloatVector EXP_6 = constant(0x1.6ad5eep-10f);
  private static final FloatVector EXP_5 = constant(0x1.123d64p-7f);
  private static final FloatVector EXP_4 = constant(0x1.555858p-5f);
  private static final FloatVector EXP_3 = constant(0x1.55548cp-3f);
  private static final FloatVector EXP_2 = constant(0x1.fffffcp-2f);
  private static final IntVector BIAS = constant(127);

  private static FloatVector reduced(FloatVector x, FloatVector shifted) {
    FloatVector n = shifted.sub(SHIFTER);
    return n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
  }

  private static FloatVector expTail(FloatVector r) {
    return EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
  }

  private static FloatVector scaleNormal(FloatVector p, FloatVector shifted) {
    return p.reinterpretAsInts()
        .add(shifted.reinterpretAsInts().lanewise(LSHL, 23))
        .reinterpretAsFloats();
  }

  private static FloatVector scaleAny(FloatVector p, FloatVector shifted) {
    IntVector n = shifted.reinterpretAsInts().sub(SHIFTER_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    IntVector first = half.add(BIAS).lanewise(LSHL, 23);
    IntVector second = n.sub(half).add(BIAS).lanewise(LSHL, 23);
    return p.mul(first.reinterpretAsFloats()).mul(second.reinterpretAsFloats());
  }

  private static FloatVector negativeAbsolute(FloatVector x) {
    return x.reinterpretAsInts().or(SIGN).reinterpretAsFloats();
  }

  // ---- float32: accurate ----------------------------------------------------------------------------------------

  private static final FloatVector EXP_LEAST = constant(-104f);
  private static final FloatVector EXP_MOST = constant(89f);

  static FloatVector expAccurate(FloatVector x) {
    FloatVector z = x.blend(EXP_LEAST, x.compare(LT, EXP_LEAST));
    z = z.blend(EXP_MOST, z.compare(GT, EXP_MOST));
    FloatVector t = z.fma(LOG2_E, SHIFTER);
    FloatVector r = reduced(z, t);
    return scaleAny(expTail(r).fma(r, ONE).fma(r, ONE), t);
  }

  private static final FloatVector TANH_CUT = constant(0.75f);
  private static final FloatVector TANH_MOST = constant(9.1f);
  private static final FloatVector TANH_13 = constant(0x1.c89876p-10f);
  private static final FloatVector TANH_11 = constant(-0x1.f66344p-8f);
  private static final FloatVector TANH_9 = constant(0x1.5f9086p-6f);
  private static final FloatVector TANH_7 = constant(-0x1.b98108p-5f);
  private static final FloatVector TANH_5 = constant(0x1.110ddap-3f);
  private static final FloatVector TANH_3 = constant(-0x1.55554ap-2f);

  static FloatVector tanhAccurate(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector u = a.mul(a);
    FloatVector s = TANH_13.fma(u, TANH_11).fma(u, TANH_9).fma(u, TANH_7).fma(u, TANH_5);
    s = s.fma(u, TANH_3).fma(a.mul(u), a);
    FloatVector b = a.blend(TANH_MOST, a.compare(GT, TANH_MOST));
    FloatVector z = b.add(b);
    FloatVector t = z.fma(LOG2_E, SHIFTER);
    FloatVector r = reduced(z, t);
    FloatVector e = scaleNormal(expTail(r).fma(r, ONE).fma(r, ONE), t);
    FloatVector w = ONE.sub(TWO.div(e.add(ONE)));
    FloatVector y = s.blend(w, a.compare(GE, TANH_CUT));
    return y.reinterpretAsInts().or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
  }

  private static final FloatVector SIGMOID_LEAST = constant(-87f);

  static FloatVector sigmoidAccurate(FloatVector x) {
    FloatVector a = negativeAbsolute(x);
    FloatVector z = a.blend(SIGMOID_LEAST, a.compare(LT, SIGMOID_LEAST));
    FloatVector t = z.fma(LOG2_E, SHIFTER);
    FloatVector r = reduced(z, t);
    FloatVector tail = expTail(r).fma(r.mul(r), r);
    FloatVector high = ONE.add(tail);
    FloatVector low = tail.sub(high.sub(ONE));
    FloatVector scale = t.reinterpretAsInts().add(BIAS).lanewise(LSHL, 23).reinterpretAsFloats();
    FloatVector n = high.mul(scale);
    FloatVector nLow = low.mul(scale);
    FloatVector d = ONE.add(n);
    FloatVector dLow = ONE.sub(d).add(n).add(nLow);
    FloatVector g = ONE.div(d);
    VectorMask<Float> negative = x.compare(LT, ZERO);
    FloatVector top = ONE.blend(n, negative);
    FloatVector topLow = ZERO.blend(nLow, negative);
    FloatVector y = top.mul(g);
    FloatVector minus = y.neg();
    FloatVector c = minus.fma(dLow, minus.fma(d, top)).add(topLow);
    return c.fma(g, y);
  }

  // ---- float32: fast --------------------------------------------------------------------------------------------

  private static final FloatVector FAST_LEAST = constant(-7.9807181358f);
  private static final FloatVector FAST_MOST = constant(7.9807181358f);
  private static final FloatVector FAST_P9 = constant(1.4248920266e-8f);
  private static final FloatVector FAST_P7 = constant(2.1235626264e-5f);
  private static final FloatVector FAST_P5 = constant(3.5330520477e-3f);
  private static final FloatVector FAST_P3 = constant(1.3412411511e-1f);
  private static final FloatVector FAST_Q8 = constant(8.1365948290e-7f);
  private static final FloatVector FAST_Q6 = constant(3.3472978976e-4f);
  private static final FloatVector FAST_Q4 = constant(2.6018999517e-2f);
  private static final FloatVector FAST_Q2 = constant(4.6745735407e-1f);

  static FloatVector tanhFast(FloatVector x) {
    FloatVector z = x.blend(FAST_LEAST, x.compare(LT, FAST_LEAST));
    z = z.blend(FAST_MOST, z.compare(GT, FAST_MOST));
    FloatVector u = z.mul(z);
    FloatVector p = FAST_P9.fma(u, FAST_P7).fma(u, FAST_P5).fma(u, FAST_P3).fma(u, ONE);
    FloatVector q = FAST_Q8.fma(u, FAST_Q6).fma(u, FAST_Q4).fma(u, FAST_Q2).fma(u, ONE);
    return z.mul(p).div(q);
  }

  static FloatVector sigmoidFast(FloatVector x) {
    return HALF.fma(tanhFast(HALF.mul(x)), HALF);
  }

  // ---- float64 --------------------------------------------------------------------------------------------------

  private static final DoubleVector LOG2_E_D = constant(0x1.71547652b82fep0);
  private static final DoubleVector SHIFTER_D = constant(0x1.8p52);
  private static final LongVector SHIFTER_BITS_D = constant(0x4338000000000000L - 2048);
  private static final DoubleVector MINUS_LN2_HIGH_D = constant(-0x1.62e42fefa39efp-1);
  private static final DoubleVector MINUS_LN2_LOW_D = constant(-0x1.abc9e3b39803fp-56);
  private static final DoubleVector EXP_11_D = constant(0x1.ad7f330d73d4ap-26);
  private static final DoubleVector EXP_10_D = constant(0x1.28ad72df49402p-22);
  private static final DoubleVector EXP_9_D = constant(0x1.71df257997528p-19);
  private static final DoubleVector EXP_8_D = constant(0x1.a0199a0c67cbcp-16);
  private static final DoubleVector EXP_7_D = constant(0x1.a01a012a45948p-13);
  private static final DoubleVector EXP_6_D = constant(0x1.6c16c1842a073p-10);
  private static final DoubleVector EXP_5_D = constant(0x1.1111111127c1bp-7);
  private static final DoubleVector EXP_4_D = constant(0x1.555555555087dp-5);
  private static final DoubleVector EXP_3_D = constant(0x1.55555555554fap-3);
  private static final DoubleVector EXP_2_D = constant(0x1.000000000000ap-1);
  private static final LongVector BIAS_D = constant(1023L);
  private static final LongVector ONE_L = constant(1L);

  private static DoubleVector reduced(DoubleVector x, DoubleVector shifted) {
    DoubleVector n = shifted.sub(SHIFTER_D);
    return n.fma(MINUS_LN2_LOW_D, n.fma(MINUS_LN2_HIGH_D, x));
  }

  private static DoubleVector expTail(DoubleVector r) {
    DoubleVector q = EXP_11_D.fma(r, EXP_10_D).fma(r, EXP_9_D).fma(r, EXP_8_D).fma(r, EXP_7_D);
    return q.fma(r, EXP_6_D).fma(r, EXP_5_D).fma(r, EXP_4_D).fma(r, EXP_3_D).fma(r, EXP_2_D);
  }

  private static DoubleVector scaleNormal(DoubleVector p, DoubleVector shifted) {
    return p.reinterpretAsLongs()
        .add(shifted.reinterpretAsLongs().lanewise(LSHL, 52))
        .reinterpretAsDoubles();
  }

  private static DoubleVector scaleAny(DoubleVector p, DoubleVector shifted) {
    LongVector n = shifted.reinterpretAsLongs().sub(SHIFTER_BITS_D);
    LongVector half = n.lanewise(LSHR, 1);
    LongVector first = half.sub(ONE_L).lanewise(LSHL, 52);
    LongVector second = n.sub(half).sub(ONE_L).lanewise(LSHL, 52);
    return p.mul(first.reinterpretAsDoubles()).mul(second.reinterpretAsDoubles());
  }

  private static DoubleVector negativeAbsolute(DoubleVector x) {
    return x.reinterpretAsLongs().or(SIGN_D).reinterpretAsDoubles();
  }

  private static final DoubleVector EXP_LEAST_D = constant(-746.0);
  private static final DoubleVector EXP_MOST_D = constant(710.0);

  static DoubleVector exp(DoubleVector x) {
    DoubleVector z = x.blend(EXP_LEAST_D, x.compare(LT, EXP_LEAST_D));
    z = z.blend(EXP_MOST_D, z.compare(GT, EXP_MOST_D));
    DoubleVector t = z.fma(LOG2_E_D, SHIFTER_D);
    DoubleVector r = reduced(z, t);
    return scaleAny(expTail(r).fma(r, ONE_D).fma(r, ONE_D), t);
  }

  private static final DoubleVector TANH_CUT_D = constant(0.625);
  private static final DoubleVector TANH_MOST_D = constant(19.1);
  private static final DoubleVector TANH_23_D = constant(-0x1.0da714c7c67e3p-16);
  private static final DoubleVector TANH_21_D = constant(0x1.4391186818105p-14);
  private static final DoubleVector TANH_19_D = constant(-0x1.df55765c22318p-13);
  private static final DoubleVector TANH_17_D = constant(0x1.3366129aa2dabp-11);
  private static final DoubleVector TANH_15_D = constant(-0x1.7d68a32c4c2bfp-10);
  private static final DoubleVector TANH_13_D = constant(0x1.d6cf280fa2200p-9);
  private static final DoubleVector TANH_11_D = constant(-0x1.226e162c0cdbap-7);
  private static final DoubleVector TANH_9_D = constant(0x1.664f477adc6f9p-6);
  private static final DoubleVector TANH_7_D = constant(-0x1.ba1ba1b5065b2p-5);
  private static final DoubleVector TANH_5_D = constant(0x1.111111110acd0p-3);
  private static final DoubleVector TANH_3_D = constant(-0x1.55555555554ffp-2);

  static DoubleVector tanh(DoubleVector x) {
    DoubleVector a = x.abs();
    DoubleVector u = a.mul(a);
    DoubleVector s = TANH_23_D.fma(u, TANH_21_D).fma(u, TANH_19_D).fma(u, TANH_17_D);
    s = s.fma(u, TANH_15_D).fma(u, TANH_13_D).fma(u, TANH_11_D).fma(u, TANH_9_D);
    s = s.fma(u, TANH_7_D).fma(u, TANH_5_D).fma(u, TANH_3_D).fma(a.mul(u), a);
    DoubleVector b = a.blend(TANH_MOST_D, a.compare(GT, TANH_MOST_D));
    DoubleVector z = b.add(b);
    DoubleVector t = z.fma(LOG2_E_D, SHIFTER_D);
    DoubleVector r = reduced(z, t);
    DoubleVector e = scaleNormal(expTail(r).fma(r, ONE_D).fma(r, ONE_D), t);
    DoubleVector w = ONE_D.sub(TWO_D.div(e.add(ONE_D)));
    DoubleVector y = s.blend(w, a.compare(GE, TANH_CUT_D));
    return y.reinterpretAsLongs().or(x.reinterpretAsLongs().and(SIGN_D)).reinterpretAsDoubles();
  }

  private static final DoubleVector SIGMOID_LEAST_D = constant(-708.0);

  static DoubleVector sigmoid(DoubleVector x) {
    DoubleVector a = negativeAbsolute(x);
    DoubleVector z = a.blend(SIGMOID_LEAST_D, a.compare(LT, SIGMOID_LEAST_D));
    DoubleVector t = z.fma(LOG2_E_D, SHIFTER_D);
    DoubleVector r = reduced(z, t);
    DoubleVector tail = expTail(r).fma(r.mul(r), r);
    DoubleVector high = ONE_D.add(tail);
    DoubleVector low = tail.sub(high.sub(ONE_D));
    DoubleVector scale =
        t.reinterpretAsLongs().add(BIAS_D).lanewise(LSHL, 52).reinterpretAsDoubles();
    DoubleVector n = high.mul(scale);
    DoubleVector nLow = low.mul(scale);
    DoubleVector d = ONE_D.add(n);
    DoubleVector dLow = ONE_D.sub(d).add(n).add(nLow);
    DoubleVector g = ONE_D.div(d);
    VectorMask<Double> negative = x.compare(LT, ZERO_D);
    DoubleVector top = ONE_D.blend(n, negative);
    DoubleVector topLow = ZERO_D.blend(nLow, negative);
    DoubleVector y = top.mul(g);
    DoubleVector minus = y.neg();
    DoubleVector c = minus.fma(dLow, minus.fma(d, top)).add(topLow);
    return c.fma(g, y);
  }

  // ---- float32: exact; these take and return float64, which the loop rounds once ---------------------------------

  private static final DoubleVector RATIONAL_LEAST = constant(-9.1);
  private static final DoubleVector RATIONAL_MOST = constant(9.1);
  private static final DoubleVector N1 = constant(0x1.30877b8b72d33p-3);
  private static final DoubleVector N2 = constant(0x1.694aa09ae9e5ep-8);
  private static final DoubleVector N3 = constant(0x1.4101377abb729p-14);
  private static final DoubleVector N4 = constant(0x1.e0392b1db0018p-22);
  private static final DoubleVector N5 = constant(0x1.2533756e546f7p-30);
  private static final DoubleVector N6 = constant(0x1.d62e5abe6ae8ap-41);
  private static final DoubleVector N7 = constant(0x1.b06be534182dep-54);
  private static final DoubleVector D1 = constant(0x1.ed99131b0ebeap-2);
  private static final DoubleVector D2 = constant(0x1.0d27ed6c95a69p-5);
  private static final DoubleVector D3 = constant(0x1.7cbdaca0e9fccp-11);
  private static final DoubleVector D4 = constant(0x1.b4e60b892578ep-18);
  private static final DoubleVector D5 = constant(0x1.a6f707c5c71abp-26);
  private static final DoubleVector D6 = constant(0x1.35a8b6e2cd94cp-35);
  private static final DoubleVector D7 = constant(0x1.ca8230677aa01p-47);

  static DoubleVector tanhForFloat(DoubleVector x) {
    DoubleVector z = x.blend(RATIONAL_LEAST, x.compare(LT, RATIONAL_LEAST));
    z = z.blend(RATIONAL_MOST, z.compare(GT, RATIONAL_MOST));
    DoubleVector u = z.mul(z);
    DoubleVector u2 = u.mul(u);
    DoubleVector u4 = u2.mul(u2);
    DoubleVector n03 = u2.fma(u.fma(N3, N2), u.fma(N1, ONE_D));
    DoubleVector n47 = u2.fma(u.fma(N7, N6), u.fma(N5, N4));
    DoubleVector d03 = u2.fma(u.fma(D3, D2), u.fma(D1, ONE_D));
    DoubleVector d47 = u2.fma(u.fma(D7, D6), u.fma(D5, D4));
    return z.mul(u4.fma(n47, n03)).div(u4.fma(d47, d03));
  }

  private static final DoubleVector DEGREE_12 = constant(2.119890244143296032e-9);
  private static final DoubleVector DEGREE_11 = constant(2.521079371356939368e-8);
  private static final DoubleVector DEGREE_10 = constant(2.755585399809175769e-7);
  private static final DoubleVector DEGREE_9 = constant(2.755675838881680360e-6);
  private static final DoubleVector DEGREE_8 = constant(2.480158976814372031e-5);
  private static final DoubleVector DEGREE_7 = constant(1.984127071808468106e-4);
  private static final DoubleVector DEGREE_6 = constant(1.388888888680978647e-3);
  private static final DoubleVector DEGREE_5 = constant(8.333333332743943569e-3);
  private static final DoubleVector DEGREE_4 = constant(4.166666666668113195e-2);
  private static final DoubleVector DEGREE_3 = constant(1.666666666666796748e-1);
  private static final DoubleVector HALF_D = constant(0.5);
  private static final DoubleVector FLOAT_LEAST = constant(-104.0);
  private static final DoubleVector FLOAT_MOST = constant(89.0);

  private static DoubleVector expDegree12(DoubleVector z) {
    DoubleVector t = z.fma(LOG2_E_D, SHIFTER_D);
    DoubleVector r = reduced(z, t);
    DoubleVector p = DEGREE_12.fma(r, DEGREE_11).fma(r, DEGREE_10).fma(r, DEGREE_9);
    p = p.fma(r, DEGREE_8).fma(r, DEGREE_7).fma(r, DEGREE_6).fma(r, DEGREE_5);
    p = p.fma(r, DEGREE_4).fma(r, DEGREE_3).fma(r, HALF_D).fma(r, ONE_D).fma(r, ONE_D);
    return scaleNormal(p, t);
  }

  static DoubleVector expForFloat(DoubleVector x) {
    DoubleVector z = x.blend(FLOAT_LEAST, x.compare(LT, FLOAT_LEAST));
    return expDegree12(z.blend(FLOAT_MOST, z.compare(GT, FLOAT_MOST)));
  }

  static DoubleVector sigmoidForFloat(DoubleVector x) {
    DoubleVector a = negativeAbsolute(x);
    DoubleVector e = expDegree12(a.blend(FLOAT_LEAST, a.compare(LT, FLOAT_LEAST)));
    return ONE_D.blend(e, x.compare(LT, ZERO_D)).div(e.add(ONE_D));
  }

  // ---- what stands on them --------------------------------------------------------------------------------------

  private static final FloatVector LECUN_INNER = constant(0.666f);
  private static final FloatVector LECUN_OUTER = constant(1.7159f);
  private static final DoubleVector LECUN_INNER_D = constant(0.666);
  private static final DoubleVector LECUN_OUTER_D = constant(1.7159);

  static FloatVector relu(FloatVector x) {
    return x.blend(ZERO, x.compare(LT, ZERO));
  }

  static DoubleVector relu(DoubleVector x) {
    return x.blend(ZERO_D, x.compare(LT, ZERO_D));
  }

  static FloatVector lecunTanhFast(FloatVector x) {
    return tanhFast(x.mul(LECUN_INNER)).mul(LECUN_OUTER);
  }

  static FloatVector lecunTanhAccurate(FloatVector x) {
    return tanhAccurate(x.mul(LECUN_INNER)).mul(LECUN_OUTER);
  }

  static DoubleVector lecunTanh(DoubleVector x) {
    return tanh(x.mul(LECUN_INNER_D)).mul(LECUN_OUTER_D);
  }
}
