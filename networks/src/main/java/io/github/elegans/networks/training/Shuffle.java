package io.github.elegans.networks.training;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * The order of samples in an epoch: a permutation that depends on nothing but the seed and the
 * epoch.
 */
public final class Shuffle {
  /** What the random numbers are for, within a seed; dropout is 1. */
  private static final int PURPOSE = 2;

  private Shuffle() {}

  /**
   * Fisher and Yates' shuffle of 0 to n - 1, without a bias: places from Threefry's 64 bits r by
   * the upper half of r · (i + 1), drawn again where the lower half is less than 2⁶⁴ mod (i + 1)
   * (Lemire, Fast random integer generation in an interval, 2019).
   *
   * @param random the kernels of any backend, whose bits are the same
   * @param epoch from 0
   * @param n the number of samples
   * @return the samples of the epoch in their order
   * @throws IllegalArgumentException if {@code n} is negative
   */
  public static int[] permutation(RandomKernels random, long seed, int epoch, int n) {
    Objects.requireNonNull(random, "random");
    Require.atLeast("n", 0, n);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    MemorySegment words = Staging.allocate(4 * Integer.BYTES);
    for (int i = n - 1; i > 0; i--) {
      int j = place(random, seed, epoch, i, words);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /** From 0 to i. */
  private static int place(
      RandomKernels random, long seed, int epoch, long i, MemorySegment words) {
    long bound = i + 1;
    long rejected = Long.remainderUnsigned(-bound, bound);
    for (int attempt = 0; ; attempt++) {
      random.threefry(
          (int) seed,
          (int) (seed >>> 32),
          PURPOSE,
          0,
          (int) i,
          (int) (i >>> 32),
          attempt,
          epoch,
          words,
          1);
      long r = words.get(ValueLayout.JAVA_LONG, 0);
      if (Long.compareUnsigned(r * bound, rejected) >= 0) {
        return (int) Math.unsignedMultiplyHigh(r, bound);
      }
    }
  }
}
