package io.github.elegans.vector;

import io.github.elegans.backends.InstructionSet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The species of this JVM, and memory by raw address. */
final class Vectors {
  private Vectors() {}

  /**
   * The preferred shape, or a narrower one if {@code -Delegans.isa} caps it. Constant: the compiler
   * relies on it.
   */
  static final VectorShape SHAPE =
      VectorShape.forBitSize(
          Math.min(VectorShape.preferredShape().vectorBitSize(), InstructionSet.cap().bits()));

  static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);

  /** As many floats as {@link #DOUBLES} has lanes. */
  static final VectorSpecies<Float> HALF_FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(SHAPE.vectorBitSize() / 2));

  /**
   * The class of vectors of {@link #FLOATS}. A sum that a loop carries is cast to it before it is
   * stored: {@code intoMemorySegment} is one method for vectors of all sizes, and where the
   * compiler does not know the size yet, because the loop is not at its end, it guesses by that
   * method's profile, to which the exact tier (half vectors) and other libraries contribute. A
   * wrong guess makes objects of the sums for as long as the JVM lives.
   */
  static final Class<? extends FloatVector> VECTOR = FloatVector.zero(FLOATS).getClass();

  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);
  static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SHAPE);
  static final VectorSpecies<Long> LONGS = VectorSpecies.of(long.class, SHAPE);

  static final int LANES = FLOATS.length();
  static final int BYTES = FLOATS.vectorByteSize();
  static final int HALF_BYTES = HALF_FLOATS.vectorByteSize();

  /** x86 has 32 vector registers only with AVX-512, whatever width is used; AArch64 always. */
  static final boolean MANY_REGISTERS =
      VectorShape.preferredShape() == VectorShape.S_512_BIT
          || System.getProperty("os.arch").equals("aarch64");

  /**
   * All memory. One constant segment keeps the address computation of every access free of the
   * type, base and bounds of a particular one, and no other library's segments can spoil its
   * profile. Kernels call the vectors' own loads and stores with it: those are always inlined, a
   * helper of ours would not be in a large loop.
   */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /**
   * Mask of an address, and of a stride in bytes: no user address is longer on any machine. With
   * them, and with {@code & Integer.MAX_VALUE} on a loop's index, the compiler can prove that an
   * address plus a few strides lies within {@link #ALL} and drops the check; otherwise it checks
   * every access, and splits every loop to do so, at a hundred cycles a loop. Under AVX2 this took
   * the dense kernel from 65 to 90 % of the peak.
   */
  static final long ADDRESS = (1L << 56) - 1;

  static final long STRIDE = (1L << 38) - 1;

  /** Mask of the number of a row, so that its product with a stride cannot overflow either. */
  static final int ROWS = (1 << 24) - 1;

  /** Mask of the width of a panel in bytes. */
  static final long WIDTH = (1L << 16) - 1;

  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  static float get(long address) {
    return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
  }

  static void set(long address, float value) {
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
  }

  static double getDouble(long address) {
    return ALL.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address);
  }

  static void set(long address, double value) {
    ALL.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address, value);
  }

  /** Copies n floats that do not overlap. */
  static void copy(long from, long to, int n) {
    from &= ADDRESS;
    to &= ADDRESS;
    int whole = FLOATS.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER)
          .intoMemorySegment(ALL, to + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(to + 4L * i, get(from + 4L * i));
    }
  }
}
