package io.github.elegans.kernels;

import io.github.elegans.checks.Require;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory of the library's own through which numbers go that a kernel must not read or write itself,
 * because they might vanish under it: of a mapped file, which anybody may shorten, or of a shared
 * arena, which any thread may close. Copies into it and out of it are checked by the JVM at every
 * access, so that there is an error instead of a crash; kernels work on raw addresses.
 */
final class Staging {
  private static final Class<?> AUTOMATIC = Arena.ofAuto().scope().getClass();
  private static final Class<?> GLOBAL = Arena.global().scope().getClass();
  private static final Class<?> CONFINED = confined();

  /** Bytes of a chunk: they stay in the first caches. */
  private static final long CHUNK = 1 << 16;

  // Only classes of the JDK: whatever else a thread keeps would keep our class loader.
  private static final ThreadLocal<MemorySegment> INPUT =
      ThreadLocal.withInitial(() -> allocate(CHUNK));
  private static final ThreadLocal<MemorySegment> OUTPUT =
      ThreadLocal.withInitial(() -> allocate(CHUNK));

  private final int mostSteps;
  private final int inputSize;
  private final int outputSize;
  private final Series x;
  private final Series timespans;
  private final Series out;

  /** Staging for a cell's calls on a workspace of so many rows. */
  Staging(int rows, int inputSize, int outputSize) {
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    long bytesOfStep =
        Require.bytes("a staged step", rows, (inputSize + 1L + outputSize) * Float.BYTES);
    mostSteps = (int) Math.max(1, CHUNK / bytesOfStep);
    x = series(rows, mostSteps, inputSize);
    timespans = series(rows, mostSteps, 1);
    out = series(rows, mostSteps, outputSize);
  }

  private static Series series(int rows, int steps, int item) {
    long floats = (long) rows * item;
    return new Series(
        allocate(Require.bytes("staged steps", steps, floats * Float.BYTES)), item, floats);
  }

  private static Class<?> confined() {
    try (Arena arena = Arena.ofConfined()) {
      return arena.scope().getClass();
    }
  }

  private static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes, DenseWeights.ALIGNMENT);
  }

  /**
   * Whether memory cannot be taken away while the calling thread is in a call. Of memory behind a
   * buffer nobody can tell: a view of a mapped buffer does not know that it is one.
   */
  static boolean lasts(MemorySegment segment) {
    Class<?> scope = segment.scope().getClass();
    return (scope == AUTOMATIC || scope == CONFINED || scope == GLOBAL) && !segment.isMapped();
  }

  /** Whether two segments share bytes, wherever they end. */
  static boolean overlap(MemorySegment x, MemorySegment y) {
    long distance = y.address() - x.address();
    return distance >= 0
        ? distance < x.byteSize() && y.byteSize() > 0
        : -distance < y.byteSize() && x.byteSize() > 0;
  }

  /** Whether the memory of all of them lasts. */
  static boolean lasts(Series x, @Nullable Series timespans, @Nullable Series out) {
    return lasts(x.data())
        && (timespans == null || lasts(timespans.data()))
        && (out == null || lasts(out.data()));
  }

  /** At least so many bytes that are the calling thread's until its next call. */
  static MemorySegment input(long bytes) {
    return atLeast(INPUT, bytes);
  }

  /** The same, disjoint from {@link #input}. */
  static MemorySegment output(long bytes) {
    return atLeast(OUTPUT, bytes);
  }

  private static MemorySegment atLeast(ThreadLocal<MemorySegment> own, long bytes) {
    MemorySegment segment = own.get();
    if (segment.byteSize() < bytes) {
      segment = allocate(bytes);
      own.set(segment);
    }
    return segment;
  }

  /**
   * Brings the next steps, as many as there is room for.
   *
   * @return how many
   */
  int bring(
      Series fromX, @Nullable Series fromTimespans, int firstRow, int rows, int done, int all) {
    int steps = Math.min(mostSteps, all - done);
    for (int step = 0; step < steps; step++) {
      copy(fromX, done + step, x, step, firstRow, rows, inputSize);
      if (fromTimespans != null) {
        copy(fromTimespans, done + step, timespans, step, firstRow, rows, 1);
      }
    }
    return steps;
  }

  /** Brings the timespans of a step, which becomes step 0. */
  void bringTimespans(Series from, int firstRow, int rows, int step) {
    copy(from, step, timespans, 0, firstRow, rows, 1);
  }

  /** Takes the outputs of those steps to where they belong. */
  void take(@Nullable Series to, int firstRow, int rows, int done, int steps) {
    if (to != null) {
      for (int step = 0; step < steps; step++) {
        copy(out, step, to, done + step, firstRow, rows, outputSize);
      }
    }
  }

  /** The inputs that were brought. */
  Series x() {
    return x;
  }

  /** The timespans that were brought. */
  Series timespans() {
    return timespans;
  }

  /** Where a call puts its outputs, if there is somewhere to take them to. */
  @Nullable Series out(@Nullable Series to) {
    return to == null ? null : out;
  }

  private static void copy(
      Series from, int fromStep, Series to, int toStep, int firstRow, int rows, int item) {
    for (int row = firstRow; row < firstRow + rows; row++) {
      FloatSegments.copy(
          from.data(), from.offset(row, fromStep), to.data(), to.offset(row, toStep), item);
    }
  }
}
