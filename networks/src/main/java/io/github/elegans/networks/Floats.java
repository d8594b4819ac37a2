package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * The caller's memory of float32: an array, a memory segment of any kind, or a buffer. It is
 * wrapped, not copied: what sessions read is what is there at the time of the call. Keep the
 * wrapper where memory is used again, and nothing is allocated.
 *
 * <p>A memory segment does not know the order of its bytes, not even one made from a buffer that
 * does: {@code MemorySegment.ofBuffer(buffer)} of a big-endian buffer, which is what {@code
 * ByteBuffer.allocateDirect(n).asFloatBuffer()} is, holds other numbers than the buffer. So give
 * buffers as buffers, and segments of the other order with it.
 */
public abstract sealed class Floats {
  /**
   * Never started: stands for every thread but the caller's, and keeps nothing of the first one.
   */
  private static final Thread ANOTHER =
      Thread.ofPlatform().inheritInheritableThreadLocals(false).unstarted(() -> {});

  private Floats() {}

  /** All of an array. */
  public static Floats of(float[] array) {
    return new OfArray(Objects.requireNonNull(array, "array"));
  }

  /**
   * All of a segment, in the byte order of this machine; any alignment.
   *
   * @throws IllegalArgumentException if its size is no multiple of 4 bytes, or if it is that of an
   *     array of other numbers than floats or bytes
   */
  public static Floats of(MemorySegment segment) {
    return of(segment, ByteOrder.nativeOrder());
  }

  /** As {@link #of(MemorySegment)}, of floats in that byte order. */
  public static Floats of(MemorySegment segment, ByteOrder order) {
    Objects.requireNonNull(segment, "segment");
    Objects.requireNonNull(order, "order");
    Object array = segment.heapBase().orElse(null);
    if (array != null && !(array instanceof float[] || array instanceof byte[])) {
      throw new IllegalArgumentException(
          "a segment of float32 must not be of an array of another type, but is of "
              + array.getClass().getSimpleName());
    }
    if (segment.byteSize() % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "a segment of float32 must have a multiple of 4 bytes, but has " + segment.byteSize());
    }
    return new OfSegment(segment, JAVA_FLOAT_UNALIGNED.withOrder(order));
  }

  /**
   * A buffer from its position to its limit as they are now, heap or direct, in its byte order.
   * Position and limit stay as they are, and may change afterwards.
   */
  public static Floats of(FloatBuffer buffer) {
    Objects.requireNonNull(buffer, "buffer");
    return new OfSegment(
        MemorySegment.ofBuffer(buffer), JAVA_FLOAT_UNALIGNED.withOrder(buffer.order()));
  }

  /** Native memory of the library's, zero. */
  static MemorySegment allocate(long n) {
    return Arena.ofAuto()
        .allocate(Require.bytes("floats of a session", n, Float.BYTES), PanelLayout.ALIGNMENT);
  }

  /** Number of floats. */
  public abstract long length();

  // Positions and lengths are in floats.

  abstract float get(long at);

  /** Copies n floats to the library's memory. */
  abstract void read(long at, MemorySegment to, long toAt, long n);

  /** Copies n floats from the library's memory. */
  abstract void write(MemorySegment from, long fromAt, long at, long n);

  /** Copies n floats from an array of the library's. */
  abstract void write(float[] from, int fromAt, long at, int n);

  /** Throws unless this thread can read the memory, or write it. */
  abstract void check(String name, boolean written);

  /** Whether other threads may use the memory, too: not that of a confined arena. */
  abstract boolean onAnyThread();

  abstract boolean overlaps(Floats other);

  abstract boolean overlaps(float[] array);

  private static final class OfArray extends Floats {
    private final float[] array;

    OfArray(float[] array) {
      this.array = array;
    }

    @Override
    public long length() {
      return array.length;
    }

    @Override
    float get(long at) {
      return array[(int) at];
    }

    @Override
    void read(long at, MemorySegment to, long toAt, long n) {
      CallerMemory.ARRAYS.read(array, at, to, toAt, n);
    }

    @Override
    void write(MemorySegment from, long fromAt, long at, long n) {
      CallerMemory.ARRAYS.write(from, fromAt, array, at, n);
    }

    @Override
    void write(float[] from, int fromAt, long at, int n) {
      CallerMemory.ARRAYS.write(from, fromAt, array, at, n);
    }

    @Override
    void check(String name, boolean written) {
      // An array is everybody's.
    }

    @Override
    boolean onAnyThread() {
      return true;
    }

    @Override
    boolean overlaps(Floats other) {
      return other.overlaps(array);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Arrays are one or apart.
    boolean overlaps(float[] other) {
      return array == other;
    }
  }

  private static final class OfSegment extends Floats {
    private final MemorySegment segment;
    private final ValueLayout.OfFloat layout;
    private final boolean isNativeOrder;

    OfSegment(MemorySegment segment, ValueLayout.OfFloat layout) {
      this.segment = segment;
      this.layout = layout;
      isNativeOrder = layout.order() == ByteOrder.nativeOrder();
    }

    @Override
    public long length() {
      return segment.byteSize() / Float.BYTES;
    }

    @Override
    float get(long at) {
      return segment.get(layout, at * Float.BYTES);
    }

    @Override
    void read(long at, MemorySegment to, long toAt, long n) {
      if (isNativeOrder) {
        FloatSegments.copy(segment, at, to, toAt, n);
      } else {
        MemorySegment.copy(
            segment, layout, at * Float.BYTES, to, JAVA_FLOAT_UNALIGNED, toAt * Float.BYTES, n);
      }
    }

    @Override
    void write(MemorySegment from, long fromAt, long at, long n) {
      if (isNativeOrder) {
        FloatSegments.copy(from, fromAt, segment, at, n);
      } else {
        MemorySegment.copy(
            from, JAVA_FLOAT_UNALIGNED, fromAt * Float.BYTES, segment, layout, at * Float.BYTES, n);
      }
    }

    @Override
    void write(float[] from, int fromAt, long at, int n) {
      MemorySegment.copy(from, fromAt, segment, layout, at * Float.BYTES, n);
    }

    @Override
    void check(String name, boolean written) {
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

    @Override
    boolean onAnyThread() {
      return segment.isAccessibleBy(ANOTHER);
    }

    @Override
    boolean overlaps(Floats other) {
      return switch (other) {
        case OfArray that -> overlaps(that.array);
        case OfSegment that -> segment.asOverlappingSlice(that.segment).isPresent();
      };
    }

    @Override
    boolean overlaps(float[] array) {
      return !segment.isNative()
          && segment.asOverlappingSlice(MemorySegment.ofArray(array)).isPresent();
    }
  }
}
