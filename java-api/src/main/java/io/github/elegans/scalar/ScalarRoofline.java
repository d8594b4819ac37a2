package io.github.elegans.scalar;

import io.github.elegans.kernels.RooflineKernels;
import java.lang.foreign.MemorySegment;

/** What scalar code can do at most. */
final class ScalarRoofline implements RooflineKernels {
  private static final int ROUND = 64;

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
  public float read(MemorySegment data, long n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    for (long i = 0; i < n; i += 4) {
      a += ScalarDense.get(data, i);
      b += ScalarDense.get(data, i + 1);
      c += ScalarDense.get(data, i + 2);
      d += ScalarDense.get(data, i + 3);
    }
    return a + b + c + d;
  }
}
