package io.github.elegans.bench;

import io.github.elegans.kernels.Kernels;
import io.github.elegans.kernels.RooflineKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** Measures what the hardware can do at most on one thread, through a backend. */
public final class Roofline {
  private static final long NANOS = 100_000_000;
  private static final long PIECE_NANOS = 500_000;

  private static final long WARM_UP_NANOS = 10_000_000_000L;

  /** Reads come in multiples of so many floats. */
  private static final int READ_UNIT = 128;

  private static final long KIBIBYTE = 1 << 10;
  private static final long MEBIBYTE = 1 << 20;

  /** Keeps what was read alive. */
  private static volatile float sink;

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

  /** The core's clock: an integer addition takes one cycle, and so does an exclusive or. */
  public static double clockGigahertz() {
    return best(Roofline::dependentOperations);
  }

  /**
   * A chain in which each operation waits for the one before, and which no compiler shortens.
   *
   * @return how many operations that were
   */
  public static long dependentOperations(long rounds) {
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
  public static void keep(long value) {
    longSink ^= value;
  }

  /** The best rate of float32 divisions, in 10⁹ a second. */
  public static double gigadivisions(Kernels kernels) {
    RooflineKernels roofline = kernels.roofline();
    return best(roofline::divide);
  }

  /** The best rate of gathering floats from the first-level cache, in 10⁹ a second. */
  public static double gigagathers(Kernels kernels) {
    RooflineKernels roofline = kernels.roofline();
    return best(roofline::gather);
  }

  /** The best rate of float32 fused multiply-adds, in 10⁹ floating-point operations a second. */
  public static double peakGflops(Kernels kernels) {
    RooflineKernels roofline = kernels.roofline();
    return best(roofline::multiplyAdd);
  }

  /**
   * The best rate of reading a buffer over and over, in 10⁹ bytes a second: that of the cache which
   * the buffer fits into.
   *
   * @param bytes the size of the buffer, at least 512
   */
  public static double readGigabytesPerSecond(Kernels kernels, long bytes) {
    long floats = bytes / Float.BYTES / READ_UNIT * READ_UNIT;
    if (floats == 0) {
      throw new IllegalArgumentException("bytes must be at least 512, but is " + bytes);
    }
    RooflineKernels roofline = kernels.roofline();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(floats * Float.BYTES, 4096);
      // Pages that were never written may all be the same one.
      data.fill((byte) 1);
      return best(
          passes -> {
            float sum = 0;
            for (long i = 0; i < passes; i++) {
              sum += roofline.read(data, floats);
            }
            sink = sum;
            return passes * floats * Float.BYTES;
          });
    }
  }

  /**
   * The best rate of some work, in 10⁹ units a second: in short pieces, of which other users of the
   * machine leave some undisturbed.
   *
   * @param work does so many rounds and returns how many units of work they were
   */
  private static double best(LongUnaryOperator work) {
    WarmUp.untilCompiled(() -> sink = work.applyAsLong(1), WARM_UP_NANOS);
    long rounds = 1;
    double best = 0;
    long begin = System.nanoTime();
    do {
      long start = System.nanoTime();
      long units = work.applyAsLong(rounds);
      long elapsed = System.nanoTime() - start;
      if (elapsed < PIECE_NANOS / 2) {
        // Too short for the timer.
        rounds *= 2;
      } else {
        best = Math.max(best, (double) units / elapsed);
      }
    } while (System.nanoTime() - begin < NANOS || best == 0);
    return best;
  }
}
