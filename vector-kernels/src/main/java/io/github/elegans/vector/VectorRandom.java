package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.INTS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.XOR;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.kernels.random.ScalarRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Random numbers: the operations of {@link ScalarRandom}, on as many counters as lanes. */
final class VectorRandom implements RandomKernels {
  /**
   * Counters whose words are made together, in memory of our own: first by word, then by counter.
   */
  private static final int COUNTERS = 256;

  private static final int WORDS = 4;
  private static final int PARITY = 0x1BD11BDA;
  private static final long WORD_BYTES = 4L * WORDS * COUNTERS;

  /** A segment, not an object of ours: whatever a thread keeps would keep our class loader. */
  private static final ThreadLocal<MemorySegment> OWN =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(2 * WORD_BYTES, PanelLayout.ALIGNMENT));

  private static final IntVector INDEX = IntVector.zero(INTS).addIndex(1);
  private static final FloatVector ZERO = FloatVector.zero(FLOATS);

  @Override
  public void threefry(
      int key0,
      int key1,
      int key2,
      int key3,
      int first,
      int counter1,
      int counter2,
      int counter3,
      MemorySegment words,
      int n) {
    long own = OWN.get().address();
    for (int done = 0; done < n; done += COUNTERS) {
      int m = Math.min(COUNTERS, n - done);
      words(
          key0,
          key1,
          key2,
          key3,
          first + done,
          counter1,
          counter2,
          counter3,
          own,
          (m + LANES - 1) / LANES);
      interleave(own, words.address() + 4L * WORDS * done, m);
    }
  }

  @Override
  public void dropout(
      long seed,
      int update,
      int layer,
      double probability,
      MemorySegment x,
      long stride,
      int units,
      int rows,
      MemorySegment steps,
      MemorySegment samples) {
    long own = OWN.get().address();
    int limit = ScalarRandom.limit(probability) ^ Integer.MIN_VALUE;
    float factor = ScalarRandom.factor(probability);
    int counters = PanelLayout.roundUp(units) / WORDS;
    for (long row = 0; row < rows; row++) {
      int step = ALL.get(JAVA_INT_UNALIGNED, steps.address() + 4 * row);
      int sample = ALL.get(JAVA_INT_UNALIGNED, samples.address() + 4 * row);
      for (int done = 0; done < counters; done += COUNTERS) {
        int m = Math.min(COUNTERS, counters - done);
        words(
            (int) seed,
            (int) (seed >>> 32),
            1,
            update,
            done,
            step,
            sample,
            layer,
            own,
            (m + LANES - 1) / LANES);
        interleave(own, own + WORD_BYTES, m);
        drop(
            x.address() + 4 * (row * stride + (long) WORDS * done),
            own + WORD_BYTES,
            limit,
            factor,
            4 * WORDS * m);
      }
    }
  }

  /** The words of so many vectors of counters: four vectors for each. */
  private static void words(
      int key0,
      int key1,
      int key2,
      int key3,
      int first,
      int counter1,
      int counter2,
      int counter3,
      long to,
      int vectors) {
    to &= ADDRESS;
    IntVector k0 = IntVector.broadcast(INTS, key0);
    IntVector k1 = IntVector.broadcast(INTS, key1);
    IntVector k2 = IntVector.broadcast(INTS, key2);
    IntVector k3 = IntVector.broadcast(INTS, key3);
    IntVector k4 = IntVector.broadcast(INTS, PARITY ^ key0 ^ key1 ^ key2 ^ key3);
    for (int i = 0; i < vectors; i++) {
      IntVector x0 = INDEX.add(first + LANES * i).add(k0);
      IntVector x1 = k1.add(counter1);
      IntVector x2 = k2.add(counter2);
      IntVector x3 = k3.add(counter3);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 10).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 26).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 11).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 21).lanewise(XOR, x2);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 13).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 27).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 23).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 5).lanewise(XOR, x2);
      x0 = x0.add(k1);
      x1 = x1.add(k2);
      x2 = x2.add(k3);
      x3 = x3.add(k4).add(1);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 6).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 20).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 17).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 11).lanewise(XOR, x2);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 25).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 10).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 18).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 20).lanewise(XOR, x2);
      x0 = x0.add(k2);
      x1 = x1.add(k3);
      x2 = x2.add(k4);
      x3 = x3.add(k0).add(2);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 10).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 26).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 11).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 21).lanewise(XOR, x2);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 13).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 27).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 23).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 5).lanewise(XOR, x2);
      x0 = x0.add(k3);
      x1 = x1.add(k4);
      x2 = x2.add(k0);
      x3 = x3.add(k1).add(3);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 6).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 20).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 17).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 11).lanewise(XOR, x2);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 25).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 10).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 18).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 20).lanewise(XOR, x2);
      x0 = x0.add(k4);
      x1 = x1.add(k0);
      x2 = x2.add(k1);
      x3 = x3.add(k2).add(4);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 10).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 26).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 11).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 21).lanewise(XOR, x2);
      x0 = x0.add(x1);
      x1 = x1.lanewise(ROL, 13).lanewise(XOR, x0);
      x2 = x2.add(x3);
      x3 = x3.lanewise(ROL, 27).lanewise(XOR, x2);
      x0 = x0.add(x3);
      x3 = x3.lanewise(ROL, 23).lanewise(XOR, x0);
      x2 = x2.add(x1);
      x1 = x1.lanewise(ROL, 5).lanewise(XOR, x2);
      x0 = x0.add(k0);
      x1 = x1.add(k1);
      x2 = x2.add(k2);
      x3 = x3.add(k3).add(5);
      long at = to + 4L * BYTES * (i & Integer.MAX_VALUE);
      x0.intoMemorySegment(ALL, at, ORDER);
      x1.intoMemorySegment(ALL, at + BYTES, ORDER);
      x2.intoMemorySegment(ALL, at + 2L * BYTES, ORDER);
      x3.intoMemorySegment(ALL, at + 3L * BYTES, ORDER);
    }
  }

  /** Brings the words of each of so many counters together. */
  private static void interleave(long from, long to, int counters) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int i = 0; i < counters; i++) {
      long at = from + 4L * (i / LANES * WORDS * LANES + i % LANES);
      long into = to + 4L * WORDS * i;
      ALL.set(JAVA_INT_UNALIGNED, into, ALL.get(JAVA_INT_UNALIGNED, at));
      ALL.set(JAVA_INT_UNALIGNED, into + 4, ALL.get(JAVA_INT_UNALIGNED, at + BYTES));
      ALL.set(JAVA_INT_UNALIGNED, into + 8, ALL.get(JAVA_INT_UNALIGNED, at + 2L * BYTES));
      ALL.set(JAVA_INT_UNALIGNED, into + 12, ALL.get(JAVA_INT_UNALIGNED, at + 3L * BYTES));
    }
  }

  /** The limit has its sign bit turned, so that comparisons of signed numbers serve. */
  private static void drop(long x, long words, int limit, float factor, int bytes) {
    x &= ADDRESS;
    words &= ADDRESS;
    FloatVector scale = FloatVector.broadcast(FLOATS, factor);
    IntVector least = IntVector.broadcast(INTS, limit);
    for (int at = 0; at < bytes; at += BYTES) {
      IntVector word =
          IntVector.fromMemorySegment(INTS, ALL, words + at, ORDER)
              .lanewise(XOR, Integer.MIN_VALUE);
      FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER)
          .mul(scale)
          .blend(ZERO, word.compare(LT, least).cast(FLOATS))
          .intoMemorySegment(ALL, x + at, ORDER);
    }
  }
}
