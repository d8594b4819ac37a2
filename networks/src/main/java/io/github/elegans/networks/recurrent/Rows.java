package io.github.elegans.networks.recurrent;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A chunk of rows of floats in native memory. */
final class Rows {
  /** Rows that plain Java goes through together, so that they stay in the first-level caches. */
  static final int CHUNK = 48;

  private final MemorySegment data;
  private final int stride;

  private Rows(MemorySegment data, int stride) {
    this.data = data;
    this.stride = stride;
  }

  /** Rows of that many floats, zero. */
  static Rows of(int width) {
    int stride = PanelLayout.stride(width);
    long bytes = (long) CHUNK * stride * Float.BYTES;
    return new Rows(Arena.ofAuto().allocate(bytes, PanelLayout.ALIGNMENT), stride);
  }

  /** These rows without their first columns. */
  Rows from(int column) {
    return new Rows(data.asSlice((long) column * Float.BYTES), stride);
  }

  float get(int row, int column) {
    return data.getAtIndex(JAVA_FLOAT, (long) row * stride + column);
  }

  void set(int row, int column, float value) {
    data.setAtIndex(JAVA_FLOAT, (long) row * stride + column, value);
  }

  MemorySegment data() {
    return data;
  }

  long index(int row) {
    return (long) row * stride;
  }

  /** The elementwise functions and layers of a backend, on rows. */
  record Functions(Kernels kernels, Accuracy accuracy) {

    /** y = activation(bias + x W). */
    void dense(DenseWeights weights, Activation activation, Rows x, Rows y, int n) {
      kernels.dense().forward(weights, activation, accuracy, x.data, x.stride, y.data, y.stride, n);
    }

    /** y = function(y). */
    void apply(Activation function, Rows y, int n) {
      kernels.math().apply(function, accuracy, y.data, y.data, (long) n * y.stride);
    }
  }
}
