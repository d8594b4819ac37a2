package io.github.elegans.networks.training;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Rows of floats in native memory, padded to whole blocks of 16 with zeros. It grows on demand, and
 * forgets what it held then.
 */
final class RowBuffer {
  private final int width;
  private final long stride;
  private MemorySegment memory = MemorySegment.NULL;

  /** Views of the memory from each row on, made when first asked for. */
  private @Nullable MemorySegment[] views = new MemorySegment[0];

  private RowBuffer(int width, long stride) {
    this.width = width;
    this.stride = stride;
  }

  /** Rows of that many floats. */
  static RowBuffer of(int width) {
    return new RowBuffer(width, PanelLayout.stride(width));
  }

  /** As {@link #of}, with room for so many rows. */
  static RowBuffer of(int width, int rows) {
    RowBuffer buffer = of(width);
    buffer.reserve(rows);
    return buffer;
  }

  /** One float for each row, one behind the other. */
  static RowBuffer ofScalars() {
    return new RowBuffer(1, 1);
  }

  /** Makes room for at least so many rows. */
  void reserve(int rows) {
    if (rows > views.length) {
      memory = Staging.allocate(Math.max(1, rows) * stride * Float.BYTES);
      views = new MemorySegment[rows];
    }
  }

  int width() {
    return width;
  }

  /** Floats from row to row. */
  long stride() {
    return stride;
  }

  /** Index of a row's first float. */
  long at(int row) {
    return row * stride;
  }

  /** The memory, all of it. */
  MemorySegment memory() {
    return memory;
  }

  /** The memory from a row on. */
  MemorySegment from(int row) {
    MemorySegment view = views[row];
    if (view == null) {
      view = memory.asSlice(at(row) * Float.BYTES);
      views[row] = view;
    }
    return view;
  }

  float get(int row, int column) {
    return FloatSegments.get(memory, at(row) + column);
  }

  void set(int row, int column, float value) {
    FloatSegments.set(memory, at(row) + column, value);
  }

  /** Sets a row's first floats from an array, from an index on. */
  void load(int row, int column, float[] from, int at, int n) {
    MemorySegment.copy(from, at, memory, JAVA_FLOAT, (at(row) + column) * Float.BYTES, n);
  }

  /** Copies a row's first floats to an array. */
  void store(int row, int column, float[] to, int at, int n) {
    MemorySegment.copy(memory, JAVA_FLOAT, (at(row) + column) * Float.BYTES, to, at, n);
  }

  /** Zeros in the first rows. */
  void clear(int rows) {
    MemorySegment some =
        rows == views.length ? memory : memory.asSlice(0, rows * stride * Float.BYTES);
    some.fill((byte) 0);
  }

  /** Copies the first {@code n} floats of a row into another buffer's row, from a column on. */
  void copyRow(int row, int fromColumn, RowBuffer to, int toRow, int toColumn, int n) {
    FloatSegments.copy(memory, at(row) + fromColumn, to.memory, to.at(toRow) + toColumn, n);
  }
}
