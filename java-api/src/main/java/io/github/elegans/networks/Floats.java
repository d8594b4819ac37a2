package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.base.FloatSegments;
import io.github.elegans.kernels.DenseWeights;
import io.github.elegans.kernels.Require;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Floats on both sides of the border: the caller's, in a {@code float[]} or a memory segment of any
 * kind, and the library's, in native memory. Positions and lengths are in floats.
 */
final class Floats {
  /**
   * Never started: stands for every thread but the caller's, and keeps nothing of the first one.
   */
  private static final Thread ANOTHER =
      Thread.ofPlatform().inheritInheritableThreadLocals(false).unstarted(() -> {});

  private Floats() {}

  /** Native memory, zero. */
  static MemorySegment allocate(long n) {
    return Arena.ofAuto().allocate(Math.multiplyExact(n, Float.BYTES), DenseWeights.ALIGNMENT);
  }

  static long length(Object memory) {
    if (memory instanceof float[] array) {
      return array.length;
    }
    MemorySegment segment = (MemorySegment) memory;
    if (segment.byteSize() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "a segment of float32 must have a multiple of 4 bytes, but has " + segment.byteSize());
    }
    return segment.byteSize() / Float.BYTES;
  }

  /** Throws unless the caller's memory can be read, or written. */
  static void check(String name, Object memory, boolean written) {
    if (memory instanceof MemorySegment segment) {
      if (!segment.scope().isAlive()) {
        throw new IllegalStateException(name + " is memory of a closed arena");
      }
      if (!segment.isAccessibleBy(Thread.currentThread())) {
        throw new WrongThreadException(name + " belongs to another thread");
      }
      if (written && segment.isReadOnly()) {
        throw new IllegalArgumentException(name + " must be writable, but is read-only");
      }
    }
  }

  /** Whether other threads may use the caller's memory, too: not that of a confined arena. */
  static boolean onAnyThread(Object memory) {
    return !(memory instanceof MemorySegment segment) || segment.isAccessibleBy(ANOTHER);
  }

  static boolean overlap(Object a, Object b) {
    return a == b
        || (a instanceof MemorySegment x
            && b instanceof MemorySegment y
            && x.asOverlappingSlice(y).isPresent());
  }

  static void checkTimespans(Object timespans, long n) {
    for (long i = 0; i < n; i++) {
      Require.timespan(
          timespans instanceof float[] array
              ? array[(int) i]
              : ((MemorySegment) timespans).get(JAVA_FLOAT_UNALIGNED, i * Float.BYTES));
    }
  }

  /** Copies n floats from the caller's memory. */
  static void read(Object from, long at, MemorySegment to, long toAt, long n) {
    if (from instanceof float[] array) {
      MemorySegment.copy(array, (int) at, to, JAVA_FLOAT_UNALIGNED, toAt * Float.BYTES, (int) n);
    } else {
      FloatSegments.copy((MemorySegment) from, at, to, toAt, n);
    }
  }

  /** Copies n floats to the caller's memory. */
  static void write(MemorySegment from, long at, Object to, long toAt, long n) {
    if (to instanceof float[] array) {
      MemorySegment.copy(from, JAVA_FLOAT_UNALIGNED, at * Float.BYTES, array, (int) toAt, (int) n);
    } else {
      FloatSegments.copy(from, at, (MemorySegment) to, toAt, n);
    }
  }
}
