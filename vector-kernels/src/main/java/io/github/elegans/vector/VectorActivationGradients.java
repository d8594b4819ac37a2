package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.kernels.math.ScalarActivationGradients;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Derivatives of the elementwise functions: the operations of {@link ScalarActivationGradients}.
 * What contains a sigmoid or a gelu goes through a part of the array twice, first by {@link
 * VectorFloats}; the part stays in the first cache.
 */
final class VectorActivationGradients implements ActivationGradientKernels {
  /** Elements that the passes go through together. */
  private static final int PART = 2048;

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static final FloatVector ZERO = constant(0);
  private static final FloatVector FLUSH = constant(PanelLayout.FLUSH);
  private static final FloatVector ONE = constant(1);
  private static final FloatVector HALF = constant(0.5f);
  private static final FloatVector MINUS_HALF = constant(-0.5f);
  private static final FloatVector LECUN_SLOPE = constant((float) (1.7159 * 0.666));
  private static final FloatVector LECUN_FALL = constant((float) (0.666 / 1.7159));
  private static final FloatVector LINEAR = constant(20);
  private static final FloatVector SILU_MOST = constant(104);
  private static final FloatVector SILU_LEAST = constant(-104);
  private static final FloatVector GELU_MOST = constant(13);
  private static final FloatVector GELU_LEAST = constant(-13);
  private static final FloatVector CENTRE = constant(0x1p-24f);
  private static final FloatVector DENSITY = constant(0.3989422804f);
  private static final FloatVector U_1 = constant(1.595769122f);
  private static final FloatVector U_3 = constant(0.0713548163f);
  private static final FloatVector SLOPE_2 = constant(0.2140644489f);

  @Override
  public void gradient(Activation function, MemorySegment z, MemorySegment d, long n) {
    long from = z.address();
    long to = d.address();
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += PART) {
      part(function, from + 4 * i, to + 4 * i, (int) Math.min(whole - i, PART) * Float.BYTES);
    }
    for (long i = whole; i < n; i++) {
      Vectors.set(
          to + 4 * i, ScalarActivationGradients.gradient(function, Vectors.get(from + 4 * i)));
    }
  }

  /** Derivatives stand in memory of the thread's meanwhile. */
  @Override
  public void backward(Activation function, MemorySegment z, MemorySegment dy, long n) {
    long from = z.address();
    long to = dy.address();
    long d = Staging.scratch(PART * Float.BYTES).address();
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += PART) {
      int bytes = (int) Math.min(whole - i, PART) * Float.BYTES;
      part(function, from + 4 * i, d, bytes);
      multiply(d, to + 4 * i, bytes);
    }
    for (long i = whole; i < n; i++) {
      float factor = ScalarActivationGradients.gradient(function, Vectors.get(from + 4 * i));
      Vectors.set(to + 4 * i, PanelLayout.flush(Vectors.get(to + 4 * i) * factor));
    }
  }

  private static void multiply(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector factor = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, to + at, ORDER);
      FloatVector product = y.mul(factor);
      product.blend(ZERO, product.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** So many bytes. */
  private static void part(Activation function, long from, long to, int bytes) {
    int vectors = bytes / BYTES;
    switch (function) {
      case LINEAR -> linear(to, bytes);
      case EXP -> VectorFloats.linear(from, to, BYTES, vectors, BYTES);
      case TANH -> tanh(from, to, bytes);
      case LECUN_TANH -> lecunTanh(from, to, bytes);
      case SIGMOID -> sigmoid(from, to, bytes);
      case RELU -> relu(from, to, bytes);
      case SILU -> {
        siluArgument(from, to, bytes);
        VectorFloats.sigmoidAccurate(to, to, BYTES, vectors, BYTES);
        silu(from, to, bytes);
      }
      case GELU -> {
        bound(from, to, bytes);
        VectorFloats.geluAccurate(to, to, BYTES, vectors, BYTES);
        gelu(from, to, bytes);
      }
      case GELU_TANH -> {
        geluTanhArgument(from, to, bytes);
        VectorFloats.sigmoidAccurate(to, to, BYTES, vectors, BYTES);
        geluTanh(from, to, bytes);
      }
      case SOFTPLUS -> {
        VectorFloats.sigmoidAccurate(from, to, BYTES, vectors, BYTES);
        softplus(from, to, bytes);
      }
    }
  }

  private static void linear(long to, int bytes) {
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      ONE.intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void tanh(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      y.neg().fma(y, ONE).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void lecunTanh(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      LECUN_FALL.mul(y).neg().fma(y, LECUN_SLOPE).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void sigmoid(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      y.neg().fma(y, y).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void relu(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      ZERO.blend(ONE, y.compare(GT, ZERO)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** -|x|. */
  private static void siluArgument(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector x = z.blend(SILU_LEAST, z.compare(LT, SILU_LEAST));
      x = x.blend(SILU_MOST, x.compare(GT, SILU_MOST));
      x.abs().neg().intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** From σ(-|x|) in place. */
  private static void silu(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector t = FloatVector.fromMemorySegment(FLOATS, ALL, to + at, ORDER);
      FloatVector x = z.blend(SILU_LEAST, z.compare(LT, SILU_LEAST));
      x = x.blend(SILU_MOST, x.compare(GT, SILU_MOST));
      FloatVector rest = ONE.sub(t);
      x.fma(t.mul(rest), rest.blend(t, x.compare(LT, ZERO))).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** From σ(x) in place. */
  private static void softplus(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, to + at, ORDER);
      s.blend(ONE, z.compare(GT, LINEAR)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void bound(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector x = z.blend(GELU_LEAST, z.compare(LT, GELU_LEAST));
      x.blend(GELU_MOST, x.compare(GT, GELU_MOST)).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** From gelu(x) in place. */
  private static void gelu(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, to + at, ORDER);
      FloatVector x = z.blend(GELU_LEAST, z.compare(LT, GELU_LEAST));
      x = x.blend(GELU_MOST, x.compare(GT, GELU_MOST));
      FloatVector distribution = y.div(x).blend(HALF, x.abs().compare(LT, CENTRE));
      // The exponential of a number whose power of two is a normal one: in one factor, as in two.
      FloatVector h = MINUS_HALF.mul(x.mul(x));
      FloatVector t = h.fma(VectorFloats.LOG2_E, VectorFloats.SHIFTER);
      FloatVector n = t.sub(VectorFloats.SHIFTER);
      FloatVector r = n.fma(VectorFloats.MINUS_LN2_LOW, n.fma(VectorFloats.MINUS_LN2_HIGH, h));
      FloatVector p = VectorFloats.EXP_4.fma(r, VectorFloats.EXP_3).fma(r, VectorFloats.EXP_2);
      p = p.fma(r, VectorFloats.EXP_1).fma(r, VectorFloats.EXP_0).fma(r, ONE).fma(r, ONE);
      FloatVector e =
          p.reinterpretAsInts().add(t.reinterpretAsInts().lanewise(LSHL, 23)).reinterpretAsFloats();
      x.fma(e.mul(DENSITY), distribution).intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** -|u|. */
  private static void geluTanhArgument(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector x = z.blend(GELU_LEAST, z.compare(LT, GELU_LEAST));
      x = x.blend(GELU_MOST, x.compare(GT, GELU_MOST));
      x.mul(x.mul(x).fma(U_3, U_1)).abs().neg().intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** From σ(-|u|) in place. */
  private static void geluTanh(long from, long to, int bytes) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);
      FloatVector t = FloatVector.fromMemorySegment(FLOATS, ALL, to + at, ORDER);
      FloatVector x = z.blend(GELU_LEAST, z.compare(LT, GELU_LEAST));
      x = x.blend(GELU_MOST, x.compare(GT, GELU_MOST));
      FloatVector slope = x.mul(x).fma(SLOPE_2, U_1);
      FloatVector rest = ONE.sub(t);
      x.mul(slope)
          .fma(t.mul(rest), rest.blend(t, x.compare(LT, ZERO)))
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
