package io.github.elegans.kernels.random;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;

/** Counter-based random numbers by definition: additions, rotations and exclusive ors of words. */
public final class ScalarRandom implements RandomKernels {
  private static final int ROUNDS = 20;
  private static final int WORDS = 4;

  /** Skein's key schedule parity. */
  private static final int PARITY = 0x1BD11BDA;

  /** Rotations of the second and the fourth word, in turns of eight rounds. */
  private static final int[] FIRST = {10, 11, 13, 23, 6, 17, 25, 18};

  private static final int[] SECOND = {26, 21, 27, 5, 20, 11, 10, 20};

  ScalarRandom() {}

  /** Threefry-4x32-20 of a counter, in its place. */
  public static void threefry(int key0, int key1, int key2, int key3, int[] counter) {
    int[] key = {key0, key1, key2, key3, PARITY ^ key0 ^ key1 ^ key2 ^ key3};
    int x0 = counter[0] + key[0];
    int x1 = counter[1] + key[1];
    int x2 = counter[2] + key[2];
    int x3 = counter[3] + key[3];
    for (int round = 0; round < ROUNDS; round++) {
      x0 += x1;
      x1 = Integer.rotateLeft(x1, FIRST[round % 8]) ^ x0;
      x2 += x3;
      x3 = Integer.rotateLeft(x3, SECOND[round % 8]) ^ x2;
      // The next round adds them crosswise.
      int swapped = x1;
      x1 = x3;
      x3 = swapped;
      if (round % 4 == 3) {
        int injection = round / 4 + 1;
        x0 += key[injection % 5];
        x1 += key[(injection + 1) % 5];
        x2 += key[(injection + 2) % 5];
        x3 += key[(injection + 3) % 5] + injection;
      }
    }
    counter[0] = x0;
    counter[1] = x1;
    counter[2] = x2;
    counter[3] = x3;
  }

  @Override
  public void threefry(
      int key0,
      int key1,
      int key2,
      int key3,
      int first,
      int counter1,
      int counter2,
      int counter3,
      MemorySegment words,
      int n) {
    for (int i = 0; i < n; i++) {
      int[] x = {first + i, counter1, counter2, counter3};
      threefry(key0, key1, key2, key3, x);
      for (int word = 0; word < WORDS; word++) {
        words.set(JAVA_INT_UNALIGNED, ((long) WORDS * i + word) * Integer.BYTES, x[word]);
      }
    }
  }

  @Override
  public void dropout(
      long seed,
      int update,
      int layer,
      double probability,
      MemorySegment x,
      long stride,
      int units,
      int rows,
      MemorySegment steps,
      MemorySegment samples) {
    int limit = limit(probability);
    float factor = factor(probability);
    for (long row = 0; row < rows; row++) {
      int step = steps.get(JAVA_INT_UNALIGNED, row * Integer.BYTES);
      int sample = samples.get(JAVA_INT_UNALIGNED, row * Integer.BYTES);
      for (int unit = 0; unit < units; unit++) {
        int[] words = {unit / WORDS, step, sample, layer};
        threefry((int) seed, (int) (seed >>> 32), 1, update, words);
        long at = row * stride + unit;
        boolean keep = Integer.compareUnsigned(words[unit % WORDS], limit) >= 0;
        FloatSegments.set(x, at, keep ? FloatSegments.get(x, at) * factor : 0);
      }
    }
  }

  /** ⌊p 2³²⌋, an unsigned number. */
  public static int limit(double probability) {
    return (int) (long) (probability * 0x1p32);
  }

  /** What is kept is multiplied with this. */
  public static float factor(double probability) {
    return (float) (1 / (1 - probability));
  }
}
