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
   * Reads a value.
   *
   * @throws IllegalArgumentException if there is a null in it, or bytes are no whole float32s
   */
  float[] read(Object value) {
    return switch (this) {
      case ARRAY -> array(value);
      case NESTED -> nested(value);
      case VECTOR -> vector((Vector) value);
      case BINARY -> binary((byte[]) value);
      case NUMBER -> new float[] {((Number) value).floatValue()};
    };
  }

  /** The length of an array in a row: what another function put there, or a sequence of Scala's. */
  static int length(Object array) {
    return array instanceof Seq<?> seq ? seq.length() : Array.getLength(array);
  }

  /** An element of such an array. */
  static @Nullable Object element(Object array, int i) {
    return array instanceof Seq<?> seq ? seq.apply(i) : Array.get(array, i);
  }

  private static float[] array(Object array) {
    if (array instanceof float[] own) {
      return own;
    }
    float[] values = new float[length(array)];
    for (int i = 0; i < values.length; i++) {
      if (!(element(array, i) instanceof Number number)) {
        throw new IllegalArgumentException("a number is expected at %d, found null".formatted(i));
      }
      values[i] = number.floatValue();
    }
    return values;
  }

  private static float[] nested(Object array) {
    int steps = length(array);
    float[] values = {};
    int width = 0;
    for (int i = 0; i < steps; i++) {
      Object step = element(array, i);
      if (step == null) {
        throw new IllegalArgumentException("step %d is null".formatted(i));
      }
      float[] own = step instanceof Vector vector ? vector(vector) : array(step);
      if (i == 0) {
        width = own.length;
        values = new float[Math.multiplyExact(width, steps)];
      } else if (own.length != width) {
        throw new IllegalArgumentException(
            "step %d: %d numbers are expected, as in step 0, found %d"
                .formatted(i, width, own.length));
      }
      System.arraycopy(own, 0, values, i * width, width);
    }
    return values;
  }

  private static float[] vector(Vector vector) {
    double[] doubles = vector.toArray();
    float[] values = new float[doubles.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) doubles[i];
    }
    return values;
  }

  private static float[] binary(byte[] bytes) {
    if (bytes.length % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "float32 numbers of 4 bytes are expected, found %d bytes".formatted(bytes.length));
    }
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
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
