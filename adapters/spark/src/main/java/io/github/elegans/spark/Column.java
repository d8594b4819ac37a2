package io.github.elegans.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

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

  /** How many numbers a row has. */
  int count(Row row, long number) {
    Object value = value(row, number);
    try {
      return form.count(value);
    } catch (IllegalArgumentException e) {
      throw wrong(number, e.getMessage());
    }
  }

  /** Reads as many numbers of a row, to that place and behind it. */
  void read(Row row, long number, float[] to, int at) {
    Object value = value(row, number);
    try {
      form.read(value, to, at);
    } catch (IllegalArgumentException e) {
      throw wrong(number, e.getMessage());
    }
  }

  /** The numbers of a row. */
  float[] read(Row row, long number) {
    float[] values = new float[count(row, number)];
    read(row, number, values, 0);
    return values;
  }

  private Object value(Row row, long number) {
    Object value = row.get(index);
    if (value == null) {
      throw wrong(number, "numbers are expected, found null");
    }
    return value;
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
