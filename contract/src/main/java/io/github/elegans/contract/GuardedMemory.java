package io.github.elegans.contract;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Native memory between two guards, full of a pattern where nobody has written yet. */
final class GuardedMemory {
  private static final long GUARD = 256;
  private static final byte PATTERN = (byte) 0xA5;

  private final MemorySegment whole;
  private final MemorySegment inside;

  /**
   * Allocates.
   *
   * @param misalignment of the inside, in bytes beyond a multiple of 64
   */
  private GuardedMemory(Arena arena, long bytes, long misalignment) {
    whole = arena.allocate(GUARD + misalignment + bytes + GUARD, 64).fill(PATTERN);
    inside = whole.asSlice(GUARD + misalignment, bytes);
  }

  /** Memory for n floats. */
  static GuardedMemory floats(Arena arena, long n, long misalignment) {
    return new GuardedMemory(arena, n * Float.BYTES, misalignment);
  }

  /** Memory that holds these floats. */
  static GuardedMemory of(Arena arena, float[] values, long misalignment) {
    GuardedMemory memory = floats(arena, values.length, misalignment);
    MemorySegment.copy(values, 0, memory.inside, JAVA_FLOAT_UNALIGNED, 0, values.length);
    return memory;
  }

  /** Memory for n doubles. */
  static GuardedMemory doubles(Arena arena, long n, long misalignment) {
    return new GuardedMemory(arena, n * Double.BYTES, misalignment);
  }

  /** Memory that holds these doubles. */
  static GuardedMemory of(Arena arena, double[] values, long misalignment) {
    GuardedMemory memory = doubles(arena, values.length, misalignment);
    MemorySegment.copy(values, 0, memory.inside, JAVA_DOUBLE_UNALIGNED, 0, values.length);
    return memory;
  }

  MemorySegment segment() {
    return inside;
  }

  float[] toFloats() {
    return inside.toArray(JAVA_FLOAT_UNALIGNED);
  }

  double[] toDoubles() {
    return inside.toArray(JAVA_DOUBLE_UNALIGNED);
  }

  float get(long index) {
    return inside.get(JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
  }

  /** Fails if something was written around the memory. */
  void assertGuards(String what) {
    long begin = inside.address() - whole.address();
    assertUntouched(what + ": memory before it", whole.asSlice(0, begin));
    assertUntouched(what + ": memory behind it", whole.asSlice(begin + inside.byteSize()));
  }

  /** Fails if something was written to n floats of the memory. */
  void assertUntouched(String what, long first, long n) {
    assertUntouched(what, inside.asSlice(first * Float.BYTES, n * Float.BYTES));
  }

  /** Fails if something was written anywhere. */
  void assertUntouched(String what) {
    assertUntouched(what, whole);
  }

  private static void assertUntouched(String what, MemorySegment segment) {
    for (long i = 0; i < segment.byteSize(); i++) {
      byte found = segment.get(ValueLayout.JAVA_BYTE, i);
      if (found != PATTERN) {
        assertThat(found).as("%s, byte %d of %d", what, i, segment.byteSize()).isEqualTo(PATTERN);
      }
    }
  }
}
