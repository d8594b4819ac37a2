package io.github.elegans.ffm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.kernels.RooflineKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the hardware can do at most: {@code roofline.c}. */
record NativeRoofline(int tier) implements RooflineKernels {

  /** A function of the library that counts what it does. */
  private interface Work {
    int call(int tier, long rounds, MemorySegment count);
  }

  @Override
  public long multiplyAdd(long rounds) {
    return count(Elegans::elegans_roofline_multiply_add, rounds);
  }

  @Override
  public long divide(long rounds) {
    return count(Elegans::elegans_roofline_divide, rounds);
  }

  @Override
  public long gather(long rounds) {
    return count(Elegans::elegans_roofline_gather, rounds);
  }

  private long count(Work work, long rounds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      NativeProvider.check(work.call(tier, rounds, count));
      return count.get(JAVA_LONG, 0);
    }
  }

  @Override
  public float read(MemorySegment data, long n) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sum = arena.allocate(JAVA_FLOAT);
      NativeProvider.check(Elegans.elegans_roofline_read(tier, data, n, sum));
      return sum.get(JAVA_FLOAT, 0);
    }
  }
}
