package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.DOUBLES;
import static io.github.elegans.vector.Vectors.LANES;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;

/** Elementwise functions over arrays: {@link VectorFloats} and {@link VectorDoubles}. */
final class VectorMath implements MathKernels {
  private static final int DOUBLE_LANES = DOUBLES.length();

  /** Elements of a loop: few enough for {@link Vectors#ROWS} of the narrowest vectors. */
  private static final int PART = 1 << 24;

  @Override
  public void apply(
      Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n) {
    long from = x.address();
    long to = y.address();
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += PART) {
      int vectors = (int) Math.min(whole - i, PART) / LANES;
      map(function, accuracy, from + 4 * i, to + 4 * i, BYTES, vectors, BYTES);
    }
    for (long i = whole; i < n; i++) {
      Vectors.set(to + 4 * i, ScalarMath.apply(function, accuracy, Vectors.get(from + 4 * i)));
    }
  }

  @Override
  public void applyDouble(Activation function, MemorySegment x, MemorySegment y, long n) {
    long from = x.address();
    long to = y.address();
    long whole = n - n % DOUBLE_LANES;
    for (long i = 0; i < whole; i += PART) {
      mapDoubles(function, from + 8 * i, to + 8 * i, (int) Math.min(whole - i, PART));
    }
    for (long i = whole; i < n; i++) {
      Vectors.set(to + 8 * i, ScalarMath.apply(function, Vectors.getDouble(from + 8 * i)));
    }
  }

  /**
   * y = activation(y) on rows of columns, a multiple of {@value PanelLayout#BLOCK}.
   *
   * @param stride from row to row in bytes
   */
  static void activate(
      Activation activation, Accuracy accuracy, long y, long stride, int rows, int columns) {
    if (activation == Activation.LINEAR) {
      return;
    }
    if (rows == 1) {
      map(activation, accuracy, y, y, BYTES, columns / LANES, BYTES);
    } else {
      map(activation, accuracy, y, y, stride, rows, columns * Float.BYTES);
    }
  }

  /**
   * Rows of width bytes, stride bytes apart; the inner loops run down a column, where rows are
   * many.
   */
  private static void map(
      Activation activation, Accuracy accuracy, long x, long y, long stride, int rows, int width) {
    switch (activation) {
      case LINEAR -> VectorFloats.linear(x, y, stride, rows, width);
      case EXP -> {
        switch (accuracy) {
          case FAST, ACCURATE -> VectorFloats.expAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.expExact(x, y, stride, rows, width);
        }
      }
      case TANH -> {
        switch (accuracy) {
          case FAST -> VectorFloats.tanhFast(x, y, stride, rows, width);
          case ACCURATE -> VectorFloats.tanhAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.tanhExact(x, y, stride, rows, width);
        }
      }
      case LECUN_TANH -> {
        switch (accuracy) {
          case FAST -> VectorFloats.lecunTanhFast(x, y, stride, rows, width);
          case ACCURATE -> VectorFloats.lecunTanhAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.lecunTanhExact(x, y, stride, rows, width);
        }
      }
      case SIGMOID -> {
        switch (accuracy) {
          case FAST -> VectorFloats.sigmoidFast(x, y, stride, rows, width);
          case ACCURATE -> VectorFloats.sigmoidAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.sigmoidExact(x, y, stride, rows, width);
        }
      }
      case RELU -> VectorFloats.relu(x, y, stride, rows, width);
      case SILU -> {
        switch (accuracy) {
          case FAST -> VectorFloats.siluFast(x, y, stride, rows, width);
          case ACCURATE -> VectorFloats.siluAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.siluExact(x, y, stride, rows, width);
        }
      }
      case GELU -> {
        switch (accuracy) {
          case FAST -> VectorFloats.geluFast(x, y, stride, rows, width);
          case ACCURATE -> VectorFloats.geluAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.geluExact(x, y, stride, rows, width);
        }
      }
      case GELU_TANH -> {
        switch (accuracy) {
          case FAST -> VectorFloats.geluTanhFast(x, y, stride, rows, width);
          case ACCURATE -> VectorFloats.geluTanhAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.geluTanhExact(x, y, stride, rows, width);
        }
      }
      case SOFTPLUS -> {
        switch (accuracy) {
          case FAST -> VectorFloats.softplusFast(x, y, stride, rows, width);
          case ACCURATE -> VectorFloats.softplusAccurate(x, y, stride, rows, width);
          case EXACT -> VectorDoubles.softplusExact(x, y, stride, rows, width);
        }
      }
    }
  }

  private static void mapDoubles(Activation activation, long x, long y, int n) {
    switch (activation) {
      case LINEAR -> VectorDoubles.linear(x, y, n);
      case EXP -> VectorDoubles.exp(x, y, n);
      case TANH -> VectorDoubles.tanh(x, y, n);
      case LECUN_TANH -> VectorDoubles.lecunTanh(x, y, n);
      case SIGMOID -> VectorDoubles.sigmoid(x, y, n);
      case RELU -> VectorDoubles.relu(x, y, n);
      case SILU -> VectorDoubles.silu(x, y, n);
      case GELU -> VectorDoubles.gelu(x, y, n);
      case GELU_TANH -> VectorDoubles.geluTanh(x, y, n);
      case SOFTPLUS -> VectorDoubles.softplus(x, y, n);
    }
  }
}
