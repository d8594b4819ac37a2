package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.DOUBLES;
import static io.github.elegans.vector.Vectors.HALF_BYTES;
import static io.github.elegans.vector.Vectors.HALF_FLOATS;
import static io.github.elegans.vector.Vectors.LONGS;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.ROWS;
import static io.github.elegans.vector.Vectors.STRIDE;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * Elementwise functions in float64, and the exact tier of float32 that stands on them: the
 * operations of {@link io.github.elegans.kernels.math.ScalarDoubles}, written as {@link
 * VectorFloats} is.
 */
final class VectorDoubles {
  private static final int LANES = DOUBLES.length();

  private VectorDoubles() {}

  private static DoubleVector constant(double value) {
    return DoubleVector.broadcast(DOUBLES, value);
  }

  private static LongVector constant(long value) {
    return LongVector.broadcast(LONGS, value);
  }

  private static final DoubleVector ZERO = constant(0.0);
  private static final DoubleVector MINUS_ZERO = constant(-0.0);
  private static final DoubleVector HALF = constant(0.5);
  private static final DoubleVector MINUS_HALF = constant(-0.5);
  private static final DoubleVector ONE = constant(1.0);
  private static final DoubleVector TWO = constant(2.0);
  private static final LongVector SIGN = constant(Long.MIN_VALUE);
  private static final LongVector ONE_BIT = constant(1L);

  static void copy(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      x.intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static final DoubleVector LOG2_E = constant(0x1.71547652b82fep0);
  private static final DoubleVector SHIFTER = constant(0x1.8p52);
  private static final LongVector SHIFTER_BITS = constant(0x4338000000000000L - 2048);
  private static final DoubleVector MINUS_LN2_HIGH = constant(-0x1.62e42fefa39efp-1);
  private static final DoubleVector MINUS_LN2_LOW = constant(-0x1.abc9e3b39803fp-56);
  private static final DoubleVector EXP_11 = constant(0x1.ad7f330d73d4ap-26);
  private static final DoubleVector EXP_10 = constant(0x1.28ad72df49402p-22);
  private static final DoubleVector EXP_9 = constant(0x1.71df257997528p-19);
  private static final DoubleVector EXP_8 = constant(0x1.a0199a0c67cbcp-16);
  private static final DoubleVector EXP_7 = constant(0x1.a01a012a45948p-13);
  private static final DoubleVector EXP_6 = constant(0x1.6c16c1842a073p-10);
  private static final DoubleVector EXP_5 = constant(0x1.1111111127c1bp-7);
  private static final DoubleVector EXP_4 = constant(0x1.555555555087dp-5);
  private static final DoubleVector EXP_3 = constant(0x1.55555555554fap-3);
  private static final DoubleVector EXP_2 = constant(0x1.000000000000ap-1);
  private static final LongVector BIAS = constant(1023L);

  private static DoubleVector reduced(DoubleVector x, DoubleVector shifted) {
    DoubleVector n = shifted.sub(SHIFTER);
    return n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
  }

  private static DoubleVector expTail(DoubleVector r) {
    DoubleVector q = EXP_11.fma(r, EXP_10).fma(r, EXP_9).fma(r, EXP_8).fma(r, EXP_7);
    return q.fma(r, EXP_6).fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
  }

  private static DoubleVector scaleNormal(DoubleVector p, DoubleVector shifted) {
    return p.reinterpretAsLongs()
        .add(shifted.reinterpretAsLongs().lanewise(LSHL, 52))
        .reinterpretAsDoubles();
  }

  private static DoubleVector scaleAny(DoubleVector p, DoubleVector shifted) {
    LongVector n = shifted.reinterpretAsLongs().sub(SHIFTER_BITS);
    LongVector half = n.lanewise(LSHR, 1);
    LongVector first = half.sub(ONE_BIT).lanewise(LSHL, 52);
    LongVector second = n.sub(half).sub(ONE_BIT).lanewise(LSHL, 52);
    return p.mul(first.reinterpretAsDoubles()).mul(second.reinterpretAsDoubles());
  }

  private static DoubleVector negativeAbsolute(DoubleVector x) {
    return x.reinterpretAsLongs().or(SIGN).reinterpretAsDoubles();
  }

  private static final DoubleVector EXP_LEAST = constant(-746.0);
  private static final DoubleVector EXP_MOST = constant(710.0);

  static void exp(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector z = x.blend(EXP_LEAST, x.compare(LT, EXP_LEAST));
      z = z.blend(EXP_MOST, z.compare(GT, EXP_MOST));
      DoubleVector t = z.fma(LOG2_E, SHIFTER);
      DoubleVector r = reduced(z, t);
      scaleAny(expTail(r).fma(r, ONE).fma(r, ONE), t).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static final DoubleVector TANH_CUT = constant(0.625);
  private static final DoubleVector TANH_MOST = constant(19.1);
  private static final DoubleVector TANH_23 = constant(-0x1.0da714c7c67e3p-16);
  private static final DoubleVector TANH_21 = constant(0x1.4391186818105p-14);
  private static final DoubleVector TANH_19 = constant(-0x1.df55765c22318p-13);
  private static final DoubleVector TANH_17 = constant(0x1.3366129aa2dabp-11);
  private static final DoubleVector TANH_15 = constant(-0x1.7d68a32c4c2bfp-10);
  private static final DoubleVector TANH_13 = constant(0x1.d6cf280fa2200p-9);
  private static final DoubleVector TANH_11 = constant(-0x1.226e162c0cdbap-7);
  private static final DoubleVector TANH_9 = constant(0x1.664f477adc6f9p-6);
  private static final DoubleVector TANH_7 = constant(-0x1.ba1ba1b5065b2p-5);
  private static final DoubleVector TANH_5 = constant(0x1.111111110acd0p-3);
  private static final DoubleVector TANH_3 = constant(-0x1.55555555554ffp-2);

  static void tanh(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector a = x.abs();
      DoubleVector u = a.mul(a);
      DoubleVector s = TANH_23.fma(u, TANH_21).fma(u, TANH_19).fma(u, TANH_17);
      s = s.fma(u, TANH_15).fma(u, TANH_13).fma(u, TANH_11).fma(u, TANH_9);
      s = s.fma(u, TANH_7).fma(u, TANH_5).fma(u, TANH_3).fma(a.mul(u), a);
      DoubleVector b = a.blend(TANH_MOST, a.compare(GT, TANH_MOST));
      DoubleVector z = b.add(b);
      DoubleVector t = z.fma(LOG2_E, SHIFTER);
      DoubleVector r = reduced(z, t);
      DoubleVector e = scaleNormal(expTail(r).fma(r, ONE).fma(r, ONE), t);
      DoubleVector w = ONE.sub(TWO.div(e.add(ONE)));
      DoubleVector y = s.blend(w, a.compare(GE, TANH_CUT));
      y.reinterpretAsLongs()
          .or(x.reinterpretAsLongs().and(SIGN))
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static final DoubleVector SIGMOID_LEAST = constant(-708.0);

  static void sigmoid(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector a = negativeAbsolute(x);
      DoubleVector z = a.blend(SIGMOID_LEAST, a.compare(LT, SIGMOID_LEAST));
      DoubleVector t = z.fma(LOG2_E, SHIFTER);
      DoubleVector r = reduced(z, t);
      DoubleVector tail = expTail(r).fma(r.mul(r), r);
      DoubleVector high = ONE.add(tail);
      DoubleVector low = tail.sub(high.sub(ONE));
      DoubleVector scale =
          t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector n = high.mul(scale);
      DoubleVector nLow = low.mul(scale);
      DoubleVector d = ONE.add(n);
      DoubleVector dLow = ONE.sub(d).add(n).add(nLow);
      DoubleVector g = ONE.div(d);
      VectorMask<Double> negative = x.compare(LT, ZERO);
      DoubleVector top = ONE.blend(n, negative);
      DoubleVector topLow = ZERO.blend(nLow, negative);
      DoubleVector y = top.mul(g);
      DoubleVector minus = y.neg();
      DoubleVector c = minus.fma(dLow, minus.fma(d, top)).add(topLow);
      c.fma(g, y).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static final DoubleVector SOFTPLUS_P9 = constant(-0x1.ea3dcf341d3c2p-38);
  private static final DoubleVector SOFTPLUS_P8 = constant(0x1.fb8ea3171552cp-34);
  private static final DoubleVector SOFTPLUS_P7 = constant(-0x1.7a38691f93d77p-30);
  private static final DoubleVector SOFTPLUS_P6 = constant(0x1.0cde9be197a17p-26);
  private static final DoubleVector SOFTPLUS_P5 = constant(-0x1.833aa5495771cp-23);
  private static final DoubleVector SOFTPLUS_P4 = constant(0x1.1ea5c35c0701cp-19);
  private static final DoubleVector SOFTPLUS_P3 = constant(-0x1.ba1ba14b03faep-16);
  private static final DoubleVector SOFTPLUS_P2 = constant(0x1.6c16c16b3a7bep-12);
  private static final DoubleVector SOFTPLUS_P1 = constant(-0x1.55555555547a7p-8);
  private static final DoubleVector SOFTPLUS_P0 = constant(0x1.ffffffffffffbp-4);
  private static final DoubleVector SOFTPLUS_C = constant(0x1.abc9e3b39803fp-56);
  private static final DoubleVector SOFTPLUS_NEAR = constant(0x1.62e42fefa39efp-1);
  private static final DoubleVector SOFTPLUS_Q13 = constant(-0x1.bd6b7549a8e0cp-8);
  private static final DoubleVector SOFTPLUS_Q12 = constant(0x1.aa4eec8ad2ea0p-6);
  private static final DoubleVector SOFTPLUS_Q11 = constant(-0x1.a3fefe1f14179p-5);
  private static final DoubleVector SOFTPLUS_Q10 = constant(0x1.29bae5c21a568p-4);
  private static final DoubleVector SOFTPLUS_Q9 = constant(-0x1.6710204ee3b9cp-4);
  private static final DoubleVector SOFTPLUS_Q8 = constant(0x1.969d2ab9fa0d2p-4);
  private static final DoubleVector SOFTPLUS_Q7 = constant(-0x1.c69e9b4e1887ap-4);
  private static final DoubleVector SOFTPLUS_Q6 = constant(0x1.fff0fac1566bbp-4);
  private static final DoubleVector SOFTPLUS_Q5 = constant(-0x1.2491a62a62a5cp-3);
  private static final DoubleVector SOFTPLUS_Q4 = constant(0x1.55554bd9cefe5p-3);
  private static final DoubleVector SOFTPLUS_Q3 = constant(-0x1.9999993dc3b4ep-3);
  private static final DoubleVector SOFTPLUS_Q2 = constant(0x1.fffffffdeed0cp-3);
  private static final DoubleVector SOFTPLUS_Q1 = constant(-0x1.555555555250ap-2);
  private static final DoubleVector SOFTPLUS_Q0 = constant(0x1.fffffffffffcfp-2);
  private static final DoubleVector SOFTPLUS_C_CUT = constant(-1.0);

  static void softplus(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector z = x.reinterpretAsLongs().or(SIGN).reinterpretAsDoubles();
      DoubleVector u = x.mul(x);
      DoubleVector p =
          SOFTPLUS_P9
              .fma(u, SOFTPLUS_P8)
              .fma(u, SOFTPLUS_P7)
              .fma(u, SOFTPLUS_P6)
              .fma(u, SOFTPLUS_P5)
              .fma(u, SOFTPLUS_P4)
              .fma(u, SOFTPLUS_P3)
              .fma(u, SOFTPLUS_P2)
              .fma(u, SOFTPLUS_P1)
              .fma(u, SOFTPLUS_P0);
      DoubleVector c = p.fma(u, SOFTPLUS_C);
      DoubleVector near = HALF.fma(x, c).add(SOFTPLUS_NEAR);
      DoubleVector clamped = z.blend(EXP_LEAST, z.compare(LT, EXP_LEAST));
      DoubleVector t = clamped.fma(LOG2_E, SHIFTER);
      DoubleVector n = t.sub(SHIFTER);
      DoubleVector r = n.fma(MINUS_LN2_HIGH, clamped);
      r = n.fma(MINUS_LN2_LOW, r);
      DoubleVector tail =
          EXP_11
              .fma(r, EXP_10)
              .fma(r, EXP_9)
              .fma(r, EXP_8)
              .fma(r, EXP_7)
              .fma(r, EXP_6)
              .fma(r, EXP_5)
              .fma(r, EXP_4)
              .fma(r, EXP_3)
              .fma(r, EXP_2)
              .fma(r.mul(r), r);
      DoubleVector high = ONE.add(tail);
      DoubleVector low = tail.sub(high.sub(ONE));
      LongVector m = t.reinterpretAsLongs().sub(SHIFTER_BITS);
      LongVector half = m.lanewise(LSHR, 1);
      DoubleVector first = half.sub(ONE_BIT).lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector second = m.sub(half).sub(ONE_BIT).lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector power = high.mul(first).mul(second);
      DoubleVector powerLow = low.mul(first).mul(second);
      DoubleVector q =
          SOFTPLUS_Q13
              .fma(power, SOFTPLUS_Q12)
              .fma(power, SOFTPLUS_Q11)
              .fma(power, SOFTPLUS_Q10)
              .fma(power, SOFTPLUS_Q9)
              .fma(power, SOFTPLUS_Q8)
              .fma(power, SOFTPLUS_Q7)
              .fma(power, SOFTPLUS_Q6)
              .fma(power, SOFTPLUS_Q5)
              .fma(power, SOFTPLUS_Q4)
              .fma(power, SOFTPLUS_Q3)
              .fma(power, SOFTPLUS_Q2)
              .fma(power, SOFTPLUS_Q1)
              .fma(power, SOFTPLUS_Q0);
      DoubleVector log = power.add(power.mul(power).neg().fma(q, powerLow));
      DoubleVector far = ZERO.blend(x, x.compare(GT, ZERO)).add(log);
      far.blend(near, z.compare(GT, SOFTPLUS_C_CUT)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  static void silu(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector a = negativeAbsolute(x);
      DoubleVector z = a.blend(SIGMOID_LEAST, a.compare(LT, SIGMOID_LEAST));
      DoubleVector t = z.fma(LOG2_E, SHIFTER);
      DoubleVector r = reduced(z, t);
      DoubleVector tail = expTail(r).fma(r.mul(r), r);
      DoubleVector high = ONE.add(tail);
      DoubleVector low = tail.sub(high.sub(ONE));
      DoubleVector scale =
          t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector n = high.mul(scale);
      DoubleVector nLow = low.mul(scale);
      DoubleVector d = ONE.add(n);
      DoubleVector dLow = ONE.sub(d).add(n).add(nLow);
      DoubleVector g = ONE.div(d);
      VectorMask<Double> negative = x.compare(LT, ZERO);
      DoubleVector top = ONE.blend(n, negative);
      DoubleVector topLow = ZERO.blend(nLow, negative);
      DoubleVector quotient = top.mul(g);
      DoubleVector minus = quotient.neg();
      DoubleVector c = minus.fma(dLow, minus.fma(d, top)).add(topLow);
      DoubleVector y = x.mul(c.fma(g, quotient));
      y.blend(MINUS_ZERO, x.compare(LT, SIGMOID_LEAST)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static final DoubleVector GELU_B = constant(37.7);
  private static final DoubleVector GELU_C9 = constant(-0x1.b21da0e3d5186p-34);
  private static final DoubleVector GELU_C8 = constant(0x1.35ff303ecb2b7p-29);
  private static final DoubleVector GELU_C7 = constant(-0x1.62061d9d1850cp-25);
  private static final DoubleVector GELU_C6 = constant(0x1.6589597c623abp-21);
  private static final DoubleVector GELU_C5 = constant(-0x1.3ce8f73f6d2abp-17);
  private static final DoubleVector GELU_C4 = constant(0x1.e42b0d3e389c6p-14);
  private static final DoubleVector GELU_C3 = constant(-0x1.37403f6b7efb7p-10);
  private static final DoubleVector GELU_C2 = constant(0x1.46d0429768dcbp-7);
  private static final DoubleVector GELU_C1 = constant(-0x1.1058377e2ceddp-4);
  private static final DoubleVector GELU_C0 = constant(0x1.9884533d43651p-2);
  private static final DoubleVector GELU_P10 = constant(0x1.041294748c905p-21);
  private static final DoubleVector GELU_P9 = constant(0x1.e84e749842207p-17);
  private static final DoubleVector GELU_P8 = constant(0x1.c492a2e2011d0p-13);
  private static final DoubleVector GELU_P7 = constant(0x1.0ccc1d413436dp-9);
  private static final DoubleVector GELU_P6 = constant(0x1.c18b8415e3fe8p-7);
  private static final DoubleVector GELU_P5 = constant(0x1.1347288bcfd52p-4);
  private static final DoubleVector GELU_P4 = constant(0x1.f32b563275f1cp-3);
  private static final DoubleVector GELU_P3 = constant(0x1.4b22a98c058f9p-1);
  private static final DoubleVector GELU_P2 = constant(0x1.34dfe37205148p+0);
  private static final DoubleVector GELU_P1 = constant(0x1.70f906cba1e3ap+0);
  private static final DoubleVector GELU_P0 = constant(0x1.b40aac0000000p-1);
  private static final DoubleVector GELU_REST9 = constant(0x1.45f3e01c0833fp-20);
  private static final DoubleVector GELU_REST8 = constant(0x1.32002dd189d9cp-15);
  private static final DoubleVector GELU_REST7 = constant(0x1.1a55ae35b7593p-11);
  private static final DoubleVector GELU_REST6 = constant(0x1.4c1b31bfa2d9bp-8);
  private static final DoubleVector GELU_REST5 = constant(0x1.10f27e692ca65p-5);
  private static final DoubleVector GELU_REST4 = constant(0x1.44b3974cd4cc0p-3);
  private static final DoubleVector GELU_REST3 = constant(0x1.1851247f04768p-1);
  private static final DoubleVector GELU_REST2 = constant(0x1.553d23e5a84d1p+0);
  private static final DoubleVector GELU_REST1 = constant(0x1.0dadfb8b570ddp+1);
  private static final DoubleVector GELU_REST0 = constant(0x1.b40aac0000000p+0);
  private static final DoubleVector GELU_LINE = constant(0x1.40d931ff62706p+1);
  private static final DoubleVector GELU_SCALED_CUT = constant(0x1.2ced4c5dd8ab5p+5);
  private static final DoubleVector GELU_Y_CUT = constant(0.625);

  // These polynomials are methods of their own because with them gelu and geluExact would be too
  // long for C1, and HotSpot might then never hand them to C2. The exponential's tail is not
  // expTail there: with it C2's code takes half as long again.

  private static DoubleVector geluC(DoubleVector s) {
    DoubleVector c = GELU_C9.fma(s, GELU_C8).fma(s, GELU_C7).fma(s, GELU_C6).fma(s, GELU_C5);
    return c.fma(s, GELU_C4).fma(s, GELU_C3).fma(s, GELU_C2).fma(s, GELU_C1).fma(s, GELU_C0);
  }

  private static DoubleVector geluP(DoubleVector b) {
    DoubleVector p = GELU_P10.fma(b, GELU_P9).fma(b, GELU_P8).fma(b, GELU_P7).fma(b, GELU_P6);
    p = p.fma(b, GELU_P5).fma(b, GELU_P4).fma(b, GELU_P3);
    return p.fma(b, GELU_P2).fma(b, GELU_P1).fma(b, GELU_P0);
  }

  private static DoubleVector geluRest(DoubleVector b) {
    DoubleVector rest = GELU_REST9.fma(b, GELU_REST8).fma(b, GELU_REST7).fma(b, GELU_REST6);
    rest = rest.fma(b, GELU_REST5).fma(b, GELU_REST4).fma(b, GELU_REST3);
    return rest.fma(b, GELU_REST2).fma(b, GELU_REST1).fma(b, GELU_REST0);
  }

  static void gelu(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector a = x.abs();
      DoubleVector b = a.blend(GELU_B, a.compare(GT, GELU_B));
      DoubleVector s = b.mul(b);
      DoubleVector sLow = b.fma(b, s.neg());
      DoubleVector c = geluC(s);
      DoubleVector near = c.fma(s, HALF.mul(x));
      DoubleVector p = geluP(b);
      DoubleVector rest = geluRest(b);
      DoubleVector line = b.mul(GELU_LINE);
      DoubleVector lineLow = b.fma(GELU_LINE, line.neg());
      DoubleVector d = p.fma(line, rest);
      DoubleVector dLow = p.fma(line, d.neg()).add(rest);
      dLow = p.fma(lineLow, dLow);
      DoubleVector inverse = ONE.div(d);
      DoubleVector e = inverse.neg().fma(d, ONE);
      e = inverse.neg().fma(dLow, e);
      DoubleVector ratio = p.mul(inverse);
      DoubleVector ratioLow = p.fma(inverse, ratio.neg());
      DoubleVector z = MINUS_HALF.mul(s);
      DoubleVector t = z.fma(LOG2_E, SHIFTER);
      DoubleVector n = t.sub(SHIFTER);
      DoubleVector r = n.fma(MINUS_LN2_HIGH, z);
      r = n.fma(MINUS_LN2_LOW, r);
      r = r.add(MINUS_HALF.fma(sLow, e));
      DoubleVector tail =
          EXP_11
              .fma(r, EXP_10)
              .fma(r, EXP_9)
              .fma(r, EXP_8)
              .fma(r, EXP_7)
              .fma(r, EXP_6)
              .fma(r, EXP_5)
              .fma(r, EXP_4)
              .fma(r, EXP_3)
              .fma(r, EXP_2)
              .fma(r.mul(r), r);
      DoubleVector k = ratio.fma(tail, ratioLow);
      DoubleVector scaled =
          b.mul(t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles());
      scaled = scaled.blend(ZERO, a.compare(GT, GELU_SCALED_CUT));
      DoubleVector w = scaled.fma(ratio, scaled.mul(k));
      DoubleVector far = ZERO.blend(x, x.compare(GT, ZERO)).sub(w);
      DoubleVector y = far.blend(near, a.compare(LT, GELU_Y_CUT));
      y.reinterpretAsLongs()
          .or(x.reinterpretAsLongs().and(SIGN))
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static final DoubleVector GELU_TANH_B = constant(0x1.52437f50e919fp+4);
  private static final DoubleVector GELU_C3_2 = constant(0x1.2444f2a4d8b4bp-4);
  private static final DoubleVector GELU_C3_LOW = constant(-0x1.6c843a29d1c70p-61);
  private static final DoubleVector GELU_C1_2 = constant(0x1.9884533d43651p+0);
  private static final DoubleVector GELU_C1_LOW = constant(-0x1.cbc0d30ebfd15p-54);
  private static final DoubleVector GELU_TANH_C_CUT = constant(-0x1.52437f50e919fp+4);

  static void geluTanh(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector a = x.abs();
      DoubleVector b = a.blend(GELU_TANH_B, a.compare(GT, GELU_TANH_B));
      DoubleVector s = b.mul(b);
      DoubleVector sLow = b.fma(b, s.neg());
      DoubleVector m = s.mul(GELU_C3_2);
      DoubleVector mLow = s.fma(GELU_C3_2, m.neg());
      mLow = sLow.fma(GELU_C3_2, mLow);
      mLow = s.fma(GELU_C3_LOW, mLow);
      DoubleVector k = GELU_C1_2.add(m);
      DoubleVector part = k.sub(GELU_C1_2);
      DoubleVector kLow = GELU_C1_2.sub(k.sub(part)).add(m.sub(part));
      kLow = kLow.add(mLow.add(GELU_C1_LOW));
      DoubleVector z = b.mul(k).neg();
      DoubleVector zLow = b.neg().fma(k, z.neg());
      zLow = b.neg().fma(kLow, zLow);
      DoubleVector t = z.fma(LOG2_E, SHIFTER);
      DoubleVector n = t.sub(SHIFTER);
      DoubleVector r = n.fma(MINUS_LN2_HIGH, z);
      r = n.fma(MINUS_LN2_LOW, r);
      r = r.add(zLow);
      DoubleVector tail =
          EXP_11
              .fma(r, EXP_10)
              .fma(r, EXP_9)
              .fma(r, EXP_8)
              .fma(r, EXP_7)
              .fma(r, EXP_6)
              .fma(r, EXP_5)
              .fma(r, EXP_4)
              .fma(r, EXP_3)
              .fma(r, EXP_2)
              .fma(r.mul(r), r);
      DoubleVector high = ONE.add(tail);
      DoubleVector low = tail.sub(high.sub(ONE));
      DoubleVector scale =
          t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles();
      DoubleVector power = high.mul(scale);
      DoubleVector powerLow = low.mul(scale);
      DoubleVector d = ONE.add(power);
      DoubleVector dLow = ONE.sub(d).add(power).add(powerLow);
      DoubleVector g = ONE.div(d);
      DoubleVector top = ONE.blend(power, x.compare(LT, ZERO));
      DoubleVector topLow = ZERO.blend(powerLow, x.compare(LT, ZERO));
      DoubleVector quotient = top.mul(g);
      DoubleVector c = quotient.neg().fma(d, top);
      c = quotient.neg().fma(dLow, c);
      c = c.add(topLow);
      DoubleVector y = x.mul(c.fma(g, quotient));
      y.blend(MINUS_ZERO, x.compare(LT, GELU_TANH_C_CUT)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static final DoubleVector LECUN_S10 = constant(-0x1.4a05ab52efed0p-29);
  private static final DoubleVector LECUN_S9 = constant(0x1.be6e04dbbfd5dp-26);
  private static final DoubleVector LECUN_S8 = constant(-0x1.74c398cd6c3b2p-23);
  private static final DoubleVector LECUN_S7 = constant(0x1.0d7a95479cfacp-20);
  private static final DoubleVector LECUN_S6 = constant(-0x1.78e88fda493f8p-18);
  private static final DoubleVector LECUN_S5 = constant(0x1.063accf1d914dp-15);
  private static final DoubleVector LECUN_S4 = constant(-0x1.6cb1f507def84p-13);
  private static final DoubleVector LECUN_S3 = constant(0x1.fb3001892db12p-11);
  private static final DoubleVector LECUN_S2 = constant(-0x1.60b846c5434c3p-8);
  private static final DoubleVector LECUN_S1 = constant(0x1.eb289d365b6a7p-6);
  private static final DoubleVector LECUN_S0 = constant(-0x1.5a09a3b5a43cep-3);
  private static final DoubleVector LECUN_P = constant(0x1.248dd89b37289p+0);
  private static final DoubleVector LECUN_P_LOW = constant(-0x1.3187cce87b7f0p-56);
  private static final DoubleVector LECUN_B = constant(28.7);
  private static final DoubleVector LECUN_Z = constant(0x1.54fdf3b645a1dp+0);
  private static final DoubleVector LECUN_FAR = constant(0x1.b74538ef34d6ap+0);
  private static final DoubleVector LECUN_FAR_2 = constant(0x1.b74538ef34d6ap+1);
  private static final DoubleVector LECUN_Y_CUT = constant(0.9375);

  static void lecunTanh(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      DoubleVector a = x.abs();
      DoubleVector u = a.mul(a);
      DoubleVector s =
          LECUN_S10
              .fma(u, LECUN_S9)
              .fma(u, LECUN_S8)
              .fma(u, LECUN_S7)
              .fma(u, LECUN_S6)
              .fma(u, LECUN_S5)
              .fma(u, LECUN_S4)
              .fma(u, LECUN_S3)
              .fma(u, LECUN_S2)
              .fma(u, LECUN_S1)
              .fma(u, LECUN_S0);
      DoubleVector p = a.mul(LECUN_P);
      DoubleVector pLow = a.fma(LECUN_P, p.neg());
      pLow = a.fma(LECUN_P_LOW, pLow);
      DoubleVector near = s.fma(a.mul(u), pLow).add(p);
      DoubleVector b = a.blend(LECUN_B, a.compare(GT, LECUN_B));
      DoubleVector z = b.mul(LECUN_Z);
      DoubleVector zLow = b.fma(LECUN_Z, z.neg());
      DoubleVector t = z.fma(LOG2_E, SHIFTER);
      DoubleVector n = t.sub(SHIFTER);
      DoubleVector r = n.fma(MINUS_LN2_HIGH, z);
      r = n.fma(MINUS_LN2_LOW, r);
      r = r.add(zLow);
      DoubleVector e =
          EXP_11
              .fma(r, EXP_10)
              .fma(r, EXP_9)
              .fma(r, EXP_8)
              .fma(r, EXP_7)
              .fma(r, EXP_6)
              .fma(r, EXP_5)
              .fma(r, EXP_4)
              .fma(r, EXP_3)
              .fma(r, EXP_2)
              .fma(r, ONE);
      e = e.fma(r, ONE);
      e =
          e.reinterpretAsLongs()
              .add(t.reinterpretAsLongs().lanewise(LSHL, 52))
              .reinterpretAsDoubles();
      DoubleVector far = LECUN_FAR.sub(LECUN_FAR_2.div(e.add(ONE)));
      DoubleVector y = near.blend(far, a.compare(GE, LECUN_Y_CUT));
      y.reinterpretAsLongs()
          .or(x.reinterpretAsLongs().and(SIGN))
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  static void relu(long from, long to, int size) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < size; i += LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
      x.blend(ZERO, x.compare(LT, ZERO)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

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

  static void tanhExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector z = x.blend(RATIONAL_LEAST, x.compare(LT, RATIONAL_LEAST));
        z = z.blend(RATIONAL_MOST, z.compare(GT, RATIONAL_MOST));
        DoubleVector u = z.mul(z);
        DoubleVector u2 = u.mul(u);
        DoubleVector u4 = u2.mul(u2);
        DoubleVector n03 = u2.fma(u.fma(N3, N2), u.fma(N1, ONE));
        DoubleVector n47 = u2.fma(u.fma(N7, N6), u.fma(N5, N4));
        DoubleVector d03 = u2.fma(u.fma(D3, D2), u.fma(D1, ONE));
        DoubleVector d47 = u2.fma(u.fma(D7, D6), u.fma(D5, D4));
        FloatVector result =
            (FloatVector)
                z.mul(u4.fma(n47, n03)).div(u4.fma(d47, d03)).convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
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
  private static final DoubleVector FLOAT_LEAST = constant(-104.0);
  private static final DoubleVector FLOAT_MOST = constant(89.0);

  private static DoubleVector expDegree12(DoubleVector z) {
    DoubleVector t = z.fma(LOG2_E, SHIFTER);
    DoubleVector r = reduced(z, t);
    DoubleVector p = DEGREE_12.fma(r, DEGREE_11).fma(r, DEGREE_10).fma(r, DEGREE_9);
    p = p.fma(r, DEGREE_8).fma(r, DEGREE_7).fma(r, DEGREE_6).fma(r, DEGREE_5);
    p = p.fma(r, DEGREE_4).fma(r, DEGREE_3).fma(r, HALF).fma(r, ONE).fma(r, ONE);
    return scaleNormal(p, t);
  }

  static void expExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector z = x.blend(FLOAT_LEAST, x.compare(LT, FLOAT_LEAST));
        FloatVector result =
            (FloatVector)
                expDegree12(z.blend(FLOAT_MOST, z.compare(GT, FLOAT_MOST)))
                    .convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void sigmoidExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector a = negativeAbsolute(x);
        DoubleVector e = expDegree12(a.blend(FLOAT_LEAST, a.compare(LT, FLOAT_LEAST)));
        FloatVector result =
            (FloatVector)
                ONE.blend(e, x.compare(LT, ZERO)).div(e.add(ONE)).convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final DoubleVector SOFTPLUS_EXACT_C = constant(0x1.7p-54);

  static void softplusExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector z = x.reinterpretAsLongs().or(SIGN).reinterpretAsDoubles();
        DoubleVector u = x.mul(x);
        DoubleVector p =
            SOFTPLUS_P9
                .fma(u, SOFTPLUS_P8)
                .fma(u, SOFTPLUS_P7)
                .fma(u, SOFTPLUS_P6)
                .fma(u, SOFTPLUS_P5)
                .fma(u, SOFTPLUS_P4)
                .fma(u, SOFTPLUS_P3)
                .fma(u, SOFTPLUS_P2)
                .fma(u, SOFTPLUS_P1)
                .fma(u, SOFTPLUS_P0);
        DoubleVector c = p.fma(u, SOFTPLUS_EXACT_C);
        DoubleVector near = HALF.fma(x, c).add(SOFTPLUS_NEAR);
        DoubleVector clamped = z.blend(FLOAT_LEAST, z.compare(LT, FLOAT_LEAST));
        DoubleVector t = clamped.fma(LOG2_E, SHIFTER);
        DoubleVector n = t.sub(SHIFTER);
        DoubleVector r = n.fma(MINUS_LN2_HIGH, clamped);
        r = n.fma(MINUS_LN2_LOW, r);
        DoubleVector tail =
            EXP_11
                .fma(r, EXP_10)
                .fma(r, EXP_9)
                .fma(r, EXP_8)
                .fma(r, EXP_7)
                .fma(r, EXP_6)
                .fma(r, EXP_5)
                .fma(r, EXP_4)
                .fma(r, EXP_3)
                .fma(r, EXP_2)
                .fma(r.mul(r), r);
        DoubleVector high = ONE.add(tail);
        DoubleVector low = tail.sub(high.sub(ONE));
        DoubleVector scale =
            t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles();
        DoubleVector power = high.mul(scale);
        DoubleVector powerLow = low.mul(scale);
        DoubleVector q =
            SOFTPLUS_Q13
                .fma(power, SOFTPLUS_Q12)
                .fma(power, SOFTPLUS_Q11)
                .fma(power, SOFTPLUS_Q10)
                .fma(power, SOFTPLUS_Q9)
                .fma(power, SOFTPLUS_Q8)
                .fma(power, SOFTPLUS_Q7)
                .fma(power, SOFTPLUS_Q6)
                .fma(power, SOFTPLUS_Q5)
                .fma(power, SOFTPLUS_Q4)
                .fma(power, SOFTPLUS_Q3)
                .fma(power, SOFTPLUS_Q2)
                .fma(power, SOFTPLUS_Q1)
                .fma(power, SOFTPLUS_Q0);
        DoubleVector log = power.add(power.mul(power).neg().fma(q, powerLow));
        DoubleVector far = ZERO.blend(x, x.compare(GT, ZERO)).add(log);
        FloatVector result =
            (FloatVector)
                far.blend(near, z.compare(GT, SOFTPLUS_C_CUT)).convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final DoubleVector SILU_EXACT_CLAMPED = constant(-120.0);
  private static final DoubleVector SILU_EXACT_Z = constant(-0x1p-40);

  static void siluExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector clamped = x.blend(SILU_EXACT_CLAMPED, x.compare(LT, SILU_EXACT_CLAMPED));
        DoubleVector z = clamped.reinterpretAsLongs().or(SIGN).reinterpretAsDoubles();
        z = z.blend(SILU_EXACT_CLAMPED, z.compare(LT, SILU_EXACT_CLAMPED));
        z = z.blend(SILU_EXACT_Z, z.compare(GT, SILU_EXACT_Z));
        DoubleVector zlIn = ZERO;
        DoubleVector t = z.fma(LOG2_E, SHIFTER);
        DoubleVector n = t.sub(SHIFTER);
        DoubleVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        r = r.add(zlIn);
        DoubleVector tail =
            EXP_11
                .fma(r, EXP_10)
                .fma(r, EXP_9)
                .fma(r, EXP_8)
                .fma(r, EXP_7)
                .fma(r, EXP_6)
                .fma(r, EXP_5)
                .fma(r, EXP_4)
                .fma(r, EXP_3)
                .fma(r, EXP_2)
                .fma(r.mul(r), r);
        DoubleVector high = ONE.add(tail);
        DoubleVector low = tail.sub(high.sub(ONE));
        DoubleVector scale =
            t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles();
        DoubleVector power = high.mul(scale);
        DoubleVector powerLow = low.mul(scale);
        DoubleVector d = ONE.add(power);
        DoubleVector dLow = ONE.sub(d).add(power).add(powerLow);
        DoubleVector g = ONE.div(d);
        DoubleVector top = ONE.blend(power, x.compare(LT, ZERO));
        DoubleVector topLow = ZERO.blend(powerLow, x.compare(LT, ZERO));
        DoubleVector quotient = top.mul(g);
        DoubleVector c = quotient.neg().fma(d, top);
        c = quotient.neg().fma(dLow, c);
        c = c.add(topLow);
        FloatVector result =
            (FloatVector) clamped.mul(c.fma(g, quotient)).convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final DoubleVector GELU_EXACT_B = constant(14.75);
  private static final DoubleVector GELU_EXACT_PRODUCT = constant(0x1p-42);
  private static final DoubleVector GELU_EXACT_PRODUCT_CUT = constant(0x1p-40);

  static void geluExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector a = x.abs();
        DoubleVector b = a.blend(GELU_EXACT_B, a.compare(GT, GELU_EXACT_B));
        DoubleVector s = b.mul(b);
        DoubleVector sLow = b.fma(b, s.neg());
        DoubleVector c = geluC(s);
        DoubleVector product =
            c.mul(b).blend(GELU_EXACT_PRODUCT, a.compare(LT, GELU_EXACT_PRODUCT_CUT));
        DoubleVector near = product.fma(b, HALF.mul(x));
        DoubleVector p = geluP(b);
        DoubleVector rest = geluRest(b);
        DoubleVector line = b.mul(GELU_LINE);
        DoubleVector lineLow = b.fma(GELU_LINE, line.neg());
        DoubleVector d = p.fma(line, rest);
        DoubleVector dLow = p.fma(line, d.neg()).add(rest);
        dLow = p.fma(lineLow, dLow);
        DoubleVector inverse = ONE.div(d);
        DoubleVector e = inverse.neg().fma(d, ONE);
        e = inverse.neg().fma(dLow, e);
        DoubleVector ratio = p.mul(inverse);
        DoubleVector ratioLow = p.fma(inverse, ratio.neg());
        DoubleVector z = MINUS_HALF.mul(s);
        DoubleVector t = z.fma(LOG2_E, SHIFTER);
        DoubleVector n = t.sub(SHIFTER);
        DoubleVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        r = r.add(MINUS_HALF.fma(sLow, e));
        DoubleVector tail =
            EXP_11
                .fma(r, EXP_10)
                .fma(r, EXP_9)
                .fma(r, EXP_8)
                .fma(r, EXP_7)
                .fma(r, EXP_6)
                .fma(r, EXP_5)
                .fma(r, EXP_4)
                .fma(r, EXP_3)
                .fma(r, EXP_2)
                .fma(r.mul(r), r);
        DoubleVector k = ratio.fma(tail, ratioLow);
        DoubleVector scaled =
            b.mul(t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles());
        DoubleVector w = scaled.fma(ratio, scaled.mul(k));
        DoubleVector far = ZERO.blend(x, x.compare(GT, ZERO)).sub(w);
        DoubleVector y = far.blend(near, a.compare(LT, GELU_Y_CUT));
        FloatVector result =
            (FloatVector) x.blend(y, a.compare(GT, ZERO)).convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  private static final DoubleVector GELU_TANH_EXACT_B = constant(11.5);
  private static final DoubleVector GELU_TANH_EXACT_CLAMPED = constant(-11.5);

  static void geluTanhExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector a = x.abs();
        DoubleVector b = a.blend(GELU_TANH_EXACT_B, a.compare(GT, GELU_TANH_EXACT_B));
        b = b.blend(GELU_EXACT_PRODUCT_CUT, b.compare(LT, GELU_EXACT_PRODUCT_CUT));
        DoubleVector s = b.mul(b);
        DoubleVector sLow = b.fma(b, s.neg());
        DoubleVector m = s.mul(GELU_C3_2);
        DoubleVector mLow = s.fma(GELU_C3_2, m.neg());
        mLow = sLow.fma(GELU_C3_2, mLow);
        mLow = s.fma(GELU_C3_LOW, mLow);
        DoubleVector k = GELU_C1_2.add(m);
        DoubleVector part = k.sub(GELU_C1_2);
        DoubleVector kLow = GELU_C1_2.sub(k.sub(part)).add(m.sub(part));
        kLow = kLow.add(mLow.add(GELU_C1_LOW));
        DoubleVector z = b.mul(k).neg();
        DoubleVector zLow = b.neg().fma(k, z.neg());
        zLow = b.neg().fma(kLow, zLow);
        DoubleVector clamped =
            x.blend(GELU_TANH_EXACT_CLAMPED, x.compare(LT, GELU_TANH_EXACT_CLAMPED));
        DoubleVector t = z.fma(LOG2_E, SHIFTER);
        DoubleVector n = t.sub(SHIFTER);
        DoubleVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        r = r.add(zLow);
        DoubleVector tail =
            EXP_11
                .fma(r, EXP_10)
                .fma(r, EXP_9)
                .fma(r, EXP_8)
                .fma(r, EXP_7)
                .fma(r, EXP_6)
                .fma(r, EXP_5)
                .fma(r, EXP_4)
                .fma(r, EXP_3)
                .fma(r, EXP_2)
                .fma(r.mul(r), r);
        DoubleVector high = ONE.add(tail);
        DoubleVector low = tail.sub(high.sub(ONE));
        DoubleVector scale =
            t.reinterpretAsLongs().add(BIAS).lanewise(LSHL, 52).reinterpretAsDoubles();
        DoubleVector power = high.mul(scale);
        DoubleVector powerLow = low.mul(scale);
        DoubleVector d = ONE.add(power);
        DoubleVector dLow = ONE.sub(d).add(power).add(powerLow);
        DoubleVector g = ONE.div(d);
        DoubleVector top = ONE.blend(power, x.compare(LT, ZERO));
        DoubleVector topLow = ZERO.blend(powerLow, x.compare(LT, ZERO));
        DoubleVector quotient = top.mul(g);
        DoubleVector c = quotient.neg().fma(d, top);
        c = quotient.neg().fma(dLow, c);
        c = c.add(topLow);
        FloatVector result =
            (FloatVector) clamped.mul(c.fma(g, quotient)).convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }

  static void lecunTanhExact(long from, long to, long stride, int rows, int width) {
    from &= ADDRESS;
    to &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
        FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);
        DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);
        DoubleVector a = x.abs();
        DoubleVector u = a.mul(a);
        DoubleVector s =
            LECUN_S10
                .fma(u, LECUN_S9)
                .fma(u, LECUN_S8)
                .fma(u, LECUN_S7)
                .fma(u, LECUN_S6)
                .fma(u, LECUN_S5)
                .fma(u, LECUN_S4)
                .fma(u, LECUN_S3)
                .fma(u, LECUN_S2)
                .fma(u, LECUN_S1)
                .fma(u, LECUN_S0);
        DoubleVector p = a.mul(LECUN_P);
        DoubleVector pLow = a.fma(LECUN_P, p.neg());
        pLow = a.fma(LECUN_P_LOW, pLow);
        DoubleVector inner = s.fma(a.mul(u), pLow);
        DoubleVector rounded = inner.add(p);
        DoubleVector rest = inner.sub(rounded.sub(p));
        LongVector odd = rounded.reinterpretAsLongs();
        odd = odd.blend(odd.sub(ONE_BIT), rest.compare(LT, ZERO).cast(LONGS));
        odd = odd.blend(odd.or(ONE_BIT), rest.compare(NE, ZERO).cast(LONGS));
        DoubleVector near = odd.reinterpretAsDoubles();
        DoubleVector b = a.blend(LECUN_B, a.compare(GT, LECUN_B));
        DoubleVector z = b.mul(LECUN_Z);
        DoubleVector zLow = b.fma(LECUN_Z, z.neg());
        DoubleVector t = z.fma(LOG2_E, SHIFTER);
        DoubleVector n = t.sub(SHIFTER);
        DoubleVector r = n.fma(MINUS_LN2_HIGH, z);
        r = n.fma(MINUS_LN2_LOW, r);
        r = r.add(zLow);
        DoubleVector e =
            EXP_11
                .fma(r, EXP_10)
                .fma(r, EXP_9)
                .fma(r, EXP_8)
                .fma(r, EXP_7)
                .fma(r, EXP_6)
                .fma(r, EXP_5)
                .fma(r, EXP_4)
                .fma(r, EXP_3)
                .fma(r, EXP_2)
                .fma(r, ONE);
        e = e.fma(r, ONE);
        e =
            e.reinterpretAsLongs()
                .add(t.reinterpretAsLongs().lanewise(LSHL, 52))
                .reinterpretAsDoubles();
        DoubleVector far = LECUN_FAR.sub(LECUN_FAR_2.div(e.add(ONE)));
        DoubleVector y = near.blend(far, a.compare(GE, LECUN_Y_CUT));
        FloatVector result =
            (FloatVector)
                y.reinterpretAsLongs()
                    .or(x.reinterpretAsLongs().and(SIGN))
                    .reinterpretAsDoubles()
                    .convertShape(D2F, HALF_FLOATS, 0);
        result.intoMemorySegment(ALL, to + at, ORDER);
      }
    }
  }
}
