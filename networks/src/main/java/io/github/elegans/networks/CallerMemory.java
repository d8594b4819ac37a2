package io.github.elegans.networks;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.github.elegans.checks.Require;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A kind of memory of the caller's, and how its floats are reached: an array itself, so that
 * nothing has to be wrapped, or {@link Floats}. Positions and lengths are in floats.
 */
abstract sealed class CallerMemory<M> {
  static final CallerMemory<float[]> ARRAYS = new OfArrays();
  static final CallerMemory<Floats> FLOATS = new OfFloats();

  abstract long length(M memory);

  /** Copies n floats to the library's memory. */
  abstract void read(M from, long at, MemorySegment to, long toAt, long n);

  /** Copies n floats from the library's memory. */
  abstract void write(MemorySegment from, long fromAt, M to, long at, long n);

  /** Copies n floats from an array of the library's. */
  abstract void write(float[] from, int fromAt, M to, long at, int n);

  /** An array of the library's as memory of this kind, which the caller may have wrapped. */
  abstract M of(float[] array, Floats wrapped);

  /** Throws unless this thread can read the memory, or write it. */
  abstract void check(String name, M memory, boolean written);

  /** Whether other threads may use the memory, too: not that of a confined arena. */
  abstract boolean onAnyThread(M memory);

  abstract boolean overlap(M a, M b);

  abstract boolean overlap(M a, Floats b);

  /** Throws unless it can be read and has that length. */
  final void requireReadable(String name, String shape, long length, M memory) {
    require(name, shape, length, memory, false);
  }

  /** Throws unless it can be written and has that length. */
  final void requireWritable(String name, String shape, long length, M memory) {
    require(name, shape, length, memory, true);
  }

  private void require(String name, String shape, long length, M memory, boolean written) {
    Objects.requireNonNull(memory, name);
    if (length(memory) != length) {
      Require.length(name + " " + shape, length, length(memory));
    }
    check(name, memory, written);
  }

  private static final class OfArrays extends CallerMemory<float[]> {
    @Override
    long length(float[] array) {
      return array.length;
    }

    @Override
    void read(float[] from, long at, MemorySegment to, long toAt, long n) {
      MemorySegment.copy(from, (int) at, to, JAVA_FLOAT_UNALIGNED, toAt * Float.BYTES, (int) n);
    }

    @Override
    void write(MemorySegment from, long fromAt, float[] to, long at, long n) {
      MemorySegment.copy(from, JAVA_FLOAT_UNALIGNED, fromAt * Float.BYTES, to, (int) at, (int) n);
    }

    @Override
    void write(float[] from, int fromAt, float[] to, long at, int n) {
      System.arraycopy(from, fromAt, to, (int) at, n);
    }

    @Override
    float[] of(float[] array, Floats wrapped) {
      return array;
    }

    @Override
    void check(String name, float[] array, boolean written) {
      // An array is everybody's.
    }

    @Override
    boolean onAnyThread(float[] array) {
      return true;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Arrays are one or apart.
    boolean overlap(float[] a, float[] b) {
      return a == b;
    }

    @Override
    boolean overlap(float[] a, Floats b) {
      return b.overlaps(a);
    }
  }

  private static final class OfFloats extends CallerMemory<Floats> {
    @Override
    long length(Floats floats) {
      return floats.length();
    }

    @Override
    void read(Floats from, long at, MemorySegment to, long toAt, long n) {
      from.read(at, to, toAt, n);
    }

    @Override
    void write(MemorySegment from, long fromAt, Floats to, long at, long n) {
      to.write(from, fromAt, at, n);
    }

    @Override
    void write(float[] from, int fromAt, Floats to, long at, int n) {
      to.write(from, fromAt, at, n);
    }

    @Override
    Floats of(float[] array, Floats wrapped) {
      return wrapped;
    }

    @Override
    void check(String name, Floats floats, boolean written) {
      floats.check(name, written);
    }

    @Override
    boolean onAnyThread(Floats floats) {
      return floats.onAnyThread();
    }

    @Override
    boolean overlap(Floats a, Floats b) {
      return a.overlaps(b);
    }
  }
}
