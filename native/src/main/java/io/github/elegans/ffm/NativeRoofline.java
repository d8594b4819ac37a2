package io.github.elegans.ffm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.kernels.RooflineKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What the hardware can do at most: {@code roofline.c}. */
record NativeRoofline(int tier) implements RooflineKernels {

  @Override
  public long multiplyAdd(long rounds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flops = arena.allocate(JAVA_LONG);
      NativeProvider.check(Elegans.elegans_roofline_multiply_add(tier, rounds, flops));
      return flops.get(JAVA_LONG, 0);
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
