package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;

import io.github.elegans.kernels.roofline.RooflineKernels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What this JVM's vectors can do at most. */
final class VectorRoofline implements RooflineKernels {
  private static final int ROUND = 64;
  private static final int CHAINS = 12;
  private static final int DIVISIONS = 8;

  /** Table and indices fill half of the smallest first-level cache. */
  private static final float[] TABLE = new float[2048];

  private static final int[] INDICES = new int[TABLE.length];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      TABLE[i] = i;
      // Each once, in no order that a prefetcher knows.
      INDICES[i] = (i * 1229 + 577) % TABLE.length;
    }
  }

  @Override
  public long multiplyAdd(long rounds) {
    float sum = 0;
    for (long done = 0; done < rounds; done += 1 << 20) {
      sum += chains((int) Math.min(1 << 20, rounds - done) * ROUND);
    }
    // The sum is never NaN; asking keeps the chains alive.
    return Float.isNaN(sum) ? 0 : rounds * ROUND * CHAINS * LANES * 2;
  }

  /**
   * Twelve independent chains: enough for two units of latency 4 to 6, and all fit in 16 registers.
   */
  private static float chains(int n) {
    FloatVector a = FloatVector.broadcast(FLOATS, 0.999f);
    FloatVector b = FloatVector.broadcast(FLOATS, 0.001f);
    FloatVector s0 = b;
    FloatVector s1 = b;
    FloatVector s2 = b;
    FloatVector s3 = b;
    FloatVector s4 = b;
    FloatVector s5 = b;
    FloatVector s6 = b;
    FloatVector s7 = b;
    FloatVector s8 = b;
    FloatVector s9 = b;
    FloatVector s10 = b;
    FloatVector s11 = b;
    // Twice twelve, so that the loop itself does not cost.
    for (int i = 0; i < n; i += 2) {
      s0 = s0.fma(a, b);
      s1 = s1.fma(a, b);
      s2 = s2.fma(a, b);
      s3 = s3.fma(a, b);
      s4 = s4.fma(a, b);
      s5 = s5.fma(a, b);
      s6 = s6.fma(a, b);
      s7 = s7.fma(a, b);
      s8 = s8.fma(a, b);
      s9 = s9.fma(a, b);
      s10 = s10.fma(a, b);
      s11 = s11.fma(a, b);
      s0 = s0.fma(a, b);
      s1 = s1.fma(a, b);
      s2 = s2.fma(a, b);
      s3 = s3.fma(a, b);
      s4 = s4.fma(a, b);
      s5 = s5.fma(a, b);
      s6 = s6.fma(a, b);
      s7 = s7.fma(a, b);
      s8 = s8.fma(a, b);
      s9 = s9.fma(a, b);
      s10 = s10.fma(a, b);
      s11 = s11.fma(a, b);
    }
    FloatVector low = s0.add(s1).add(s2).add(s3).add(s4).add(s5);
    FloatVector high = s6.add(s7).add(s8).add(s9).add(s10).add(s11);
    return low.add(high).lane(0);
  }

  @Override
  public long divide(long rounds) {
    float sum = 0;
    for (long done = 0; done < rounds; done += 1 << 20) {
      sum += quotients((int) Math.min(1 << 20, rounds - done) * ROUND);
    }
    return Float.isNaN(sum) ? 0 : rounds * ROUND * DIVISIONS * LANES;
  }

  private static float quotients(int n) {
    FloatVector two = FloatVector.broadcast(FLOATS, 2);
    FloatVector q0 = FloatVector.broadcast(FLOATS, 1.25f);
    FloatVector q1 = FloatVector.broadcast(FLOATS, 1.375f);
    FloatVector q2 = FloatVector.broadcast(FLOATS, 1.5f);
    FloatVector q3 = FloatVector.broadcast(FLOATS, 1.625f);
    FloatVector q4 = FloatVector.broadcast(FLOATS, 1.75f);
    FloatVector q5 = FloatVector.broadcast(FLOATS, 1.875f);
    FloatVector q6 = FloatVector.broadcast(FLOATS, 1.9375f);
    FloatVector q7 = FloatVector.broadcast(FLOATS, 1.125f);
    for (int i = 0; i < n; i++) {
      q0 = two.div(q0);
      q1 = two.div(q1);
      q2 = two.div(q2);
      q3 = two.div(q3);
      q4 = two.div(q4);
      q5 = two.div(q5);
      q6 = two.div(q6);
      q7 = two.div(q7);
    }
    return q0.add(q1).add(q2).add(q3).add(q4.add(q5).add(q6).add(q7)).lane(0);
  }

  @Override
  public long gather(long rounds) {
    float sum = 0;
    for (long i = 0; i < rounds; i++) {
      sum += gather();
    }
    return Float.isNaN(sum) ? 0 : rounds * TABLE.length;
  }

  private static float gather() {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < INDICES.length; i += 4 * LANES) {
      s0 = s0.add(FloatVector.fromArray(FLOATS, TABLE, 0, INDICES, i));
      s1 = s1.add(FloatVector.fromArray(FLOATS, TABLE, 0, INDICES, i + LANES));
      s2 = s2.add(FloatVector.fromArray(FLOATS, TABLE, 0, INDICES, i + 2 * LANES));
      s3 = s3.add(FloatVector.fromArray(FLOATS, TABLE, 0, INDICES, i + 3 * LANES));
    }
    return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD);
  }

  @Override
  public float read(MemorySegment data, long n) {
    long address = data.address();
    float sum = 0;
    while (n > 0) {
      int count = (int) Math.min(n, 1 << 24);
      sum += read(address, count);
      address += 4L * count;
      n -= count;
    }
    return sum;
  }

  private static float read(long address, int n) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    address &= ADDRESS;
    for (int i = 0; i < n; i += 8 * LANES) {
      long at = address + 4L * (i & Integer.MAX_VALUE);
      s0 = s0.add(FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER));
      s1 = s1.add(FloatVector.fromMemorySegment(FLOATS, ALL, at + BYTES, ORDER));
      s2 = s2.add(FloatVector.fromMemorySegment(FLOATS, ALL, at + 2L * BYTES, ORDER));
      s3 = s3.add(FloatVector.fromMemorySegment(FLOATS, ALL, at + 3L * BYTES, ORDER));
      s4 = s4.add(FloatVector.fromMemorySegment(FLOATS, ALL, at + 4L * BYTES, ORDER));
      s5 = s5.add(FloatVector.fromMemorySegment(FLOATS, ALL, at + 5L * BYTES, ORDER));
      s6 = s6.add(FloatVector.fromMemorySegment(FLOATS, ALL, at + 6L * BYTES, ORDER));
      s7 = s7.add(FloatVector.fromMemorySegment(FLOATS, ALL, at + 7L * BYTES, ORDER));
    }
    // A probe, not a result: the order of this sum does not matter.
    return s0.add(s1)
        .add(s2.add(s3))
        .add(s4.add(s5).add(s6.add(s7)))
        .reduceLanes(VectorOperators.ADD);
  }
}
