package io.github.elegans.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A column of numbers that a task reads.
 *
 * @param index its place in a row
 */
record Column(String name, int index, Form form) implements Serializable {
  /**
   * A column of a dataset.
   *
   * @param use what it is for, in messages
   * @param forms what it may be
   * @throws IllegalArgumentException if there is none of that name or it is of another type
   */
  static Column of(String use, String name, StructType schema, Form... forms) {
    DataType type = type(use, name, schema);
    Form form = Form.of(type);
    Set<Form> allowed = EnumSet.copyOf(Arrays.asList(forms));
    if (form == null || !allowed.contains(form)) {
      throw new IllegalArgumentException(
          "column '%s' (%s): one of %s is expected, found %s"
              .formatted(name, use, allowed, type.simpleString()));
    }
    return new Column(name, schema.fieldIndex(name), form);
  }

  /** The type of a column that is to exist. */
  static DataType type(String use, String name, StructType schema) {
    if (!Arrays.asList(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          "column '%s' (%s) is expected, found only %s"
              .formatted(name, use, String.join(", ", schema.fieldNames())));
    }
    return schema.apply(name).dataType();
  }

  /** Throws if a column is there that is to be added. */
  static void requireNew(String use, String name, StructType schema) {
    if (Arrays.asList(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          "column '%s' (%s) would be added, but the dataset has one of that name"
              .formatted(name, use));
    }
  }

  /** The numbers of a row. */
  float[] read(Row row, long number) {
    float @Nullable [] values = readOrNull(row, number);
    if (values == null) {
      throw wrong(number, "numbers are expected, found null");
    }
    return values;
  }

  /** The numbers of a row, or null if there are none. */
  float @Nullable [] readOrNull(Row row, long number) {
    Object value = row.get(index);
    if (value == null) {
      return null;
    }
    try {
      return form.read(value);
    } catch (IllegalArgumentException e) {
      throw wrong(number, e.getMessage());
    }
  }

  /** What is wrong with as many values. */
  static String forEachStep(int steps, String what, int found) {
    return "%d %s are expected, one for each step, found %d".formatted(steps, what, found);
  }

  /** What is wrong with a row's value. */
  IllegalArgumentException wrong(long number, String problem) {
    return wrong(name, number, problem);
  }

  /** What is wrong with a row's value in a column. */
  static IllegalArgumentException wrong(String name, long number, String problem) {
    return new IllegalArgumentException(
        "column '%s', row %d of partition %d: %s"
            .formatted(name, number, Executor.partition(), problem));
  }
}
