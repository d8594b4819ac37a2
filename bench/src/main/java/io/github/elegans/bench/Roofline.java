package io.github.elegans.bench;

import java.util.List;

/** What is measured to find out what the hardware can do at most ({@link Probe}). */
public final class Roofline {
  private static final long KIBIBYTE = 1 << 10;
  private static final long MEBIBYTE = 1 << 20;

  /** Keeps what was computed alive. */
  private static volatile long longSink;

  private Roofline() {}

  /**
   * A buffer that fits into a level of memory.
   *
   * @param name for people
   * @param bytes its size
   */
  public record Level(String name, long bytes) {}

  /** Buffers that fit well into each of three caches, and one that fits into none. */
  public static List<Level> levels(Machine machine) {
    long first = machine.cacheBytes(1).orElse(32 * KIBIBYTE);
    long second = machine.cacheBytes(2).orElse(512 * KIBIBYTE);
    long third = machine.cacheBytes(3).orElse(16 * MEBIBYTE);
    return List.of(
        new Level("L1", first / 2),
        new Level("L2", second / 2),
        new Level("L3", third / 2),
        new Level("memory", Math.clamp(4 * third, 128 * MEBIBYTE, 512 * MEBIBYTE)));
  }

  /**
   * A chain in which each operation waits for the one before, and which no compiler shortens.
   *
   * @return how many operations that were
   */
  static long dependentOperations(long rounds) {
    long x = longSink | 1;
    long a = longSink | 1;
    long b = longSink | 3;
    for (long i = 0; i < rounds; i++) {
      x = (((x + a) ^ b) + a) ^ b;
      x = (((x + a) ^ b) + a) ^ b;
      x = (((x + a) ^ b) + a) ^ b;
      x = (((x + a) ^ b) + a) ^ b;
      x = (((x + a) ^ b) + a) ^ b;
      x = (((x + a) ^ b) + a) ^ b;
      x = (((x + a) ^ b) + a) ^ b;
      x = (((x + a) ^ b) + a) ^ b;
    }
    longSink = x;
    return rounds * 32;
  }

  /** Keeps alive what was computed. */
  static void keep(long value) {
    longSink ^= value;
  }
}
