package io.github.elegans.memory;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Floats in memory segments of any kind. */
public final class FloatSegments {
  private FloatSegments() {}

  /** The float of that index, at any address. */
  public static float get(MemorySegment floats, long index) {
    return floats.get(JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
  }

  /** Sets the float of that index, at any address. */
  public static void set(MemorySegment floats, long index, float value) {
    floats.set(JAVA_FLOAT_UNALIGNED, index * Float.BYTES, value);
  }

  /** Copies n floats; positions are in floats. */
  public static void copy(MemorySegment from, long at, MemorySegment to, long toAt, long n) {
    MemorySegment.copy(from, at * Float.BYTES, to, toAt * Float.BYTES, n * Float.BYTES);
  }
}
