package io.github.elegans.spark;

import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A column that says which steps have an input: booleans, or bytes of which 0 is false.
 *
 * @param index its place in a row
 */
record MaskColumn(String name, int index) implements Serializable {
  /**
   * A column of a dataset.
   *
   * @throws IllegalArgumentException if there is none of that name or it is of another type
   */
  static MaskColumn of(String name, StructType schema) {
    DataType type = Column.type("maskCol", name, schema);
    boolean isArray =
        type instanceof ArrayType array && array.elementType().equals(DataTypes.BooleanType);
    if (!isArray && !type.equals(DataTypes.BinaryType)) {
      throw new IllegalArgumentException(
          "column '%s' (maskCol): array<boolean> or binary is expected, found %s"
              .formatted(name, type.simpleString()));
    }
    return new MaskColumn(name, schema.fieldIndex(name));
  }

  /** The mask of a row. */
  boolean[] read(Row row, long number, int steps) {
    Object value = row.get(index);
    if (value == null) {
      throw Column.wrong(name, number, "a mask is expected, found null");
    }
    int length = Form.length(value);
    if (length != steps) {
      throw Column.wrong(name, number, Column.forEachStep(steps, "values", length));
    }
    boolean[] mask = new boolean[steps];
    for (int t = 0; t < steps; t++) {
      mask[t] =
          switch (Form.element(value, t)) {
            case Boolean present -> present;
            case Byte present -> present != 0;
            case null, default ->
                throw Column.wrong(
                    name, number, "a boolean is expected at %d, found null".formatted(t));
          };
    }
    return mask;
  }
}
