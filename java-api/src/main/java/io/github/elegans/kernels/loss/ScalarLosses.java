package io.github.elegans.kernels.loss;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import io.github.elegans.kernels.math.ScalarFloats;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Losses by definition: elements in float32, their sums in double. Comparisons are written so that
 * NaN falls through to the arithmetic.
 */
public final class ScalarLosses implements LossKernels {
  ScalarLosses() {}

  @Override
  public void loss(
      Loss loss,
      double parameter,
      MemorySegment out,
      long outStride,
      MemorySegment targets,
      long targetStride,
      @Nullable MemorySegment weights,
      int width,
      int rows,
      float scale,
      MemorySegment gradient,
      MemorySegment losses) {
    for (long row = 0; row < rows; row++) {
      long at = row * outStride;
      double sum =
          loss == Loss.CROSS_ENTROPY
              ? crossEntropy(
                  parameter,
                  out,
                  FloatSegments.get(targets, row * targetStride),
                  weights,
                  width,
                  scale,
                  gradient,
                  at)
              : elements(
                  loss,
                  (float) parameter,
                  out,
                  targets,
                  row * targetStride,
                  weights,
                  width,
                  scale,
                  gradient,
                  at);
      losses.set(JAVA_DOUBLE_UNALIGNED, row * Double.BYTES, sum);
    }
  }

  private static float weight(@Nullable MemorySegment weights, long at) {
    return weights == null ? 1 : FloatSegments.get(weights, at);
  }

  private static double elements(
      Loss loss,
      float parameter,
      MemorySegment out,
      MemorySegment targets,
      long targetAt,
      @Nullable MemorySegment weights,
      int width,
      float scale,
      MemorySegment gradient,
      long at) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      float o = FloatSegments.get(out, at + j);
      float y = FloatSegments.get(targets, targetAt + j);
      float weight = weight(weights, targetAt + j);
      sum += weight * value(loss, parameter, o, y);
      FloatSegments.set(gradient, at + j, weight * slope(loss, parameter, o, y) * scale);
    }
    return sum;
  }

  private static float value(Loss loss, float parameter, float o, float y) {
    float d = o - y;
    return switch (loss) {
      case MEAN_SQUARED_ERROR -> d * d;
      case MEAN_ABSOLUTE_ERROR -> Math.abs(d);
      case HUBER ->
          Math.abs(d) > parameter ? parameter * (Math.abs(d) - 0.5f * parameter) : 0.5f * (d * d);
      case BINARY_CROSS_ENTROPY -> binary(parameter, o, y);
      case CROSS_ENTROPY -> throw new IllegalArgumentException("not elementwise");
    };
  }

  private static float slope(Loss loss, float parameter, float o, float y) {
    float d = o - y;
    return switch (loss) {
      case MEAN_SQUARED_ERROR -> d + d;
      case MEAN_ABSOLUTE_ERROR -> sign(d);
      case HUBER -> Math.abs(d) > parameter ? (d < 0 ? -parameter : parameter) : d;
      case BINARY_CROSS_ENTROPY -> binarySlope(parameter, o, y);
      case CROSS_ENTROPY -> throw new IllegalArgumentException("not elementwise");
    };
  }

  /** Of a zero itself. */
  private static float sign(float d) {
    float negative = d < 0 ? -1 : d;
    return d > 0 ? 1 : negative;
  }

  /** (1 - y) softplus(o) + P y softplus(-o), with the logarithm from the smaller of both. */
  private static float binary(float positive, float o, float y) {
    float log = ScalarFloats.softplusAccurate(-Math.abs(o));
    float above = o > 0 ? o : 0;
    float below = o < 0 ? -o : 0;
    return Math.fma(1 - y, above + log, positive * y * (below + log));
  }

  /** (1 - y) σ(o) - P y σ(-o), accurate at both ends. */
  private static float binarySlope(float positive, float o, float y) {
    float small = ScalarFloats.sigmoidAccurate(-Math.abs(o));
    float rest = 1 - small;
    float up = o < 0 ? small : rest;
    float down = o < 0 ? rest : small;
    return Math.fma(1 - y, up, -(positive * y * down));
  }

  /**
   * Σ share (ln Σ e^o - o), where an output's share is weight · (smoothing / width), and that of
   * the class weight · (1 - smoothing) more.
   */
  private static double crossEntropy(
      double smoothing,
      MemorySegment out,
      float target,
      @Nullable MemorySegment weights,
      int width,
      float scale,
      MemorySegment gradient,
      long at) {
    int label = label(target, width);
    if (label < 0) {
      for (int j = 0; j < width; j++) {
        FloatSegments.set(gradient, at + j, 0);
      }
      return 0;
    }
    float spread = (float) (smoothing / width);
    float own = (float) (1 - smoothing) * weight(weights, label);
    float most = FloatSegments.get(out, at);
    for (int j = 1; j < width; j++) {
      float o = FloatSegments.get(out, at + j);
      most = o > most ? o : most;
    }
    double sum = 0;
    double shares = 0;
    for (int j = 0; j < width; j++) {
      sum += ScalarFloats.expAccurate(FloatSegments.get(out, at + j) - most);
      shares += share(spread, own, weights, label, j);
    }
    float inverse = (float) (1 / sum);
    float total = (float) shares;
    double log = logarithm(sum);
    double loss = 0;
    for (int j = 0; j < width; j++) {
      float o = FloatSegments.get(out, at + j);
      float share = share(spread, own, weights, label, j);
      if (share != 0) {
        loss += share * (log + ((double) most - o));
      }
      float probability = ScalarFloats.expAccurate(o - most) * inverse;
      FloatSegments.set(gradient, at + j, Math.fma(total, probability, -share) * scale);
    }
    return loss;
  }

  private static float share(
      float spread, float own, @Nullable MemorySegment weights, int label, int j) {
    float share = spread * weight(weights, j);
    return j == label ? share + own : share;
  }

  /** The number of a class, or -1 for what is none. */
  public static int label(float target, int width) {
    return target >= 0 && target < width ? (int) target : -1;
  }

  private static final long FRACTION = (1L << 52) - 1;
  private static final long ONE = 1023L << 52;

  /**
   * ln x for a normal x: x = 2ᵏ f with f around 1, and ln f = 2 artanh((f - 1) / (f + 1)) by its
   * series, whose next term is below 2⁻⁵³. At most 3 ulp.
   */
  public static double logarithm(double x) {
    if (!(x < Double.POSITIVE_INFINITY)) {
      return x;
    }
    long bits = Double.doubleToRawLongBits(x);
    double k = (bits >> 52) - 1023;
    double f = Double.longBitsToDouble((bits & FRACTION) | ONE);
    if (f > 0x1.6a09e667f3bcdp0) {
      f *= 0.5;
      k += 1;
    }
    double z = (f - 1) / (f + 1);
    double s = z * z;
    double p = Math.fma(s, 2.0 / 21, 2.0 / 19);
    p = Math.fma(s, p, 2.0 / 17);
    p = Math.fma(s, p, 2.0 / 15);
    p = Math.fma(s, p, 2.0 / 13);
    p = Math.fma(s, p, 2.0 / 11);
    p = Math.fma(s, p, 2.0 / 9);
    p = Math.fma(s, p, 2.0 / 7);
    p = Math.fma(s, p, 2.0 / 5);
    p = Math.fma(s, p, 2.0 / 3);
    return Math.fma(k, 0x1.62e42fefa39efp-1, Math.fma(z * s, p, z + z));
  }
}
