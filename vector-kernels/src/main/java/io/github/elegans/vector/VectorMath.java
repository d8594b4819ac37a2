package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.DOUBLES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.HALF_BYTES;
import static io.github.elegans.vector.Vectors.HALF_FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.STRIDE;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.F2D;

import io.github.elegans.kernels.Accuracy;
import io.github.elegans.kernels.Activation;
import io.github.elegans.kernels.DenseWeights;
import io.github.elegans.kernels.MathKernels;
import io.github.elegans.scalar.ScalarMath;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Elementwise functions over arrays. Every function has its loop in a method of its own: the
 * compiler inlines the function there, and a shared loop would allocate vectors.
 */
final class VectorMath implements MathKernels {
  private static final int DOUBLE_LANES = DOUBLES.length();

  /** Loops count in int. */
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
   * y = activation(y) on rows of columns, a multiple of {@value DenseWeights#BLOCK}.
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
      case LINEAR -> linear(x, y, stride, rows, width);
      case EXP -> {
        switch (accuracy) {
          case FAST, ACCURATE -> expAccurate(x, y, stride, rows, width);
          case EXACT -> expExact(x, y, stride, rows, width);
        }
      }
      case TANH -> {
        switch (accuracy) {
          case FAST -> tanhFast(x, y, stride, rows, width);
          case ACCURATE -> tanhAccurate(x, y, stride, rows, width);
          case EXACT -> tanhExact(x, y, stride, rows, width);
        }
      }
      case LECUN_TANH -> {
        switch (accuracy) {
          case FAST -> lecunTanhFast(x, y, stride, rows, width);
          case ACCURATE -> lecunTanhAccurate(x, y, stride, rows, width);
          case EXACT -> lecunTanhExact(x, y, stride, rows, width);
        }
      }
      case SIGMOID -> {
        switch (accuracy) {
          case FAST -> sigmoidFast(x, y, stride, rows, width);
          case ACCURATE -> sigmoidAccurate(x, y, stride, rows, width);
          case EXACT -> sigmoidExact(x, y, stride, rows, width);
        }
      }
      case RELU -> relu(x, y, stride, rows, width);
      case SILU -> {
        switch (accuracy) {
          case FAST -> siluFast(x, y, stride, rows, width);
          case ACCURATE -> siluAccurate(x, y, stride, rows, width);
          case EXACT -> siluExact(x, y, stride, rows, width);
        }
      }
      case GELU -> {
        switch (accuracy) {
          case FAST -> geluFast(x, y, stride, rows, width);
          case ACCURATE -> geluAccurate(x, y, stride, rows, width);
          case EXACT -> geluExact(x, y, stride, rows, width);
        }
      }
      case GELU_TANH -> {
        switch (accuracy) {
          case FAST -> geluTanhFast(x, y, stride, rows, width);
          case ACCURATE -> geluTanhAccurate(x, y, stride, rows, width);
          case EXACT -> geluTanhExact(x, y, stride, rows, width);
        }
      }
      case SOFTPLUS -> {
        switch (accuracy) {
          case FAST -> softplusFast(x, y, stride, rows, width);
          case ACCURATE -> softplusAccurate(x, y, stride, rows, width);
          case EXACT -> softplusExact(x, y, stride, rows, width);
        }
      }
    }
  }

  private static void linear(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        v.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void expAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.expAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void expExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.expForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void tanhFast(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.tanhFast(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void tanhAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.tanhAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void tanhExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.tanhForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void lecunTanhFast(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.lecunTanhFast(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void lecunTanhAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.lecunTanhAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void lecunTanhExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.lecunTanhForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void sigmoidFast(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.sigmoidFast(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void sigmoidAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.sigmoidAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void sigmoidExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.sigmoidForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void relu(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.relu(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void siluFast(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.siluFast(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void siluAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.siluAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void siluExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.siluForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void geluFast(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.geluFast(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void geluAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.geluAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void geluExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.geluForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void geluTanhFast(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.geluTanhFast(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void geluTanhAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.geluTanhAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void geluTanhExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.geluTanhForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void softplusFast(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.softplusFast(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void softplusAccurate(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER);
        VectorFloats.softplusAccurate(v).intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void softplusExact(long x, long y, long stride, int rows, int width) {
    x &= ADDRESS;
    y &= ADDRESS;
    stride &= STRIDE;
    for (int column = 0; column < width; column += HALF_BYTES) {
      for (int row = 0; row < rows; row++) {
        long at = (column & Integer.MAX_VALUE) + (row & Integer.MAX_VALUE) * stride;
        FloatVector v = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, x + at, ORDER);
        DoubleVector d = (DoubleVector) v.convertShape(F2D, DOUBLES, 0);
        FloatVector f =
            (FloatVector) VectorDoubles.softplusForFloat(d).convertShape(D2F, HALF_FLOATS, 0);
        f.intoMemorySegment(ALL, y + at, ORDER);
      }
    }
  }

  private static void mapDoubles(Activation activation, long x, long y, int n) {
    switch (activation) {
      case LINEAR -> linearDoubles(x, y, n);
      case EXP -> expDoubles(x, y, n);
      case TANH -> tanhDoubles(x, y, n);
      case LECUN_TANH -> lecunTanhDoubles(x, y, n);
      case SIGMOID -> sigmoidDoubles(x, y, n);
      case RELU -> reluDoubles(x, y, n);
      case SILU -> siluDoubles(x, y, n);
      case GELU -> geluDoubles(x, y, n);
      case GELU_TANH -> geluTanhDoubles(x, y, n);
      case SOFTPLUS -> softplusDoubles(x, y, n);
    }
  }

  private static void linearDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      v.intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void expDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.exp(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void tanhDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.tanh(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void lecunTanhDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.lecunTanh(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void sigmoidDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.sigmoid(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void reluDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.relu(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void siluDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.silu(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void geluDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.gelu(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void geluTanhDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.geluTanh(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void softplusDoubles(long x, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += DOUBLE_LANES) {
      long at = 8L * (i & Integer.MAX_VALUE);
      DoubleVector v = DoubleVector.fromMemorySegment(DOUBLES, ALL, x + at, ORDER);
      VectorDoubles.softplus(v).intoMemorySegment(ALL, y + at, ORDER);
    }
  }
}
