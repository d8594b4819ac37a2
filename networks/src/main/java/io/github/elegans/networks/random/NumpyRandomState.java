package io.github.elegans.networks.random;

import java.util.Arrays;

/**
 * {@code numpy.random.RandomState}: the Mersenne twister MT19937 (Matsumoto and Nishimura 1998) and
 * the distributions that NumPy has frozen with it.
 */
public final class NumpyRandomState {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int next = N;

  /** As {@code RandomState(seed)}, seed from 0 to 2³² - 1. */
  public NumpyRandomState(long seed) {
    if (seed < 0 || seed > 0xffffffffL) {
      throw new IllegalArgumentException(
          "a seed must lie between 0 and 4294967295, but is " + seed);
    }
    state[0] = (int) seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  private int next32() {
    if (next == N) {
      for (int i = 0; i < N; i++) {
        int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
        state[i] = state[(i + M) % N] ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
      }
      next = 0;
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** {@code randint(low, high)}, high excluded. */
  public int randint(int low, int high) {
    return low + interval(high - 1 - low);
  }

  /** Uniform in 0 .. most, by masking and rejection. */
  private int interval(int most) {
    if (most == 0) {
      return 0;
    }
    int mask = -1 >>> Integer.numberOfLeadingZeros(most);
    int value;
    do {
      value = next32() & mask;
    } while (Integer.compareUnsigned(value, most) > 0);
    return value;
  }

  /** {@code choice(a)}. */
  public int choice(int... a) {
    return a[randint(0, a.length)];
  }

  /** {@code choice(a, size, replace=False)}. */
  public int[] choice(int[] a, int size) {
    int[] order = a.clone();
    for (int i = order.length - 1; i > 0; i--) {
      int j = interval(i);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return Arrays.copyOf(order, size);
  }

  /** {@code rand()}: uniform in [0, 1) with 53 bits. */
  public double rand() {
    int a = next32() >>> 5;
    int b = next32() >>> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
  }
}
