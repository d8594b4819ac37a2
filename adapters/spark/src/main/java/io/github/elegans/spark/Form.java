package io.github.elegans.spark;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.jspecify.annotations.Nullable;
import scala.collection.Seq;
import scala.collection.mutable.ArraySeq;

/** How numbers stand in a column. */
enum Form {
  /** An array of numbers. */
  ARRAY("array<float>"),
  /** An array of arrays of numbers, or of vectors: one for each step. */
  NESTED("array<array<float>>"),
  /** An ML vector. */
  VECTOR("vector"),
  /** Little-endian float32. */
  BINARY("binary"),
  /** A single number. */
  NUMBER("float");

  private final String typeName;

  Form(String typeName) {
    this.typeName = typeName;
  }

  @Override
  public String toString() {
    return typeName;
  }

  /** The form of a type, or null if it is none. */
  static @Nullable Form of(DataType type) {
    if (type.equals(SQLDataTypes.VectorType())) {
      return VECTOR;
    }
    if (type.equals(DataTypes.BinaryType)) {
      return BINARY;
    }
    if (type instanceof NumericType) {
      return NUMBER;
    }
    if (type instanceof ArrayType array) {
      Form element = of(array.elementType());
      return switch (element) {
        case NUMBER -> ARRAY;
        case ARRAY, VECTOR -> NESTED;
        case null, default -> null;
      };
    }
    return null;
  }

  /** The type of results that stand so. */
  DataType type() {
    return switch (this) {
      case ARRAY -> DataTypes.createArrayType(DataTypes.FloatType, false);
      case NESTED -> DataTypes.createArrayType(ARRAY.type(), false);
      case VECTOR -> SQLDataTypes.VectorType();
      case BINARY -> DataTypes.BinaryType;
      case NUMBER -> DataTypes.FloatType;
    };
  }

  /** The form of what is not a sequence, beside one of this form. */
  Form flat() {
    return this == NESTED ? ARRAY : this;
  }

  /**
   * How many numbers a value has.
   *
   * @throws IllegalArgumentException if bytes are no whole float32s, or the first step is null
   */
  int count(Object value) {
    return switch (this) {
      case ARRAY -> length(value);
      case NESTED -> Math.multiplyExact(length(value), width(value));
      case VECTOR -> ((Vector) value).size();
      case BINARY -> floats((byte[]) value);
      case NUMBER -> 1;
    };
  }

  /**
   * Reads the numbers of a value.
   *
   * @param to receives {@link #count} of them, from that place on
   * @throws IllegalArgumentException if there is a null in it, or steps differ in length
   */
  void read(Object value, float[] to, int at) {
    switch (this) {
      case ARRAY -> array(value, to, at);
      case NESTED -> nested(value, to, at);
      case VECTOR -> vector((Vector) value, to, at);
      case BINARY ->
          ByteBuffer.wrap((byte[]) value)
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer()
              .get(to, at, count(value));
      case NUMBER -> to[at] = ((Number) value).floatValue();
    }
  }

  /** The length of an array in a row, which another function or Spark put there; or a vector's. */
  static int length(Object array) {
    return switch (array) {
      case Object[] objects -> objects.length;
      case Seq<?> seq -> seq.length();
      case Vector vector -> vector.size();
      default -> Array.getLength(array);
    };
  }

  /** An element of such an array. */
  static @Nullable Object element(Object array, int i) {
    return switch (array) {
      case Object[] objects -> objects[i];
      case Seq<?> seq -> seq.apply(i);
      default -> Array.get(array, i);
    };
  }

  private static void array(Object array, float[] to, int at) {
    if (array instanceof float[] own) {
      System.arraycopy(own, 0, to, at, own.length);
      return;
    }
    // Spark's own are boxed.
    Object elements = array instanceof ArraySeq<?> seq ? seq.array() : array;
    int n = length(elements);
    for (int i = 0; i < n; i++) {
      if (!(element(elements, i) instanceof Number number)) {
        throw new IllegalArgumentException("a number is expected at %d, found null".formatted(i));
      }
      to[at + i] = number.floatValue();
    }
  }

  /** The length of the first step. */
  private static int width(Object array) {
    return length(array) == 0 ? 0 : length(step(array, 0));
  }

  private static Object step(Object array, int i) {
    Object step = element(array, i);
    if (step == null) {
      throw new IllegalArgumentException("step %d is null".formatted(i));
    }
    return step;
  }

  private static void nested(Object array, float[] to, int at) {
    int width = width(array);
    int steps = length(array);
    for (int i = 0; i < steps; i++) {
      Object step = step(array, i);
      int own = length(step);
      if (own != width) {
        throw new IllegalArgumentException(
            "step %d: %d numbers are expected, as in step 0, found %d".formatted(i, width, own));
      }
      if (step instanceof Vector vector) {
        vector(vector, to, at + i * width);
      } else {
        array(step, to, at + i * width);
      }
    }
  }

  private static void vector(Vector vector, float[] to, int at) {
    double[] doubles = vector.toArray();
    for (int i = 0; i < doubles.length; i++) {
      to[at + i] = (float) doubles[i];
    }
  }

  private static int floats(byte[] bytes) {
    if (bytes.length % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "float32 numbers of 4 bytes are expected, found %d bytes".formatted(bytes.length));
    }
    return bytes.length / Float.BYTES;
  }

  /**
   * A value for a column of type {@link #type}.
   *
   * @param width how many numbers a step has
   */
  Object write(float[] from, int begin, int count, int width) {
    return switch (this) {
      case ARRAY, NUMBER -> Arrays.copyOfRange(from, begin, begin + count);
      case NESTED -> {
        float[][] steps = new float[count / width][];
        for (int i = 0; i < steps.length; i++) {
          steps[i] = Arrays.copyOfRange(from, begin + i * width, begin + (i + 1) * width);
        }
        yield steps;
      }
      case VECTOR -> {
        double[] doubles = new double[count];
        for (int i = 0; i < count; i++) {
          doubles[i] = from[begin + i];
        }
        yield Vectors.dense(doubles);
      }
      case BINARY -> {
        byte[] bytes = new byte[count * Float.BYTES];
        ByteBuffer.wrap(bytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer()
            .put(from, begin, count);
        yield bytes;
      }
    };
  }
}
