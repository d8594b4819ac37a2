package io.github.elegans.memory;

import io.github.elegans.kernels.PanelLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory of the library's own through which numbers go that a kernel must not read or write itself,
 * because they might vanish under it: of a mapped file, which anybody may shorten, or of a shared
 * arena, which any thread may close. Copies into it and out of it are checked by the JVM at every
 * access, so that there is an error instead of a crash; kernels work on raw addresses.
 */
public final class Staging {
  private static final Class<?> AUTOMATIC = Arena.ofAuto().scope().getClass();
  private static final Class<?> GLOBAL = Arena.global().scope().getClass();
  private static final Class<?> CONFINED = confined();

  /** Bytes of a chunk: they stay in the first caches. */
  public static final long CHUNK = 1 << 16;

  // Only classes of the JDK: whatever else a thread keeps would keep our class loader.
  private static final ThreadLocal<MemorySegment> INPUT =
      ThreadLocal.withInitial(() -> allocate(CHUNK));
  private static final ThreadLocal<MemorySegment> OUTPUT =
      ThreadLocal.withInitial(() -> allocate(CHUNK));

  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(() -> allocate(CHUNK));

  /** Most arguments of a kernel that are copied row by row. */
  private static final int PIECES = 8;

  private static final ThreadLocal<MemorySegment[]> ROWS =
      ThreadLocal.withInitial(() -> new MemorySegment[PIECES]);

  private Staging() {}

  private static Class<?> confined() {
    try (Arena arena = Arena.ofConfined()) {
      return arena.scope().getClass();
    }
  }

  /** Zeros of the library's own, aligned for the widest vectors. */
  public static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes, PanelLayout.ALIGNMENT);
  }

  /**
   * Whether memory cannot be taken away while the calling thread is in a call. Of memory behind a
   * buffer nobody can tell: a view of a mapped buffer does not know that it is one.
   */
  public static boolean lasts(MemorySegment segment) {
    Class<?> scope = segment.scope().getClass();
    return (scope == AUTOMATIC || scope == CONFINED || scope == GLOBAL) && !segment.isMapped();
  }

  /** At least so many bytes that are the calling thread's until its next call. */
  public static MemorySegment input(long bytes) {
    return atLeast(INPUT, bytes);
  }

  /** The same, disjoint from {@link #input}. */
  public static MemorySegment output(long bytes) {
    return atLeast(OUTPUT, bytes);
  }

  /** The same, disjoint from both: of kernels that need memory in between, too. */
  public static MemorySegment scratch(long bytes) {
    return atLeast(SCRATCH, bytes);
  }

  /** Whether memory cannot be taken away as long as the segment is reachable, by any thread. */
  public static boolean stays(MemorySegment segment) {
    Class<?> scope = segment.scope().getClass();
    return (scope == AUTOMATIC || scope == GLOBAL) && !segment.isMapped();
  }

  /** So many rows go through copies together that the widest of an argument fill a chunk. */
  public static int rowsTogether(long width) {
    return Math.clamp(CHUNK / (width * Float.BYTES), 1, 1 << 10);
  }

  /**
   * Memory for rows of {@code width} floats, side by side, that is the calling thread's until it
   * asks for the same number again; numbers are below {@value #PIECES}.
   */
  public static MemorySegment rows(int number, long width, int rows) {
    MemorySegment[] own = ROWS.get();
    long bytes = rows * width * Float.BYTES;
    MemorySegment segment = own[number];
    if (segment == null || segment.byteSize() < bytes) {
      segment = allocate(Math.max(bytes, CHUNK));
      own[number] = segment;
    }
    return segment;
  }

  /** Such memory with copies of rows that lie {@code stride} floats apart. */
  public static MemorySegment rows(
      int number, MemorySegment from, int first, long stride, long width, int rows) {
    MemorySegment to = rows(number, width, rows);
    for (int row = 0; row < rows; row++) {
      FloatSegments.copy(from, (first + row) * stride, to, row * width, width);
    }
    return to;
  }

  /** The way back of {@link #rows(int, MemorySegment, int, long, long, int)}. */
  public static void rowsBack(
      MemorySegment from, MemorySegment to, int first, long stride, long width, int rows) {
    for (int row = 0; row < rows; row++) {
      FloatSegments.copy(from, row * width, to, (first + row) * stride, width);
    }
  }

  private static MemorySegment atLeast(ThreadLocal<MemorySegment> own, long bytes) {
    MemorySegment segment = own.get();
    if (segment.byteSize() < bytes) {
      segment = allocate(bytes);
      own.set(segment);
    }
    return segment;
  }
}
