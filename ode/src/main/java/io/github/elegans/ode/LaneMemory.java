package io.github.elegans.ode;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.expressions.Precision;
import io.github.elegans.kernels.programs.ProgramKernel;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The variables of a kernel's lanes, in either precision. Who uses it keeps it reachable. */
final class LaneMemory {
  /**
   * All memory, where that is allowed. What a segment of its own is asked again at every access
   * (its kind, its end, whether it is alive) is constant then, and an access as short as one of an
   * array: saving states takes a fifth less time.
   */
  private static final MemorySegment ALL =
      LaneMemory.class.getModule().isNativeAccessEnabled()
          ? MemorySegment.NULL.reinterpret(Long.MAX_VALUE)
          : MemorySegment.NULL;

  private static final boolean IS_RAW = ALL.byteSize() > 0;

  /** No address is longer: with it, the compiler sees that an access lies within all memory. */
  private static final long ADDRESS = (1L << 56) - 1;

  private final ProgramKernel kernel;
  private final MemorySegment numbers;
  private final long address;
  private final boolean isDouble;
  private final int width;
  private final int count;

  LaneMemory(ProgramKernel kernel, Precision precision) {
    this.kernel = kernel;
    this.numbers = kernel.lanes();
    this.address = numbers.address();
    this.isDouble = precision == Precision.DOUBLE;
    this.width = kernel.width();
    this.count = Math.toIntExact(numbers.byteSize() / (isDouble ? Double.BYTES : Float.BYTES));
  }

  int width() {
    return width;
  }

  double get(int variable, int lane) {
    long at = Objects.checkIndex(variable * width + lane, count);
    MemorySegment from = IS_RAW ? ALL : numbers;
    long base = IS_RAW ? address & ADDRESS : 0;
    return isDouble
        ? from.get(JAVA_DOUBLE_UNALIGNED, base + at * Double.BYTES)
        : from.get(JAVA_FLOAT_UNALIGNED, base + at * Float.BYTES);
  }

  void set(int variable, int lane, double value) {
    long at = Objects.checkIndex(variable * width + lane, count);
    MemorySegment to = IS_RAW ? ALL : numbers;
    long base = IS_RAW ? address & ADDRESS : 0;
    if (isDouble) {
      to.set(JAVA_DOUBLE_UNALIGNED, base + at * Double.BYTES, value);
    } else {
      to.set(JAVA_FLOAT_UNALIGNED, base + at * Float.BYTES, (float) value);
    }
  }

  int run(int rounds) {
    return kernel.run(rounds);
  }

  /** Copies all variables of a lane to a lane of another memory. */
  void copy(int lane, LaneMemory to, int toLane, int variables) {
    for (int v = 0; v < variables; v++) {
      to.set(v, toLane, get(v, lane));
    }
  }
}
