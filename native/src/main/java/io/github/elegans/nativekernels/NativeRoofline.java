package io.github.elegans.nativekernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.elegans.kernels.roofline.RooflineKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the hardware can do at most: {@code roofline.c}. One thread measures at a time, because all
 * calls share one place for the result: making one for every call took longer than a short call,
 * and allocated in some JVMs and not in others.
 */
final class NativeRoofline implements RooflineKernels {
  private final int tier;
  private final MemorySegment result = Arena.ofAuto().allocate(JAVA_LONG);

  NativeRoofline(int tier) {
    this.tier = tier;
  }

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

  private synchronized long count(Work work, long rounds) {
    NativeProvider.check(work.call(tier, rounds, result));
    return result.get(JAVA_LONG, 0);
  }

  @Override
  public synchronized float read(MemorySegment data, long n) {
    NativeProvider.check(Elegans.elegans_roofline_read(tier, data, n, result));
    return result.get(JAVA_FLOAT, 0);
  }
}
