package io.github.elegans.memory;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Numbers on their way into packed memory. */
public final class Packed {
  private Packed() {}

  /** A copy in native memory, aligned and read-only. */
  public static MemorySegment floats(float[] values) {
    return copy(MemorySegment.ofArray(values));
  }

  /** As {@link #floats}, of integers. */
  public static MemorySegment ints(int[] values) {
    return copy(MemorySegment.ofArray(values));
  }

  private static MemorySegment copy(MemorySegment from) {
    // At least one line, so that there is an address even of nothing.
    long bytes = Math.max(from.byteSize(), PanelLayout.ALIGNMENT);
    MemorySegment copy = Arena.ofAuto().allocate(bytes, PanelLayout.ALIGNMENT);
    copy.copyFrom(from);
    return copy.asReadOnly();
  }

  /** The nearest float32; magnitudes below 2⁻¹⁰⁰ are flushed to zero. */
  public static float finite(String what, int index, String field, double value) {
    return finite(what + " " + index, field, value);
  }

  private static float finite(String what, String field, double value) {
    float rounded = (float) value;
    if (!Float.isFinite(rounded)) {
      throw new IllegalArgumentException(
          "%s: %s must be a finite float32, but is %s".formatted(what, field, value));
    }
    return Math.abs(rounded) < PanelLayout.FLUSH ? 0f : rounded;
  }

  /** The nearest number of a storage, as a float32. */
  public static float stored(String what, String field, double value, WeightStorage storage) {
    float rounded = finite(what, field, value);
    return storage == WeightStorage.BFLOAT16
        ? finite(what, field, Float.intBitsToFloat(WeightStorage.toBfloat16(rounded) << 16))
        : rounded;
  }

  /**
   * Runs of {@code run} bfloat16 numbers and the runs that follow them, paired in 32-bit words: the
   * first in the low halves.
   */
  public static int[] pairs(float[] values, int run) {
    int[] words = new int[values.length / 2];
    for (int i = 0; i < words.length; i++) {
      int low = i / run * 2 * run + i % run;
      words[i] =
          Float.floatToRawIntBits(values[low]) >>> 16
              | (Float.floatToRawIntBits(values[low + run]) & 0xffff0000);
    }
    return words;
  }
}
