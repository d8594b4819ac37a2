package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.loss.Loss;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.kernels.loss.ScalarLosses;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Losses: the operations of {@link ScalarLosses}. Rows are often narrow; so many as fit go through
 * the passes together, one behind another in memory of our own, and their sums are made afterwards.
 */
final class VectorLosses implements LossKernels {
  /** Floats that go through the passes together: they stay in the first cache. */
  private static final int PART = 1024;

  private static final int PARTS = 5;

  /** A segment, not an object of ours: whatever a thread keeps would keep our class loader. */
  private static final ThreadLocal<MemorySegment> OWN =
      ThreadLocal.withInitial(
          () -> Arena.ofAuto().allocate(4L * PARTS * PART, PanelLayout.ALIGNMENT));

  private static final LossKernels DEFINITION = FAMILY.definition();

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static final FloatVector ZERO = constant(0);
  private static final FloatVector ONE = constant(1);
  private static final FloatVector MINUS_ONE = constant(-1);
  private static final FloatVector HALF = constant(0.5f);

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
    if (loss != Loss.CROSS_ENTROPY) {
      MemorySegment own = OWN.get();
      elements(
          loss,
          (float) parameter,
          out.address(),
          4 * outStride,
          targets.address(),
          4 * targetStride,
          weights == null ? 0 : weights.address(),
          width,
          rows,
          scale,
          gradient.address(),
          losses.address(),
          own.address());
    } else if (width <= PART) {
      MemorySegment own = OWN.get();
      crossEntropy(
          parameter,
          out.address(),
          4 * outStride,
          targets.address(),
          4 * targetStride,
          weights == null ? 0 : weights.address(),
          width,
          rows,
          scale,
          gradient.address(),
          losses.address(),
          own.address());
    } else {
      DEFINITION.loss(
          loss,
          parameter,
          out,
          outStride,
          targets,
          targetStride,
          weights,
          width,
          rows,
          scale,
          gradient,
          losses);
    }
  }

  /** Strides are in bytes; no weights have the address 0. */
  private static void elements(
      Loss loss,
      float parameter,
      long out,
      long outStride,
      long targets,
      long targetStride,
      long weights,
      int width,
      int rows,
      float scale,
      long gradient,
      long losses,
      long own) {
    long ownOut = own;
    long ownTargets = own + 4L * PART;
    long ownWeights = own + 8L * PART;
    long values = own + 12L * PART;
    long scratch = own + 16L * PART;
    if (weights == 0) {
      fill(ownWeights);
    }
    int together = Math.max(1, PART / width);
    for (int row = 0; row < rows; row += together) {
      int m = Math.min(together, rows - row);
      for (int column = 0; column < width; column += PART) {
        int n = Math.min(PART, width - column);
        long at = row * outStride + 4L * column;
        long targetAt = row * targetStride + 4L * column;
        pack(out + at, outStride, ownOut, n, m);
        pack(targets + targetAt, targetStride, ownTargets, n, m);
        if (weights != 0) {
          pack(weights + targetAt, targetStride, ownWeights, n, m);
        }
        int bytes = (n * m + LANES - 1) / LANES * BYTES;
        part(loss, parameter, ownOut, ownTargets, ownWeights, values, scratch, scale, bytes);
        for (int i = 0; i < m; i++) {
          Vectors.copy(ownOut + 4L * n * i, gradient + at + i * outStride, n);
          long to = losses + 8L * (row + i);
          double sum = column == 0 ? 0 : Vectors.getDouble(to);
          for (int j = 0; j < n; j++) {
            sum += Vectors.get(values + 4L * (n * i + j));
          }
          Vectors.set(to, sum);
        }
      }
    }
  }

  private static void fill(long to) {
    to &= ADDRESS;
    for (int at = 0; at < 4 * PART; at += BYTES) {
      ONE.intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void pack(long from, long stride, long to, int n, int rows) {
    for (int row = 0; row < rows; row++) {
      Vectors.copy(from + row * stride, to + 4L * n * row, n);
    }
  }

  /** Makes gradients of outputs, in place, and weighted values. */
  private static void part(
      Loss loss,
      float parameter,
      long out,
      long targets,
      long weights,
      long values,
      long scratch,
      float scale,
      int bytes) {
    switch (loss) {
      case MEAN_SQUARED_ERROR -> squared(out, targets, weights, values, scale, bytes);
      case MEAN_ABSOLUTE_ERROR -> absolute(out, targets, weights, values, scale, bytes);
      case HUBER -> huber(parameter, out, targets, weights, values, scale, bytes);
      case BINARY_CROSS_ENTROPY -> {
        negated(out, values, bytes);
        VectorFloats.sigmoidAccurate(values, scratch, BYTES, bytes / BYTES, BYTES);
        VectorFloats.softplusAccurate(values, values, BYTES, bytes / BYTES, BYTES);
        binary(parameter, out, targets, weights, values, scratch, scale, bytes);
      }
      case CROSS_ENTROPY -> throw new IllegalArgumentException("not elementwise");
    }
  }

  private static void squared(
      long out, long targets, long weights, long values, float scale, int bytes) {
    out &= ADDRESS;
    targets &= ADDRESS;
    weights &= ADDRESS;
    values &= ADDRESS;
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector o = FloatVector.fromMemorySegment(FLOATS, ALL, out + at, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, targets + at, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, weights + at, ORDER);
      FloatVector d = o.sub(y);
      w.mul(d.mul(d)).intoMemorySegment(ALL, values + at, ORDER);
      w.mul(d.add(d)).mul(factor).intoMemorySegment(ALL, out + at, ORDER);
    }
  }

  private static void absolute(
      long out, long targets, long weights, long values, float scale, int bytes) {
    out &= ADDRESS;
    targets &= ADDRESS;
    weights &= ADDRESS;
    values &= ADDRESS;
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector o = FloatVector.fromMemorySegment(FLOATS, ALL, out + at, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, targets + at, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, weights + at, ORDER);
      FloatVector d = o.sub(y);
      FloatVector g = d.blend(MINUS_ONE, d.compare(LT, ZERO)).blend(ONE, d.compare(GT, ZERO));
      w.mul(d.abs()).intoMemorySegment(ALL, values + at, ORDER);
      w.mul(g).mul(factor).intoMemorySegment(ALL, out + at, ORDER);
    }
  }

  private static void huber(
      float parameter, long out, long targets, long weights, long values, float scale, int bytes) {
    FloatVector delta = FloatVector.broadcast(FLOATS, parameter);
    FloatVector minusDelta = FloatVector.broadcast(FLOATS, -parameter);
    FloatVector half = FloatVector.broadcast(FLOATS, 0.5f * parameter);
    out &= ADDRESS;
    targets &= ADDRESS;
    weights &= ADDRESS;
    values &= ADDRESS;
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector o = FloatVector.fromMemorySegment(FLOATS, ALL, out + at, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, targets + at, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, weights + at, ORDER);
      FloatVector d = o.sub(y);
      FloatVector a = d.abs();
      FloatVector line = delta.mul(a.sub(half));
      FloatVector e = HALF.mul(d.mul(d)).blend(line, a.compare(GT, delta));
      FloatVector edge = delta.blend(minusDelta, d.compare(LT, ZERO));
      FloatVector g = d.blend(edge, a.compare(GT, delta));
      w.mul(e).intoMemorySegment(ALL, values + at, ORDER);
      w.mul(g).mul(factor).intoMemorySegment(ALL, out + at, ORDER);
    }
  }

  /** -|o|. */
  private static void negated(long out, long to, int bytes) {
    out &= ADDRESS;
    to &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector.fromMemorySegment(FLOATS, ALL, out + at, ORDER)
          .abs()
          .neg()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** From softplus(-|o|) among the values and σ(-|o|). */
  private static void binary(
      float parameter,
      long out,
      long targets,
      long weights,
      long values,
      long sigmoids,
      float scale,
      int bytes) {
    sigmoids &= ADDRESS;
    FloatVector positive = FloatVector.broadcast(FLOATS, parameter);
    out &= ADDRESS;
    targets &= ADDRESS;
    weights &= ADDRESS;
    values &= ADDRESS;
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector o = FloatVector.fromMemorySegment(FLOATS, ALL, out + at, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, targets + at, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, weights + at, ORDER);
      FloatVector log = FloatVector.fromMemorySegment(FLOATS, ALL, values + at, ORDER);
      FloatVector small = FloatVector.fromMemorySegment(FLOATS, ALL, sigmoids + at, ORDER);
      FloatVector above = ZERO.blend(o, o.compare(GT, ZERO)).add(log);
      FloatVector below = ZERO.blend(o.neg(), o.compare(LT, ZERO)).add(log);
      FloatVector rest = ONE.sub(small);
      FloatVector up = rest.blend(small, o.compare(LT, ZERO));
      FloatVector down = small.blend(rest, o.compare(LT, ZERO));
      FloatVector yes = positive.mul(y);
      FloatVector no = ONE.sub(y);
      w.mul(no.fma(above, yes.mul(below))).intoMemorySegment(ALL, values + at, ORDER);
      w.mul(no.fma(up, yes.mul(down).neg())).mul(factor).intoMemorySegment(ALL, out + at, ORDER);
    }
  }

  private static void crossEntropy(
      double smoothing,
      long out,
      long outStride,
      long targets,
      long targetStride,
      long weights,
      int width,
      int rows,
      float scale,
      long gradient,
      long losses,
      long own) {
    float spread = (float) (smoothing / width);
    float whole = (float) (1 - smoothing);
    int together = PART / width;
    for (int row = 0; row < rows; row += together) {
      int m = Math.min(together, rows - row);
      for (int i = 0; i < m; i++) {
        less(out + (row + i) * outStride, own + 4L * width * i, width);
      }
      int vectors = (width * m + LANES - 1) / LANES;
      VectorFloats.expAccurate(own, own, BYTES, vectors, BYTES);
      for (int i = 0; i < m; i++) {
        int label = ScalarLosses.label(Vectors.get(targets + (row + i) * targetStride), width);
        double sum =
            row(
                spread,
                whole,
                out + (row + i) * outStride,
                own + 4L * width * i,
                label,
                weights,
                width,
                scale,
                gradient + (row + i) * outStride);
        Vectors.set(losses + 8L * (row + i), sum);
      }
    }
  }

  private static float most(long out, int width) {
    float most = Vectors.get(out);
    for (int j = 1; j < width; j++) {
      float o = Vectors.get(out + 4L * j);
      most = o > most ? o : most;
    }
    return most;
  }

  /** The outputs less the largest one. */
  private static void less(long out, long to, int width) {
    float most = most(out, width);
    for (int j = 0; j < width; j++) {
      Vectors.set(to + 4L * j, Vectors.get(out + 4L * j) - most);
    }
  }

  private static double row(
      float spread,
      float whole,
      long out,
      long powers,
      int label,
      long weights,
      int width,
      float scale,
      long gradient) {
    if (label < 0) {
      for (int j = 0; j < width; j++) {
        Vectors.set(gradient + 4L * j, 0f);
      }
      return 0;
    }
    float own = whole * (weights == 0 ? 1 : Vectors.get(weights + 4L * label));
    float most = most(out, width);
    double sum = 0;
    double shares = 0;
    for (int j = 0; j < width; j++) {
      sum += Vectors.get(powers + 4L * j);
      shares += share(spread, own, weights, label, j);
    }
    float inverse = (float) (1 / sum);
    float total = (float) shares;
    double log = ScalarLosses.logarithm(sum);
    double loss = 0;
    for (int j = 0; j < width; j++) {
      float o = Vectors.get(out + 4L * j);
      float share = share(spread, own, weights, label, j);
      if (share != 0) {
        loss += share * (log + ((double) most - o));
      }
      float probability = Vectors.get(powers + 4L * j) * inverse;
      Vectors.set(gradient + 4L * j, Math.fma(total, probability, -share) * scale);
    }
    return loss;
  }

  private static float share(float spread, float own, long weights, int label, int j) {
    float share = spread * (weights == 0 ? 1 : Vectors.get(weights + 4L * j));
    return j == label ? share + own : share;
  }
}
