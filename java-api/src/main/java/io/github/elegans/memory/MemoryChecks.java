package io.github.elegans.memory;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Checks of memory before a kernel works on its address: each names the thing, what was expected
 * and what was found.
 */
public final class MemoryChecks {
  /** In floats; no real memory has longer ones, and backends may rely on it. */
  public static final long LONGEST_STRIDE = 1L << 34;

  private MemoryChecks() {}

  /** Elements that rows span; beyond all memory, the largest number. */
  public static long extent(long rows, long stride, long width) {
    if (rows == 0) {
      return 0;
    }
    try {
      return Math.addExact(Math.multiplyExact(rows - 1, stride), width);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Throws unless the segment is native memory of so many elements that this thread may use. */
  public static void check(String name, MemorySegment segment, long elements, long bytes) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(name + " must be native memory, but is on the heap");
    }
    if (elements > segment.byteSize() / bytes) {
      throw new IndexOutOfBoundsException(
          "%s must hold %d elements, but has %d"
              .formatted(name, elements, segment.byteSize() / bytes));
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(name + " is memory of a closed arena");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException(name + " belongs to another thread");
    }
  }

  /** As {@link #check}, of memory that a kernel writes. */
  public static void checkWritable(String name, MemorySegment segment, long elements, long bytes) {
    check(name, segment, elements, bytes);
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException(name + " must be writable, but is read-only");
    }
  }

  /**
   * As {@link #check} of rows of {@code width} floats, {@code stride} floats apart.
   *
   * @param strideName what the stride is called
   * @return floats that the rows span
   */
  public static long checkRows(
      String name,
      MemorySegment segment,
      String strideName,
      long stride,
      long width,
      int rows,
      boolean writable) {
    Require.between(strideName, width, LONGEST_STRIDE, stride);
    return checkFloats(name, segment, extent(rows, stride, width), writable);
  }

  /** As {@link #check} of so many floats, which are the result. */
  public static long checkFloats(
      String name, MemorySegment segment, long floats, boolean writable) {
    if (writable) {
      checkWritable(name, segment, floats, Float.BYTES);
    } else {
      check(name, segment, floats, Float.BYTES);
    }
    return floats;
  }

  /** Throws unless the series has the items of those rows in all steps. */
  public static void checkItems(
      String name, Series series, int firstRow, int rows, int steps, int item) {
    if (series.rowStride() < 0 || series.stepStride() < 0) {
      throw new IllegalArgumentException(name + ": strides must not be negative");
    }
    long itemsOfStep = extent((long) firstRow + rows, series.rowStride(), item);
    long extent = rows == 0 ? 0 : extent(steps, series.stepStride(), itemsOfStep);
    check(name, series.data(), extent, Float.BYTES);
    long longer = Math.max(series.rowStride(), series.stepStride());
    if (longer > LONGEST_STRIDE) {
      throw new IllegalArgumentException(
          "%s: strides must be at most %d, but one is %d".formatted(name, LONGEST_STRIDE, longer));
    }
  }

  /** Throws unless outputs may be written, beside what is read. */
  public static void checkOut(Series out, Series x, @Nullable Series timespans) {
    checkWritable("out", out.data(), 0, Float.BYTES);
    checkDisjoint("x", x.data(), "out", out.data());
    if (timespans != null) {
      checkDisjoint("timespans", timespans.data(), "out", out.data());
    }
  }

  /** Throws if two segments share bytes. */
  public static void checkDisjoint(String a, MemorySegment x, String b, MemorySegment y) {
    if (overlap(x, y)) {
      throw new IllegalArgumentException(a + " and " + b + " must not overlap");
    }
  }

  /** Throws if so many floats at the beginning of two segments share bytes. */
  public static void checkDisjoint(
      String a, MemorySegment x, long xFloats, String b, MemorySegment y, long yFloats) {
    if (overlap(x.address(), xFloats * Float.BYTES, y.address(), yFloats * Float.BYTES)) {
      throw new IllegalArgumentException(a + " and " + b + " must not overlap");
    }
  }

  /** Whether two segments share bytes, wherever they end. */
  static boolean overlap(MemorySegment x, MemorySegment y) {
    return overlap(x.address(), x.byteSize(), y.address(), y.byteSize());
  }

  private static boolean overlap(long x, long xBytes, long y, long yBytes) {
    long distance = y - x;
    return distance >= 0 ? distance < xBytes && yBytes > 0 : -distance < yBytes && xBytes > 0;
  }
}
