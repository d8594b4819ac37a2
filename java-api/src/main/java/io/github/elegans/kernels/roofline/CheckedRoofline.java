package io.github.elegans.kernels.roofline;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** The checks before the yardsticks. */
record CheckedRoofline(RooflineKernels unchecked) implements RooflineKernels {

  @Override
  public long multiplyAdd(long rounds) {
    FloatingPoint.check();
    Require.between("rounds", 1, 1L << 40, rounds);
    return unchecked.multiplyAdd(rounds);
  }

  @Override
  public long divide(long rounds) {
    FloatingPoint.check();
    Require.between("rounds", 1, 1L << 40, rounds);
    return unchecked.divide(rounds);
  }

  @Override
  public long gather(long rounds) {
    FloatingPoint.check();
    Require.between("rounds", 1, 1L << 32, rounds);
    return unchecked.gather(rounds);
  }

  @Override
  public float read(MemorySegment data, long n) {
    FloatingPoint.check();
    Require.atLeast("n", 0, n);
    if (n % 128 != 0) {
      throw new IllegalArgumentException("n must be a multiple of 128, but is " + n);
    }
    MemoryChecks.check("data", data, n, Float.BYTES);
    if (!Staging.lasts(data)) {
      // A copy would be measured.
      throw new IllegalArgumentException(
          "data must be memory of an automatic, confined or global arena that maps no file");
    }
    try {
      return unchecked.read(data, n);
    } finally {
      Reference.reachabilityFence(data);
    }
  }
}
