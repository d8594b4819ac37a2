package io.github.elegans.networks.random;

import java.util.HashSet;
import java.util.Set;

/**
 * {@code numpy.random.default_rng}: PCG64 (O'Neill 2014, XSL-RR 128/64) seeded by {@code
 * SeedSequence}, and what {@code Generator} makes of it.
 */
public final class NumpyGenerator {
  private static final long MULTIPLIER_HIGH = 0x2360ED051FC65DA4L;
  private static final long MULTIPLIER_LOW = 0x4385DF649FCCF645L;

  // The state and the increment, 128 bits each.
  private long high;
  private long low;
  private final long incrementHigh;
  private final long incrementLow;

  /** The other half of the last draw, if only one was asked for. */
  private int buffered;

  private boolean hasBuffered;

  /** As {@code default_rng(seed)}, seed at least 0. */
  public NumpyGenerator(long seed) {
    if (seed < 0) {
      throw new IllegalArgumentException("a seed must not be negative, but is " + seed);
    }
    long[] words = seedSequence(seed);
    incrementHigh = words[2] << 1 | words[3] >>> 63;
    incrementLow = words[3] << 1 | 1;
    step();
    add(words[0], words[1]);
    step();
  }

  /** Four words of {@code SeedSequence(seed).generate_state(4, uint64)}. */
  private static long[] seedSequence(long seed) {
    int[] pool = {(int) seed, (int) (seed >>> 32), 0, 0};
    int[] constant = {0x43b0d7e5};
    for (int i = 0; i < pool.length; i++) {
      pool[i] = hash(pool[i], constant, 0x931e8875);
    }
    for (int from = 0; from < pool.length; from++) {
      for (int to = 0; to < pool.length; to++) {
        if (from != to) {
          int mixed = 0xca01f9dd * pool[to] - 0x4973f715 * hash(pool[from], constant, 0x931e8875);
          pool[to] = mixed ^ mixed >>> 16;
        }
      }
    }
    constant[0] = 0x8b51f9dd;
    long[] words = new long[4];
    for (int i = 0; i < 2 * words.length; i++) {
      long half = hash(pool[i % pool.length], constant, 0x58f38ded) & 0xffffffffL;
      words[i / 2] |= half << (32 * (i % 2));
    }
    return words;
  }

  private static int hash(int value, int[] constant, int multiplier) {
    value ^= constant[0];
    constant[0] *= multiplier;
    value *= constant[0];
    return value ^ value >>> 16;
  }

  private void step() {
    long productHigh =
        Math.unsignedMultiplyHigh(low, MULTIPLIER_LOW)
            + high * MULTIPLIER_LOW
            + low * MULTIPLIER_HIGH;
    low *= MULTIPLIER_LOW;
    high = productHigh;
    add(incrementHigh, incrementLow);
  }

  private void add(long otherHigh, long otherLow) {
    low += otherLow;
    high += otherHigh + (Long.compareUnsigned(low, otherLow) < 0 ? 1 : 0);
  }

  private int next32() {
    if (hasBuffered) {
      hasBuffered = false;
      return buffered;
    }
    step();
    long draw = Long.rotateRight(high ^ low, (int) (high >>> 58));
    hasBuffered = true;
    buffered = (int) (draw >>> 32);
    return (int) draw;
  }

  /** {@code integers(0, most + 1)} for most below 2³¹: Lemire's method on 32 bits. */
  private int bounded(int most) {
    if (most == 0) {
      return 0;
    }
    long range = most + 1L;
    long product = (next32() & 0xffffffffL) * range;
    if ((product & 0xffffffffL) < range) {
      long threshold = (0xffffffffL - most) % range;
      while ((product & 0xffffffffL) < threshold) {
        product = (next32() & 0xffffffffL) * range;
      }
    }
    return (int) (product >>> 32);
  }

  /** {@code choice(a)}. */
  public int choice(int... a) {
    return a[bounded(a.length - 1)];
  }

  /** {@code choice(n, size, replace=False)}. */
  public int[] choice(int n, int size) {
    int[] chosen = new int[size];
    if (n > 10000 && size > n / 50) {
      int[] all = new int[n];
      for (int i = 0; i < n; i++) {
        all[i] = i;
      }
      shuffle(all, Math.max(n - size, 1));
      System.arraycopy(all, n - size, chosen, 0, size);
      return chosen;
    }
    // Floyd's algorithm.
    Set<Integer> seen = new HashSet<>();
    for (int j = n - size; j < n; j++) {
      int value = bounded(j);
      if (!seen.add(value)) {
        value = j;
        seen.add(value);
      }
      chosen[j - (n - size)] = value;
    }
    shuffle(chosen, 1);
    return chosen;
  }

  private void shuffle(int[] values, int first) {
    for (int i = values.length - 1; i >= first; i--) {
      int j = bounded(i);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
