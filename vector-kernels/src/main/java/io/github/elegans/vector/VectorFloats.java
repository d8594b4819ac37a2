package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.INTS;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.ROWS;
import static io.github.elegans.vector.Vectors.STRIDE;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Elementwise functions in float32: the operations of {@link
 * io.github.elegans.kernels.math.ScalarFloats}, in the same order and under the same names, each in
 * a loop of its own over rows of {@code width} bytes that lie {@code stride} bytes apart; the inner
 * loop runs down a column, where rows are many.
 *
 * <p>The functions are written out in their loops, constants are vectors in static fields, and
 * helpers are few and small: where the compiler declines to inline one of our methods, because a
 * loop has grown too large or the method has been compiled on its own before, it allocates a vector
 * for every call. Compare and select stand for min and max, which have rules for NaN and -0 that
 * x86 lacks and pay for them.
 */
final class VectorFloats {
  private VectorFloats() {}

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static IntVector constant(int value) {
    return IntVector.broadcast(INTS, value);
  }

  private static final FloatVector ZERO = constant(0f);
  private static final FloatVector MINUS_ZERO = constant(-0f);
  private static final FloatVector HALF = constant(0.5f);
  private static final FloatVector MINUS_HALF = constant(-0.5f);
  private static final FloatVector ONE = constant(1f);
  private static final FloatVector TWO = constant(2f);
  private static final IntVector SIGN = constant(0x80000000);

  static void copy(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        x.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static final FloatVector LOG2_E = constant(0x1.715476p0f);
  static final FloatVector SHIFTER = constant(0x1.8p23f);
  private static final IntVector SHIFTER_BITS = constant(0x4b400000);
  static final FloatVector MINUS_LN2_HIGH = constant(-0x1.62e400p-1f);
  static final FloatVector MINUS_LN2_LOW = constant(-0x1.7f7d1cp-20f);
  static final FloatVector EXP_6 = constant(0x1.6ad5eep-10f);
  static final FloatVector EXP_5 = constant(0x1.123d64p-7f);
  static final FloatVector EXP_4 = constant(0x1.555858p-5f);
  static final FloatVector EXP_3 = constant(0x1.55548cp-3f);
  static final FloatVector EXP_2 = constant(0x1.fffffcp-2f);
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
    IntVector half = n.lanewise(ASHR, 1);
    IntVector first = half.add(BIAS).lanewise(LSHL, 23);
    IntVector second = n.sub(half).add(BIAS).lanewise(LSHL, 23);
    return p.mul(first.reinterpretAsFloats()).mul(second.reinterpretAsFloats());
  }

  private static FloatVector negativeAbsolute(FloatVector x) {
    return x.reinterpretAsInts().or(SIGN).reinterpretAsFloats();
  }

  private static final FloatVector EXP_LEAST = constant(-104f);
  private static final FloatVector EXP_MOST = constant(89f);

  static void expAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector z = x.blend(EXP_LEAST, x.compare(LT, EXP_LEAST));
        z = z.blend(EXP_MOST, z.compare(GT, EXP_MOST));
        FloatVector t = z.fma(LOG2_E, SHIFTER);
        FloatVector r = reduced(z, t);
        scaleAny(expTail(r).fma(r, ONE).fma(r, ONE), t).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector TANH_CUT = constant(0.75f);
  private static final FloatVector TANH_MOST = constant(9.1f);
  private static final FloatVector TANH_13 = constant(0x1.c89876p-10f);
  private static final FloatVector TANH_11 = constant(-0x1.f66344p-8f);
  private static final FloatVector TANH_9 = constant(0x1.5f9086p-6f);
  private static final FloatVector TANH_7 = constant(-0x1.b98108p-5f);
  private static final FloatVector TANH_5 = constant(0x1.110ddap-3f);
  private static final FloatVector TANH_3 = constant(-0x1.55554ap-2f);

  static void tanhAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
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
        y.reinterpretAsInts()
            .or(x.reinterpretAsInts().and(SIGN))
            .reinterpretAsFloats()
            .intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector SIGMOID_LEAST = constant(-87f);

  static void sigmoidAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector a = negativeAbsolute(x);
        FloatVector z = a.blend(SIGMOID_LEAST, a.compare(LT, SIGMOID_LEAST));
        FloatVector t = z.fma(LOG2_E, SHIFTER);
        FloatVector r = reduced(z, t);
        FloatVector tail = expTail(r).fma(r.mul(r), r);
        FloatVector high = ONE.add(tail);
        FloatVector low = tail.sub(high.sub(ONE));
        FloatVector scale =
            t.reinterpretAsInts().add(BIAS).lanewise(LSHL, 23).reinterpretAsFloats();
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
        c.fma(g, y).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector LECUN_INNER = constant(0.666f);
  private static final FloatVector LECUN_OUTER = constant(1.7159f);

  static void lecunTanhAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector v = x.mul(LECUN_INNER);
        FloatVector a = v.abs();
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
        y.reinterpretAsInts()
            .or(v.reinterpretAsInts().and(SIGN))
            .reinterpretAsFloats()
            .mul(LECUN_OUTER)
            .intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector SOFTPLUS_P3 = constant(-0x1.6b7732p-16f);
  private static final FloatVector SOFTPLUS_P2 = constant(0x1.67fe16p-12f);
  private static final FloatVector SOFTPLUS_P1 = constant(-0x1.553ef8p-8f);
  private static final FloatVector SOFTPLUS_P0 = constant(0x1.ffffd8p-4f);
  private static final FloatVector SOFTPLUS_C = constant(-0x1.05c610p-29f);
  private static final FloatVector SOFTPLUS_NEAR = constant(0x1.62e430p-1f);
  private static final FloatVector SOFTPLUS_Q5 = constant(-0x1.b4f118p-5f);
  private static final FloatVector SOFTPLUS_Q4 = constant(0x1.0c65e0p-3f);
  private static final FloatVector SOFTPLUS_Q3 = constant(-0x1.89a84cp-3f);
  private static final FloatVector SOFTPLUS_Q2 = constant(0x1.fe277ep-3f);
  private static final FloatVector SOFTPLUS_Q1 = constant(-0x1.554876p-2f);
  private static final FloatVector SOFTPLUS_Q0 = constant(0x1.ffffc4p-2f);
  private static final FloatVector SOFTPLUS_C_CUT = constant(-1.0f);

  static void softplusAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector z = x.reinterpretAsInts().or(SIGN).reinterpretAsFloats();
        FloatVector u = x.mul(x);
        FloatVector p = SOFTPLUS_P3.fma(u, SOFTPLUS_P2).fma(u, SOFTPLUS_P1).fma(u, SOFTPLUS_P0);
        FloatVector c = p.fma(u, SOFTPLUS_C);
        FloatVector near = HALF.fma(x, c).add(SOFTPLUS_NEAR);
        FloatVector clamped = z.blend(EXP_LEAST, z.compare(LT, EXP_LEAST));
        FloatVector t = clamped.fma(LOG2_E, SHIFTER);
        FloatVector n = t.sub(SHIFTER);
        FloatVector r = n.fma(MINUS_LN2_HIGH, clamped);
        r = n.fma(MINUS_LN2_LOW, r);
        FloatVector tail =
            EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r.mul(r), r);
        FloatVector high = ONE.add(tail);
        FloatVector low = tail.sub(high.sub(ONE));
        IntVector m = t.reinterpretAsInts().sub(SHIFTER_BITS);
        IntVector half = m.lanewise(ASHR, 1);
        FloatVector first = half.add(BIAS).lanewise(LSHL, 23).reinterpretAsFloats();
        FloatVector second = m.sub(half).add(BIAS).lanewise(LSHL, 23).reinterpretAsFloats();
        FloatVector power = high.mul(first).mul(second);
        FloatVector powerLow = low.mul(first).mul(second);
        FloatVector q =
            SOFTPLUS_Q5
                .fma(power, SOFTPLUS_Q4)
                .fma(power, SOFTPLUS_Q3)
                .fma(power, SOFTPLUS_Q2)
                .fma(power, SOFTPLUS_Q1)
                .fma(power, SOFTPLUS_Q0);
        FloatVector log = power.add(power.mul(power).neg().fma(q, powerLow));
        FloatVector far = ZERO.blend(x, x.compare(GT, ZERO)).add(log);
        far.blend(near, z.compare(GT, SOFTPLUS_C_CUT)).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void siluAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector a = negativeAbsolute(x);
        FloatVector z = a.blend(SIGMOID_LEAST, a.compare(LT, SIGMOID_LEAST));
        FloatVector t = z.fma(LOG2_E, SHIFTER);
        FloatVector r = reduced(z, t);
        FloatVector tail = expTail(r).fma(r.mul(r), r);
        FloatVector high = ONE.add(tail);
        FloatVector low = tail.sub(high.sub(ONE));
        FloatVector scale =
            t.reinterpretAsInts().add(BIAS).lanewise(LSHL, 23).reinterpretAsFloats();
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
        FloatVector product = x.mul(c.fma(g, y));
        product
            .blend(MINUS_ZERO, x.compare(LT, SIGMOID_LEAST))
            .intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector GELU_B = constant(13.25f);
  private static final FloatVector GELU_C4 = constant(0x1.a95298p-14f);
  private static final FloatVector GELU_C3 = constant(-0x1.3526c0p-10f);
  private static final FloatVector GELU_C2 = constant(0x1.46bf0ep-7f);
  private static final FloatVector GELU_C1 = constant(-0x1.1057fcp-4f);
  private static final FloatVector GELU_C0 = constant(0x1.988452p-2f);
  private static final FloatVector GELU_P4 = constant(0x1.f4cd98p-8f);
  private static final FloatVector GELU_P3 = constant(0x1.386888p-4f);
  private static final FloatVector GELU_P2 = constant(0x1.62f15ap-2f);
  private static final FloatVector GELU_P1 = constant(0x1.ab389ap-1f);
  private static final FloatVector GELU_P0 = constant(0x1.eb4964p-1f);
  private static final FloatVector GELU_REST3 = constant(0x1.31e564p-6f);
  private static final FloatVector GELU_REST2 = constant(0x1.8e9d7ap-3f);
  private static final FloatVector GELU_REST1 = constant(0x1.95ffa8p-1f);
  private static final FloatVector GELU_REST0 = constant(0x1.eabac4p+0f);
  private static final FloatVector GELU_LINE = constant(0x1.40d7fcp+1f);
  private static final FloatVector GELU_LINE_2 = constant(0x1.29469ep-9f);
  private static final FloatVector GELU_SCALED_CUT = constant(0x1.a4ae0ep+3f);
  private static final FloatVector GELU_Y_CUT = constant(0.625f);

  static void geluAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector a = x.abs();
        FloatVector b = a.blend(GELU_B, a.compare(GT, GELU_B));
        FloatVector s = b.mul(b);
        FloatVector sLow = b.fma(b, s.neg());
        FloatVector c = GELU_C4.fma(s, GELU_C3).fma(s, GELU_C2).fma(s, GELU_C1).fma(s, GELU_C0);
        FloatVector near = c.fma(s, HALF.mul(x));
        FloatVector p = GELU_P4.fma(b, GELU_P3).fma(b, GELU_P2).fma(b, GELU_P1).fma(b, GELU_P0);
        FloatVector rest = GELU_REST3.fma(b, GELU_REST2).fma(b, GELU_REST1).fma(b, GELU_REST0);
        FloatVector line = b.fma(GELU_LINE, GELU_LINE_2);
        FloatVector d = p.fma(line, rest);
        FloatVector dLow = p.fma(line, d.neg()).add(rest);
        FloatVector lineLow = b.fma(GELU_LINE, line.neg()).add(GELU_LINE_2);
        dLow = p.fma(lineLow, dLow);
        FloatVector inverse = ONE.div(d);
        FloatVector e = inverse.neg().fma(d, ONE);
        e = inverse.neg().fma(dLow, e);
        FloatVector ratio = p.mul(inverse);
        FloatVector ratioLow = p.fma(inverse, ratio.neg());
        FloatVector z = MINUS_HALF.mul(s);
        FloatVector t = z.fma(LOG2_E, SHIFTER);
        FloatVector n = t.sub(SHIFTER);
        FloatVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        r = r.add(MINUS_HALF.fma(sLow, e));
        FloatVector tail =
            EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r.mul(r), r);
        FloatVector scaled =
            b.mul(t.reinterpretAsInts().add(BIAS).lanewise(LSHL, 23).reinterpretAsFloats());
        scaled = scaled.blend(ZERO, a.compare(GT, GELU_SCALED_CUT));
        FloatVector k = ratio.fma(tail, ratioLow);
        FloatVector w = scaled.fma(ratio, scaled.mul(k));
        FloatVector far = ZERO.blend(x, x.compare(GT, ZERO)).sub(w);
        FloatVector y = far.blend(near, a.compare(LT, GELU_Y_CUT));
        y.reinterpretAsInts()
            .or(x.reinterpretAsInts().and(SIGN))
            .reinterpretAsFloats()
            .intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector GELU_TANH_B = constant(0x1.3f909p+3f);
  private static final FloatVector GELU_TANH_M = constant(0x1.2444f2p-4f);
  private static final FloatVector GELU_TANH_K = constant(0x1.988454p+0f);
  private static final FloatVector GELU_TANH_K_LOW = constant(-0x1.857936p-25f);
  private static final FloatVector GELU_TANH_K_LOW_2 = constant(0x1.49b16ap-29f);
  private static final FloatVector GELU_TANH_C_CUT = constant(-0x1.3f909p+3f);

  static void geluTanhAccurate(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector a = x.abs();
        FloatVector b = a.blend(GELU_TANH_B, a.compare(GT, GELU_TANH_B));
        FloatVector s = b.mul(b);
        FloatVector sLow = b.fma(b, s.neg());
        FloatVector m = s.mul(GELU_TANH_M);
        FloatVector mLow = s.fma(GELU_TANH_M, m.neg());
        mLow = sLow.fma(GELU_TANH_M, mLow);
        FloatVector k = m.add(GELU_TANH_K);
        FloatVector part = k.sub(GELU_TANH_K);
        FloatVector kLow = GELU_TANH_K.sub(k.sub(part)).add(m.sub(part));
        kLow = kLow.add(mLow.add(GELU_TANH_K_LOW));
        kLow = s.fma(GELU_TANH_K_LOW_2, kLow);
        FloatVector z = b.mul(k).neg();
        FloatVector zLow = b.neg().fma(k, z.neg());
        zLow = b.neg().fma(kLow, zLow);
        FloatVector t = z.fma(LOG2_E, SHIFTER);
        FloatVector n = t.sub(SHIFTER);
        FloatVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        r = r.add(zLow);
        FloatVector tail =
            EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r.mul(r), r);
        FloatVector high = ONE.add(tail);
        FloatVector low = tail.sub(high.sub(ONE));
        FloatVector scale =
            t.reinterpretAsInts().add(BIAS).lanewise(LSHL, 23).reinterpretAsFloats();
        FloatVector power = high.mul(scale);
        FloatVector powerLow = low.mul(scale);
        FloatVector d = ONE.add(power);
        FloatVector dLow = ONE.sub(d).add(power).add(powerLow);
        FloatVector g = ONE.div(d);
        FloatVector top = ONE.blend(power, x.compare(LT, ZERO));
        FloatVector topLow = ZERO.blend(powerLow, x.compare(LT, ZERO));
        FloatVector quotient = top.mul(g);
        FloatVector c = quotient.neg().fma(d, top);
        c = quotient.neg().fma(dLow, c);
        c = c.add(topLow);
        FloatVector y = x.mul(c.fma(g, quotient));
        y.blend(MINUS_ZERO, x.compare(LT, GELU_TANH_C_CUT)).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void relu(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        x.blend(ZERO, x.compare(LT, ZERO)).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

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

  static void tanhFast(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector z = x.blend(FAST_LEAST, x.compare(LT, FAST_LEAST));
        z = z.blend(FAST_MOST, z.compare(GT, FAST_MOST));
        FloatVector u = z.mul(z);
        FloatVector p = FAST_P9.fma(u, FAST_P7).fma(u, FAST_P5).fma(u, FAST_P3).fma(u, ONE);
        FloatVector q = FAST_Q8.fma(u, FAST_Q6).fma(u, FAST_Q4).fma(u, FAST_Q2).fma(u, ONE);
        z.mul(p).div(q).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void sigmoidFast(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector v = HALF.mul(x);
        FloatVector z = v.blend(FAST_LEAST, v.compare(LT, FAST_LEAST));
        z = z.blend(FAST_MOST, z.compare(GT, FAST_MOST));
        FloatVector u = z.mul(z);
        FloatVector p = FAST_P9.fma(u, FAST_P7).fma(u, FAST_P5).fma(u, FAST_P3).fma(u, ONE);
        FloatVector q = FAST_Q8.fma(u, FAST_Q6).fma(u, FAST_Q4).fma(u, FAST_Q2).fma(u, ONE);
        HALF.fma(z.mul(p).div(q), HALF).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void lecunTanhFast(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector v = x.mul(LECUN_INNER);
        FloatVector z = v.blend(FAST_LEAST, v.compare(LT, FAST_LEAST));
        z = z.blend(FAST_MOST, z.compare(GT, FAST_MOST));
        FloatVector u = z.mul(z);
        FloatVector p = FAST_P9.fma(u, FAST_P7).fma(u, FAST_P5).fma(u, FAST_P3).fma(u, ONE);
        FloatVector q = FAST_Q8.fma(u, FAST_Q6).fma(u, FAST_Q4).fma(u, FAST_Q2).fma(u, ONE);
        z.mul(p).div(q).mul(LECUN_OUTER).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector SOFTPLUS_FAST_Q7 = constant(-0x1.17ce40p-7f);
  private static final FloatVector SOFTPLUS_FAST_Q6 = constant(0x1.692cbep-5f);
  private static final FloatVector SOFTPLUS_FAST_Q5 = constant(-0x1.b90ee2p-4f);
  private static final FloatVector SOFTPLUS_FAST_Q4 = constant(0x1.6b6b86p-3f);
  private static final FloatVector SOFTPLUS_FAST_Q3 = constant(-0x1.f5aa80p-3f);
  private static final FloatVector SOFTPLUS_FAST_Q2 = constant(0x1.54bda6p-2f);
  private static final FloatVector SOFTPLUS_FAST_Q1 = constant(-0x1.fff934p-2f);
  private static final FloatVector SOFTPLUS_FAST_Q0 = constant(0x1.fffffap-1f);

  static void softplusFast(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector z = x.reinterpretAsInts().or(SIGN).reinterpretAsFloats();
        z = z.blend(SIGMOID_LEAST, z.compare(LT, SIGMOID_LEAST));
        FloatVector t = z.fma(LOG2_E, SHIFTER);
        FloatVector n = t.sub(SHIFTER);
        FloatVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r, ONE);
        p = p.fma(r, ONE);
        FloatVector u =
            p.reinterpretAsInts()
                .add(t.reinterpretAsInts().lanewise(LSHL, 23))
                .reinterpretAsFloats();
        FloatVector q =
            SOFTPLUS_FAST_Q7
                .fma(u, SOFTPLUS_FAST_Q6)
                .fma(u, SOFTPLUS_FAST_Q5)
                .fma(u, SOFTPLUS_FAST_Q4)
                .fma(u, SOFTPLUS_FAST_Q3)
                .fma(u, SOFTPLUS_FAST_Q2)
                .fma(u, SOFTPLUS_FAST_Q1)
                .fma(u, SOFTPLUS_FAST_Q0);
        u = u.blend(ZERO, x.compare(LT, SIGMOID_LEAST));
        FloatVector b = ZERO.blend(x, x.compare(GT, ZERO));
        FloatVector y = q.fma(u, b);
        y.blend(x, x.compare(NE, x)).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void siluFast(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector z = x.reinterpretAsInts().or(SIGN).reinterpretAsFloats();
        z = z.blend(SIGMOID_LEAST, z.compare(LT, SIGMOID_LEAST));
        FloatVector t = z.fma(LOG2_E, SHIFTER);
        FloatVector n = t.sub(SHIFTER);
        FloatVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2).fma(r, ONE);
        p = p.fma(r, ONE);
        FloatVector e =
            p.reinterpretAsInts()
                .add(t.reinterpretAsInts().lanewise(LSHL, 23))
                .reinterpretAsFloats();
        FloatVector top = ONE.blend(e, x.compare(LT, ZERO));
        FloatVector y = x.mul(top.div(ONE.add(e)));
        y.blend(MINUS_ZERO, x.compare(LT, SIGMOID_LEAST)).intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final FloatVector GELU_FAST_P4 = constant(0x1.c0edd6p-18f);
  private static final FloatVector GELU_FAST_P3 = constant(0x1.782a22p-12f);
  private static final FloatVector GELU_FAST_P2 = constant(0x1.7ac6d2p-8f);
  private static final FloatVector GELU_FAST_P1 = constant(0x1.b51ceep-5f);
  private static final FloatVector GELU_FAST_P0 = constant(0x1.9883e8p-2f);
  private static final FloatVector GELU_FAST_Q5 = constant(0x1.31023cp-21f);
  private static final FloatVector GELU_FAST_Q4 = constant(0x1.10efdcp-13f);
  private static final FloatVector GELU_FAST_Q3 = constant(0x1.81e5e8p-9f);
  private static final FloatVector GELU_FAST_Q2 = constant(0x1.443b40p-5f);
  private static final FloatVector GELU_FAST_Q1 = constant(0x1.339be0p-2f);
  private static final FloatVector GELU_FAST_Y_CUT = constant(5.1f);
  private static final FloatVector GELU_FAST_Y_CUT_2 = constant(-5.1f);

  static void geluFast(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector u = x.mul(x);
        FloatVector p =
            GELU_FAST_P4
                .fma(u, GELU_FAST_P3)
                .fma(u, GELU_FAST_P2)
                .fma(u, GELU_FAST_P1)
                .fma(u, GELU_FAST_P0);
        FloatVector q =
            GELU_FAST_Q5
                .fma(u, GELU_FAST_Q4)
                .fma(u, GELU_FAST_Q3)
                .fma(u, GELU_FAST_Q2)
                .fma(u, GELU_FAST_Q1)
                .fma(u, ONE);
        FloatVector w = x.mul(p).div(q);
        FloatVector y = x.fma(w, HALF.mul(x));
        y = y.blend(x, x.compare(GT, GELU_FAST_Y_CUT));
        y = y.blend(ZERO, x.compare(LT, GELU_FAST_Y_CUT_2));
        y.reinterpretAsInts()
            .or(x.reinterpretAsInts().and(SIGN))
            .reinterpretAsFloats()
            .intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void geluTanhFast(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
        FloatVector argument = x.mul(x.mul(x).fma(GELU_TANH_M, GELU_TANH_K));
        FloatVector v = HALF.mul(argument);
        FloatVector clamped = v.blend(FAST_LEAST, v.compare(LT, FAST_LEAST));
        clamped = clamped.blend(FAST_MOST, clamped.compare(GT, FAST_MOST));
        FloatVector u = clamped.mul(clamped);
        FloatVector p = FAST_P9.fma(u, FAST_P7).fma(u, FAST_P5).fma(u, FAST_P3).fma(u, ONE);
        FloatVector q = FAST_Q8.fma(u, FAST_Q6).fma(u, FAST_Q4).fma(u, FAST_Q2).fma(u, ONE);
        FloatVector product = x.mul(HALF.fma(clamped.mul(p).div(q), HALF));
        product
            .blend(MINUS_ZERO, argument.compare(LT, SIGMOID_LEAST))
            .intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }
}
