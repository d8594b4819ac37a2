package io.github.elegans.kernels.roofline;

import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;

/** What scalar code can do at most. */
final class ScalarRoofline implements RooflineKernels {
  private static final int ROUND = 64;

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
    float a = 0;
    float b = 1;
    float c = 2;
    float d = 3;
    float e = 4;
    float f = 5;
    float g = 6;
    float h = 7;
    for (long i = 0; i < rounds * ROUND; i++) {
      a = Math.fma(a, 0.999f, 0.001f);
      b = Math.fma(b, 0.999f, 0.001f);
      c = Math.fma(c, 0.999f, 0.001f);
      d = Math.fma(d, 0.999f, 0.001f);
      e = Math.fma(e, 0.999f, 0.001f);
      f = Math.fma(f, 0.999f, 0.001f);
      g = Math.fma(g, 0.999f, 0.001f);
      h = Math.fma(h, 0.999f, 0.001f);
    }
    // The sum is never NaN; asking keeps the chains alive.
    return Float.isNaN(a + b + c + d + e + f + g + h) ? 0 : rounds * ROUND * 8 * 2;
  }

  @Override
  public long divide(long rounds) {
    float a = 1.25f;
    float b = 1.375f;
    float c = 1.5f;
    float d = 1.625f;
    for (long i = 0; i < rounds * ROUND; i++) {
      a = 2 / a;
      b = 2 / b;
      c = 2 / c;
      d = 2 / d;
    }
    return Float.isNaN(a + b + c + d) ? 0 : rounds * ROUND * 4;
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
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    for (int i = 0; i < INDICES.length; i += 4) {
      a += TABLE[INDICES[i]];
      b += TABLE[INDICES[i + 1]];
      c += TABLE[INDICES[i + 2]];
      d += TABLE[INDICES[i + 3]];
    }
    return a + b + c + d;
  }

  @Override
  public float read(MemorySegment data, long n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    for (long i = 0; i < n; i += 4) {
      a += FloatSegments.get(data, i);
      b += FloatSegments.get(data, i + 1);
      c += FloatSegments.get(data, i + 2);
      d += FloatSegments.get(data, i + 3);
    }
    return a + b + c + d;
  }
}
