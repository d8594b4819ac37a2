package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.RooflineKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleSupplier;
import java.util.function.LongUnaryOperator;

/**
 * One limit of the machine, measured in pieces of some tenths of a millisecond. On a machine that
 * others use, too, most pieces are disturbed; the best of many is not.
 */
final class Probe {
  private static final long PIECE_NANOS = 200_000;

  /** Reads come in multiples of so many floats. */
  private static final int READ_UNIT = 128;

  private static final long MOST_BYTES = 256L << 20;

  /** Keeps what was computed alive. */
  private static volatile long sink;

  private final LongUnaryOperator work;
  private final DoubleSupplier nanosPerCall;
  private long rounds = 1;

  /**
   * A probe of some work.
   *
   * @param work does so many rounds and returns how many units of work they were
   * @param nanosPerCall nanoseconds of a round that are not the work's own
   */
  private Probe(LongUnaryOperator work, DoubleSupplier nanosPerCall) {
    this.work = work;
    this.nanosPerCall = nanosPerCall;
  }

  /** Float32 fused multiply-adds through a backend: 10⁹ floating-point operations a second. */
  static Probe peak(RooflineKernels roofline) {
    return new Probe(roofline::multiplyAdd, () -> 0);
  }

  /** The least that can be read in one call through a backend: 10⁹ calls a second. */
  static Probe call(RooflineKernels roofline) {
    MemorySegment data = Arena.ofAuto().allocate(READ_UNIT * Float.BYTES, 4096);
    return new Probe(
        calls -> {
          read(roofline, data, READ_UNIT, calls);
          return calls;
        },
        () -> 0);
  }

  /**
   * Reading a buffer of that size over and over through a backend: 10⁹ bytes a second.
   *
   * @param nanosPerCall what a call takes that reads next to nothing: it does not count
   */
  static Probe read(RooflineKernels roofline, long bytes, DoubleSupplier nanosPerCall) {
    long units = Math.min(bytes, MOST_BYTES) / Float.BYTES / READ_UNIT;
    long floats = (1 + Math.max(1, units)) * READ_UNIT;
    MemorySegment data = Arena.ofAuto().allocate(floats * Float.BYTES, 4096);
    // Pages that were never written may all be the same one.
    data.fill((byte) 1);
    return new Probe(
        passes -> {
          read(roofline, data, floats, passes);
          return passes * (floats - READ_UNIT) * Float.BYTES;
        },
        nanosPerCall);
  }

  private static void read(RooflineKernels roofline, MemorySegment data, long floats, long passes) {
    float sum = 0;
    for (long i = 0; i < passes; i++) {
      sum += roofline.read(data, floats);
    }
    sink = Float.floatToRawIntBits(sum);
  }

  /** The core's clock in GHz: an integer addition takes one cycle, and so does an exclusive or. */
  static Probe clock() {
    return new Probe(rounds -> dependentOperations(rounds, sink | 1, sink | 3), () -> 0);
  }

  /** A chain in which each operation waits for the one before, and which no compiler shortens. */
  private static long dependentOperations(long rounds, long a, long b) {
    long x = a;
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
    sink = x;
    return rounds * 32;
  }

  /**
   * Measures for about so long.
   *
   * @return the best rate of all pieces, in 10⁹ units a second
   */
  double best(long nanos) {
    double best = 0;
    long begin = System.nanoTime();
    do {
      best = Math.max(best, piece());
    } while (System.nanoTime() - begin < nanos || best == 0);
    return best;
  }

  /** Measures one piece; 0 if it was too short for the timer, because it is compiled only now. */
  double piece() {
    long start = System.nanoTime();
    long units = work.applyAsLong(rounds);
    long elapsed = System.nanoTime() - start;
    if (elapsed < PIECE_NANOS / 2) {
      rounds *= 2;
      return 0;
    }
    return units / (elapsed - rounds * nanosPerCall.getAsDouble());
  }
}
