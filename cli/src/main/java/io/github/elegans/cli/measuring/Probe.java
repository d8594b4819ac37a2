package io.github.elegans.cli.measuring;

import io.github.elegans.kernels.roofline.RooflineKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One limit of the machine, measured in pieces of some tenths of a millisecond. On a machine that
 * others use, too, many pieces are disturbed; the best of them all is not.
 */
public final class Probe {
  private static final long PIECE_NANOS = 200_000;
  private static final long NANOS = 200_000_000;
  private static final long WARM_UP_NANOS = 10_000_000_000L;

  /** Reads come in multiples of so many floats. */
  private static final int READ_UNIT = 128;

  /** Keeps what was computed alive. */
  private static volatile long sink;

  private final LongUnaryOperator work;
  private final @Nullable Probe call;
  private final double unitsPerCall;
  private long rounds = 1;

  /** The best rate so far, in 10⁹ units a second. */
  private double best;

  /**
   * A probe of some work.
   *
   * @param work does so many rounds and returns how many units of work they were
   */
  private Probe(LongUnaryOperator work) {
    this(work, null, 0);
  }

  /**
   * A probe of some work whose rounds are calls.
   *
   * @param work does so many rounds and returns how many units of work they were
   * @param call a probe of a call that does next to nothing: its time is not the work's
   * @param unitsPerCall units of work that a round does
   */
  private Probe(LongUnaryOperator work, @Nullable Probe call, double unitsPerCall) {
    this.work = work;
    this.call = call;
    this.unitsPerCall = unitsPerCall;
  }

  /** Float32 fused multiply-adds through a backend: 10⁹ floating-point operations a second. */
  public static Probe peak(RooflineKernels roofline) {
    return new Probe(roofline::multiplyAdd);
  }

  /** Float32 divisions through a backend: 10⁹ a second. */
  public static Probe divisions(RooflineKernels roofline) {
    return new Probe(roofline::divide);
  }

  /** Floats gathered from the first-level cache through a backend: 10⁹ a second. */
  public static Probe gathers(RooflineKernels roofline) {
    return new Probe(roofline::gather);
  }

  /** Calls of a backend that read as little as can be read: 10⁹ calls a second. */
  public static Probe call(RooflineKernels roofline) {
    MemorySegment data = allocate(READ_UNIT);
    return new Probe(calls -> read(roofline, data, READ_UNIT, calls));
  }

  /**
   * Reading a buffer of that size over and over through a backend: 10⁹ bytes a second.
   *
   * @param call what {@link #call} gave
   */
  public static Probe read(RooflineKernels roofline, long bytes, Probe call) {
    long units = Math.max(1, bytes / Float.BYTES / READ_UNIT);
    // One more, because the call that is not to count reads one, too.
    long floats = (units + 1) * READ_UNIT;
    long counted = units * READ_UNIT * Float.BYTES;
    MemorySegment data = allocate(floats);
    return new Probe(passes -> read(roofline, data, floats, passes) * counted, call, counted);
  }

  private static MemorySegment allocate(long floats) {
    MemorySegment data = Arena.ofAuto().allocate(floats * Float.BYTES, 4096);
    // Pages that were never written may all be the same one.
    data.fill((byte) 1);
    return data;
  }

  private static long read(RooflineKernels roofline, MemorySegment data, long n, long passes) {
    float sum = 0;
    for (long i = 0; i < passes; i++) {
      sum += roofline.read(data, n);
    }
    keep(Float.floatToRawIntBits(sum));
    return passes;
  }

  /** An operation: 10⁹ a second. */
  public static Probe operation(Runnable operation) {
    return new Probe(
        calls -> {
          for (long i = 0; i < calls; i++) {
            operation.run();
          }
          return calls;
        });
  }

  /** The core's clock in GHz. */
  public static Probe clock() {
    return new Probe(Probe::dependentOperations);
  }

  /**
   * A chain in which each operation waits for the one before, and which no compiler shortens.
   *
   * @return how many operations that were
   */
  private static long dependentOperations(long rounds) {
    long x = sink | 1;
    long a = sink | 1;
    long b = sink | 3;
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

  /** Keeps alive what was computed. */
  private static void keep(long value) {
    sink ^= value;
  }

  /** Measures so many pieces, fewer if they take longer than that. */
  public void sample(int pieces, long mostNanos) {
    long begin = System.nanoTime();
    for (int i = 0; i < pieces && System.nanoTime() - begin < mostNanos; i++) {
      piece();
    }
  }

  /** Warms up and measures for some tenths of a second. */
  public double measure() {
    warmUp();
    long begin = System.nanoTime();
    do {
      // By turns: if calls became faster later, the work would look faster than it is.
      if (call != null) {
        call.piece();
      }
      piece();
    } while (System.nanoTime() - begin < NANOS || best == 0);
    return rate();
  }

  private void warmUp() {
    if (call != null && call.best == 0) {
      call.warmUp();
    }
    WarmUp.untilCompiled(this::piece, WARM_UP_NANOS);
    best = 0;
  }

  private void piece() {
    long start = System.nanoTime();
    long units = work.applyAsLong(rounds);
    long elapsed = System.nanoTime() - start;
    if (elapsed < PIECE_NANOS / 2) {
      // Too short for the timer: the first ones are, and those when it was compiled.
      rounds *= 2;
    } else {
      best = Math.max(best, (double) units / elapsed);
    }
  }

  /** The best rate so far, in 10⁹ units a second; 0 before there is one. */
  public double rate() {
    return call == null ? best : 1 / (1 / best - 1 / (call.best * unitsPerCall));
  }
}
