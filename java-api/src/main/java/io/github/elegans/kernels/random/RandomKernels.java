package io.github.elegans.kernels.random;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;

/**
 * Counter-based random numbers: Threefry-4x32-20 (Salmon et al., Parallel random numbers: as easy
 * as 1, 2, 3, SC 2011), where every number is a function of a key and a counter, so that threads,
 * blocks and repetition cannot matter.
 */
public interface RandomKernels {
  /** The family. */
  KernelFamily<RandomKernels> FAMILY =
      new KernelFamily<>("random", RandomKernels.class, ScalarRandom::new, CheckedRandom::new);

  /**
   * The words of consecutive counters: {@code words[4 i .. 4 i + 3]} are those of the counter
   * (first + i, counter1, counter2, counter3), for i &lt; n, where first + i is modulo 2³²; the key
   * is (key0, key1, key2, key3).
   *
   * @param key0 the first of the four words of the key
   * @param words receives 4 n 32-bit words
   * @param n how many counters
   */
  void threefry(
      int key0,
      int key1,
      int key2,
      int key3,
      int first,
      int counter1,
      int counter2,
      int counter3,
      MemorySegment words,
      int n);

  /**
   * Dropout in place: an element is multiplied by 1 / (1 − p) if its word is at least ⌊p · 2³²⌋ as
   * an unsigned number, and else becomes 0. The word of unit u in a row is word u mod 4 of the
   * counter (u / 4, {@code steps[row]}, {@code samples[row]}, layer) with the key (seed's low half,
   * its high half, 1, update).
   *
   * @param probability p, from 0 to below 1
   * @param x rows of {@code units} floats rounded up to 16, {@code stride} floats apart; what lies
   *     behind the units may be changed, but zeros stay zeros
   * @param steps one 32-bit integer for each row
   * @param samples one 32-bit integer for each row
   */
  void dropout(
      long seed,
      int update,
      int layer,
      double probability,
      MemorySegment x,
      long stride,
      int units,
      int rows,
      MemorySegment steps,
      MemorySegment samples);
}
