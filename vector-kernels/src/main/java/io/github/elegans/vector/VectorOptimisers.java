package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.DOUBLES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.HALF_FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.STRIDE;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.optimiser.OptimiserKernels;
import io.github.elegans.kernels.optimiser.OptimiserStep;
import io.github.elegans.kernels.optimiser.ScalarOptimisers;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Steps of optimisers: the operations of {@link ScalarOptimisers}. Every rule has its loop, so that
 * nothing is decided in one.
 */
final class VectorOptimisers implements OptimiserKernels {
  /** Floats of a row that a loop goes through: its index in bytes is an int. */
  private static final long PIECE = 1 << 24;

  private static final int CHAINS = PanelLayout.BLOCK;
  private static final int HALF = LANES / 2;

  /**
   * Rows of 16 that a chain goes through before the next one does: they stay in the first cache.
   */
  private static final long ROWS = 256;

  private static final FloatVector ZERO = FloatVector.zero(FLOATS);
  private static final FloatVector ONE = FloatVector.broadcast(FLOATS, 1);
  private static final FloatVector MINUS_ONE = FloatVector.broadcast(FLOATS, -1);
  private static final FloatVector FLUSH = FloatVector.broadcast(FLOATS, PanelLayout.FLUSH);

  /** As {@link Vectors#VECTOR}, of doubles. */
  private static final Class<? extends DoubleVector> DOUBLE_VECTOR =
      DoubleVector.zero(DOUBLES).getClass();

  @Override
  public void add(MemorySegment x, MemorySegment sum, long n) {
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += PIECE) {
      add(
          x.address() + 4 * i,
          sum.address() + 4 * i,
          (int) Math.min(whole - i, PIECE) * Float.BYTES);
    }
    for (long i = whole; i < n; i++) {
      long to = sum.address() + 4 * i;
      Vectors.set(to, Vectors.get(to) + Vectors.get(x.address() + 4 * i));
    }
  }

  private static void add(long x, long sum, int bytes) {
    x &= ADDRESS;
    sum &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector.fromMemorySegment(FLOATS, ALL, sum + at, ORDER)
          .add(FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER))
          .intoMemorySegment(ALL, sum + at, ORDER);
    }
  }

  @Override
  public void sumsOfSquares(MemorySegment x, long stride, long rows, MemorySegment sums) {
    for (long row = 0; row < rows; row += ROWS) {
      for (int c = 0; c < CHAINS; c += HALF) {
        chains(
            x.address() + 4 * (row * stride + c),
            4 * stride,
            (int) Math.min(rows - row, ROWS),
            sums.address() + 8L * c);
      }
    }
  }

  private static void chains(long x, long stride, int rows, long sums) {
    x &= ADDRESS;
    stride &= STRIDE;
    sums &= ADDRESS;
    DoubleVector sum = DoubleVector.fromMemorySegment(DOUBLES, ALL, sums, ORDER);
    for (int row = 0; row < rows; row++) {
      DoubleVector value =
          (DoubleVector)
              FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + row * stride, ORDER)
                  .convertShape(F2D, DOUBLES, 0);
      sum = value.fma(value, sum);
    }
    DOUBLE_VECTOR.cast(sum).intoMemorySegment(ALL, sums, ORDER);
  }

  @Override
  public void step(
      OptimiserStep step,
      MemorySegment p,
      MemorySegment g,
      @Nullable MemorySegment first,
      @Nullable MemorySegment second,
      @Nullable MemorySegment third,
      long stride,
      long width,
      long rows) {
    if (width == stride) {
      width *= rows;
      stride = width;
      rows = Math.min(rows, 1);
    }
    for (long row = 0; row < rows; row++) {
      for (long done = 0; done < width; done += PIECE) {
        long at = 4 * (row * stride + done);
        int bytes = (int) Math.min(width - done, PIECE) * Float.BYTES;
        piece(
            step,
            p.address() + at,
            g.address() + at,
            first == null ? 0 : first.address() + at,
            second == null ? 0 : second.address() + at,
            third == null ? 0 : third.address() + at,
            bytes);
      }
    }
  }

  private static void piece(
      OptimiserStep step, long p, long g, long first, long second, long third, int bytes) {
    switch (step.rule()) {
      case SGD -> sgd(step, p, g, bytes);
      case SGD_MOMENTUM -> momentum(step, p, g, first, bytes);
      case SGD_NESTEROV -> nesterov(step, p, g, first, bytes);
      case ADAM -> adam(step, p, g, first, second, bytes);
      case ADAM_AMSGRAD -> adamAmsgrad(step, p, g, first, second, third, bytes);
      case RMSPROP -> rmsProp(step, p, g, first, bytes);
      case RMSPROP_MOMENTUM -> rmsPropMomentum(step, p, g, first, second, bytes);
      case RMSPROP_CENTERED -> rmsPropCentered(step, p, g, first, second, bytes);
      case RMSPROP_CENTERED_MOMENTUM ->
          rmsPropCenteredMomentum(step, p, g, first, second, third, bytes);
      case LION -> lion(step, p, g, first, bytes);
    }
  }

  private static void sgd(OptimiserStep step, long p, long g, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    p &= ADDRESS;
    g &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void momentum(OptimiserStep step, long p, long g, long first, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector firstKeep = FloatVector.broadcast(FLOATS, step.firstKeep());
    FloatVector firstTake = FloatVector.broadcast(FLOATS, step.firstTake());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      b = firstKeep.fma(b, firstTake.mul(u));
      b = b.blend(ZERO, b.abs().compare(LT, FLUSH));
      b.intoMemorySegment(ALL, first + at, ORDER);
      u = b;
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void nesterov(OptimiserStep step, long p, long g, long first, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector firstKeep = FloatVector.broadcast(FLOATS, step.firstKeep());
    FloatVector firstTake = FloatVector.broadcast(FLOATS, step.firstTake());
    FloatVector momentum = FloatVector.broadcast(FLOATS, step.momentum());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      b = firstKeep.fma(b, firstTake.mul(u));
      b = b.blend(ZERO, b.abs().compare(LT, FLUSH));
      b.intoMemorySegment(ALL, first + at, ORDER);
      u = momentum.fma(b, u);
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void adam(OptimiserStep step, long p, long g, long first, long second, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector firstTake = FloatVector.broadcast(FLOATS, step.firstTake());
    FloatVector secondKeep = FloatVector.broadcast(FLOATS, step.secondKeep());
    FloatVector secondTake = FloatVector.broadcast(FLOATS, step.secondTake());
    FloatVector root = FloatVector.broadcast(FLOATS, step.root());
    FloatVector epsilon = FloatVector.broadcast(FLOATS, step.epsilon());
    FloatVector inner = FloatVector.broadcast(FLOATS, step.innerEpsilon());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    second &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, second + at, ORDER);
      v = secondTake.mul(u).fma(u, secondKeep.mul(v));
      v = v.blend(ZERO, v.abs().compare(LT, FLUSH));
      v.intoMemorySegment(ALL, second + at, ORDER);
      FloatVector m = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      m = u.sub(m).fma(firstTake, m);
      m = m.blend(ZERO, m.abs().compare(LT, FLUSH));
      m.intoMemorySegment(ALL, first + at, ORDER);
      FloatVector d = v.add(inner).sqrt().fma(root, epsilon);
      u = m.div(d);
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void adamAmsgrad(
      OptimiserStep step, long p, long g, long first, long second, long third, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector firstTake = FloatVector.broadcast(FLOATS, step.firstTake());
    FloatVector secondKeep = FloatVector.broadcast(FLOATS, step.secondKeep());
    FloatVector secondTake = FloatVector.broadcast(FLOATS, step.secondTake());
    FloatVector root = FloatVector.broadcast(FLOATS, step.root());
    FloatVector epsilon = FloatVector.broadcast(FLOATS, step.epsilon());
    FloatVector inner = FloatVector.broadcast(FLOATS, step.innerEpsilon());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    second &= ADDRESS;
    third &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, second + at, ORDER);
      v = secondTake.mul(u).fma(u, secondKeep.mul(v));
      v = v.blend(ZERO, v.abs().compare(LT, FLUSH));
      v.intoMemorySegment(ALL, second + at, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, third + at, ORDER);
      w = w.blend(v, v.compare(GT, w));
      w = w.blend(ZERO, w.abs().compare(LT, FLUSH));
      w.intoMemorySegment(ALL, third + at, ORDER);
      FloatVector m = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      m = u.sub(m).fma(firstTake, m);
      m = m.blend(ZERO, m.abs().compare(LT, FLUSH));
      m.intoMemorySegment(ALL, first + at, ORDER);
      FloatVector d = w.add(inner).sqrt().fma(root, epsilon);
      u = m.div(d);
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void rmsProp(OptimiserStep step, long p, long g, long first, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector secondKeep = FloatVector.broadcast(FLOATS, step.secondKeep());
    FloatVector secondTake = FloatVector.broadcast(FLOATS, step.secondTake());
    FloatVector root = FloatVector.broadcast(FLOATS, step.root());
    FloatVector epsilon = FloatVector.broadcast(FLOATS, step.epsilon());
    FloatVector inner = FloatVector.broadcast(FLOATS, step.innerEpsilon());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      v = secondTake.mul(u).fma(u, secondKeep.mul(v));
      v = v.blend(ZERO, v.abs().compare(LT, FLUSH));
      v.intoMemorySegment(ALL, first + at, ORDER);
      FloatVector d = v.add(inner).sqrt().fma(root, epsilon);
      u = u.div(d);
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void rmsPropMomentum(
      OptimiserStep step, long p, long g, long first, long second, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector secondKeep = FloatVector.broadcast(FLOATS, step.secondKeep());
    FloatVector secondTake = FloatVector.broadcast(FLOATS, step.secondTake());
    FloatVector root = FloatVector.broadcast(FLOATS, step.root());
    FloatVector epsilon = FloatVector.broadcast(FLOATS, step.epsilon());
    FloatVector inner = FloatVector.broadcast(FLOATS, step.innerEpsilon());
    FloatVector momentum = FloatVector.broadcast(FLOATS, step.momentum());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    second &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      v = secondTake.mul(u).fma(u, secondKeep.mul(v));
      v = v.blend(ZERO, v.abs().compare(LT, FLUSH));
      v.intoMemorySegment(ALL, first + at, ORDER);
      FloatVector d = v.add(inner).sqrt().fma(root, epsilon);
      u = u.div(d);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, second + at, ORDER);
      b = momentum.fma(b, u);
      b = b.blend(ZERO, b.abs().compare(LT, FLUSH));
      b.intoMemorySegment(ALL, second + at, ORDER);
      u = b;
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void rmsPropCentered(
      OptimiserStep step, long p, long g, long first, long second, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector firstTake = FloatVector.broadcast(FLOATS, step.firstTake());
    FloatVector secondKeep = FloatVector.broadcast(FLOATS, step.secondKeep());
    FloatVector secondTake = FloatVector.broadcast(FLOATS, step.secondTake());
    FloatVector root = FloatVector.broadcast(FLOATS, step.root());
    FloatVector epsilon = FloatVector.broadcast(FLOATS, step.epsilon());
    FloatVector inner = FloatVector.broadcast(FLOATS, step.innerEpsilon());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    second &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      v = secondTake.mul(u).fma(u, secondKeep.mul(v));
      v = v.blend(ZERO, v.abs().compare(LT, FLUSH));
      v.intoMemorySegment(ALL, first + at, ORDER);
      FloatVector m = FloatVector.fromMemorySegment(FLOATS, ALL, second + at, ORDER);
      m = u.sub(m).fma(firstTake, m);
      m = m.blend(ZERO, m.abs().compare(LT, FLUSH));
      m.intoMemorySegment(ALL, second + at, ORDER);
      FloatVector w = m.neg().fma(m, v);
      w = w.blend(ZERO, w.compare(LT, ZERO));
      FloatVector d = w.add(inner).sqrt().fma(root, epsilon);
      u = u.div(d);
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void rmsPropCenteredMomentum(
      OptimiserStep step, long p, long g, long first, long second, long third, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector firstTake = FloatVector.broadcast(FLOATS, step.firstTake());
    FloatVector secondKeep = FloatVector.broadcast(FLOATS, step.secondKeep());
    FloatVector secondTake = FloatVector.broadcast(FLOATS, step.secondTake());
    FloatVector root = FloatVector.broadcast(FLOATS, step.root());
    FloatVector epsilon = FloatVector.broadcast(FLOATS, step.epsilon());
    FloatVector inner = FloatVector.broadcast(FLOATS, step.innerEpsilon());
    FloatVector momentum = FloatVector.broadcast(FLOATS, step.momentum());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    second &= ADDRESS;
    third &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      v = secondTake.mul(u).fma(u, secondKeep.mul(v));
      v = v.blend(ZERO, v.abs().compare(LT, FLUSH));
      v.intoMemorySegment(ALL, first + at, ORDER);
      FloatVector m = FloatVector.fromMemorySegment(FLOATS, ALL, third + at, ORDER);
      m = u.sub(m).fma(firstTake, m);
      m = m.blend(ZERO, m.abs().compare(LT, FLUSH));
      m.intoMemorySegment(ALL, third + at, ORDER);
      FloatVector w = m.neg().fma(m, v);
      w = w.blend(ZERO, w.compare(LT, ZERO));
      FloatVector d = w.add(inner).sqrt().fma(root, epsilon);
      u = u.div(d);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, second + at, ORDER);
      b = momentum.fma(b, u);
      b = b.blend(ZERO, b.abs().compare(LT, FLUSH));
      b.intoMemorySegment(ALL, second + at, ORDER);
      u = b;
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }

  private static void lion(OptimiserStep step, long p, long g, long first, int bytes) {
    FloatVector scale = FloatVector.broadcast(FLOATS, step.scale());
    FloatVector least = FloatVector.broadcast(FLOATS, -step.clip());
    FloatVector most = FloatVector.broadcast(FLOATS, step.clip());
    FloatVector shrink = FloatVector.broadcast(FLOATS, step.shrink());
    FloatVector decay = FloatVector.broadcast(FLOATS, step.decay());
    FloatVector rate = FloatVector.broadcast(FLOATS, -step.rate());
    FloatVector firstKeep = FloatVector.broadcast(FLOATS, step.firstKeep());
    FloatVector firstTake = FloatVector.broadcast(FLOATS, step.firstTake());
    FloatVector secondKeep = FloatVector.broadcast(FLOATS, step.secondKeep());
    FloatVector secondTake = FloatVector.broadcast(FLOATS, step.secondTake());
    p &= ADDRESS;
    g &= ADDRESS;
    first &= ADDRESS;
    for (int at = 0; at < bytes; at += BYTES) {
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, g + at, ORDER).mul(scale);
      u = u.blend(least, u.compare(LT, least));
      u = u.blend(most, u.compare(GT, most));
      FloatVector old = FloatVector.fromMemorySegment(FLOATS, ALL, p + at, ORDER).mul(shrink);
      u = decay.fma(old, u);
      FloatVector m = FloatVector.fromMemorySegment(FLOATS, ALL, first + at, ORDER);
      FloatVector t = firstKeep.fma(m, firstTake.mul(u));
      m = secondKeep.fma(m, secondTake.mul(u));
      m = m.blend(ZERO, m.abs().compare(LT, FLUSH));
      m.intoMemorySegment(ALL, first + at, ORDER);
      u = t.blend(MINUS_ONE, t.compare(LT, ZERO)).blend(ONE, t.compare(GT, ZERO));
      FloatVector next = rate.fma(u, old);
      next.blend(ZERO, next.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, p + at, ORDER);
    }
  }
}
