package io.github.elegans.spark;

import io.github.elegans.networks.Timespans;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The columns that a sequence stands in. */
record SequenceColumns(Column input, @Nullable Column timespans, @Nullable MaskColumn mask)
    implements Serializable {
  /**
   * A sequence of T steps.
   *
   * @param x [T, I]
   * @param timespans [T], or null if all are 1
   * @param mask [T], or null if there is an input at every step
   */
  record Sequence(int steps, float[] x, float @Nullable [] timespans, boolean @Nullable [] mask)
      implements Serializable {}

  /**
   * Columns of a dataset.
   *
   * @throws IllegalArgumentException if there is none of a name or it is of another type
   */
  static SequenceColumns of(
      String input, @Nullable String timespans, @Nullable String mask, StructType schema) {
    return new SequenceColumns(
        Column.of("inputCol", input, schema, Form.NESTED, Form.ARRAY, Form.VECTOR, Form.BINARY),
        timespans == null
            ? null
            : Column.of(
                "timespansCol",
                timespans,
                schema,
                Form.NUMBER,
                Form.ARRAY,
                Form.VECTOR,
                Form.BINARY),
        mask == null ? null : MaskColumn.of(mask, schema));
  }

  /**
   * The sequence of a row.
   *
   * @param inputs I
   * @param number of the row, for messages
   */
  Sequence read(Row row, long number, int inputs) {
    int steps = steps(row, number, inputs);
    return new Sequence(
        steps,
        input.read(row, number),
        timespans == null ? null : timespans(timespans, row, number, steps),
        mask == null ? null : mask.read(row, number, steps));
  }

  /** T of a row. */
  int steps(Row row, long number, int inputs) {
    int count = input.count(row, number);
    if (count % inputs != 0) {
      throw input.wrong(
          number,
          "a multiple of %d numbers is expected, %d inputs for each step, found %d"
              .formatted(inputs, inputs, count));
    }
    return count / inputs;
  }

  /** The timespans of a row, which stand in that column. */
  static float[] timespans(Column timespans, Row row, long number, int steps) {
    float[] elapsed = timespans.read(row, number);
    if (timespans.form() == Form.NUMBER) {
      float one = elapsed[0];
      elapsed = new float[steps];
      Arrays.fill(elapsed, one);
    }
    if (elapsed.length != steps) {
      throw timespans.wrong(number, Column.forEachStep(steps, "timespans", elapsed.length));
    }
    try {
      Timespans.perStep(elapsed).check(1, steps);
    } catch (IllegalArgumentException e) {
      throw timespans.wrong(number, e.getMessage());
    }
    return elapsed;
  }
}
