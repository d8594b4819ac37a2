package io.github.elegans.memory;

import java.lang.foreign.MemorySegment;

/** Floats in memory segments of any kind. */
public final class FloatSegments {
  private FloatSegments() {}

  /** Copies n floats; positions are in floats. */
  public static void copy(MemorySegment from, long at, MemorySegment to, long toAt, long n) {
    MemorySegment.copy(from, at * Float.BYTES, to, toAt * Float.BYTES, n * Float.BYTES);
  }
}
