package io.github.elegans.cli;

import io.github.elegans.cli.files.Csv;
import io.github.elegans.cli.files.Npy;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * What a network runs on.
 *
 * @param batched whether there is an axis of rows: otherwise there is one row
 * @param rows B
 * @param steps T
 * @param x inputs, [B, T, I] or [T, B, I]
 * @param timespans {@link Timespans#ONE} if none were given
 */
record Sequence(boolean batched, int rows, int steps, float[] x, Timespans timespans) {

  /** The column of a CSV file that holds the timespans. */
  private static final List<String> TIMESPAN_NAMES = List.of("timespan", "timespans");

  /**
   * An array from a file.
   *
   * @param shape its dimensions, the slowest first
   * @param values its elements in row-major order, all finite
   */
  record Table(String source, List<Long> shape, float[] values) {

    /** Reads an npy file, or as CSV any other: [lines, columns]. */
    static Table read(Path file) throws IOException {
      if (isNpy(file)) {
        Npy npy = Npy.read(file);
        return new Table(npy.source(), npy.shape(), npy.toFloats()).checked();
      }
      return of(Csv.read(file));
    }

    private static Table of(Csv csv) {
      List<Long> shape = List.of((long) csv.rows(), (long) csv.columns());
      return new Table(csv.source(), shape, csv.toFloats()).checked();
    }

    private Table checked() {
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw new FileFormatException(
              source, "element " + index(i), "a finite float32", "" + values[i]);
        }
      }
      return this;
    }

    /** The indices of an element. */
    private List<Long> index(int element) {
      var index = new Long[shape.size()];
      long rest = element;
      for (int i = index.length - 1; i >= 0; i--) {
        index[i] = rest % shape.get(i);
        rest /= shape.get(i);
      }
      return List.of(index);
    }

    FileFormatException wrongShape(String expected) {
      return new FileFormatException(source, "shape", expected, shape.toString());
    }
  }

  static boolean isNpy(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
  }

  /** The same noise everywhere, timespans between 0.5 and 1.5 included. */
  static Sequence noise(int rows, int steps, int inputSize) {
    float[] timespans = StepTiming.noise(rows * steps, 2);
    for (int i = 0; i < timespans.length; i++) {
      timespans[i] = 1 + Math.clamp(timespans[i] / 4, -0.5f, 0.5f);
    }
    return new Sequence(
        true,
        rows,
        steps,
        StepTiming.noise(rows * steps * inputSize, 3),
        Timespans.perRowAndStep(timespans));
  }

  /**
   * Reads the inputs of a network: an npy file [T, I], [B, T, I] or [T, B, I], or a CSV file of a
   * line for each step, whose columns are the inputs and perhaps the timespan.
   */
  static Sequence read(Path file, int inputSize, boolean timeFirst) throws IOException {
    return isNpy(file)
        ? fromNpy(Table.read(file), inputSize, timeFirst)
        : fromCsv(Csv.read(file), inputSize);
  }

  private static Sequence fromNpy(Table table, int inputSize, boolean timeFirst) {
    List<Long> shape = table.shape;
    boolean batched = shape.size() == 3;
    if ((!batched && shape.size() != 2)
        || shape.getLast() != inputSize
        || shape.stream().anyMatch(n -> n < 1)) {
      throw table.wrongShape(
          "[T, %d] or [%s, %d]".formatted(inputSize, timeFirst ? "T, B" : "B, T", inputSize));
    }
    // The array holds the product of the dimensions, so they fit an int.
    int first = shape.get(0).intValue();
    int second = shape.get(1).intValue();
    int rows = batched ? timeFirst ? second : first : 1;
    return new Sequence(
        batched, rows, batched && !timeFirst ? second : first, table.values, Timespans.ONE);
  }

  private static Sequence fromCsv(Csv csv, int inputSize) {
    Table table = Table.of(csv);
    int timespanColumn = -1;
    for (int i = 0; i < csv.names().size(); i++) {
      if (TIMESPAN_NAMES.contains(csv.names().get(i).toLowerCase(Locale.ROOT))) {
        timespanColumn = i;
      }
    }
    int steps = csv.rows();
    int inputs = csv.columns() - (timespanColumn < 0 ? 0 : 1);
    if (inputs != inputSize) {
      throw new FileFormatException(
          csv.source(),
          "columns",
          inputSize + " inputs and at most one named timespan",
          csv.names().isEmpty() ? csv.columns() + " without names" : csv.names().toString());
    }
    if (timespanColumn < 0) {
      return new Sequence(false, 1, steps, table.values, Timespans.ONE);
    }
    var x = new float[steps * inputSize];
    var timespans = new float[steps];
    for (int step = 0, from = 0, to = 0; step < steps; step++) {
      for (int column = 0; column < csv.columns(); column++, from++) {
        if (column == timespanColumn) {
          timespans[step] = table.values[from];
        } else {
          x[to++] = table.values[from];
        }
      }
    }
    return new Sequence(
        false, 1, steps, x, Timespans.perStep(checkTimespans(csv.source(), timespans)));
  }

  /** This sequence with other timespans. */
  Sequence with(Timespans newTimespans) {
    return new Sequence(batched, rows, steps, x, newTimespans);
  }

  /**
   * The timespans of a file: one; [B, 1], [1, T] or [B, T] (with time first [1, B], [T, 1] or [T,
   * B]); or in one dimension, as a line or a column of a CSV file is, [T] or [B], if it cannot be
   * both.
   */
  Timespans timespans(Path file, boolean timeFirst) throws IOException {
    Table table = Table.read(file);
    float[] values = checkTimespans(table.source, table.values);
    if (values.length == 1) {
      return Timespans.of(values[0]);
    }
    List<Long> shape = table.shape;
    if (shape.equals(matrix(rows, steps, timeFirst))) {
      return Timespans.perRowAndStep(values);
    }
    if (shape.equals(matrix(rows, 1, timeFirst))) {
      return Timespans.perRow(values);
    }
    if (shape.equals(matrix(1, steps, timeFirst))) {
      return Timespans.perStep(values);
    }
    boolean vector = shape.size() == 1 || (!isNpy(file) && shape.contains(1L));
    if (vector && rows != steps && values.length == steps) {
      return Timespans.perStep(values);
    }
    if (vector && rows != steps && values.length == rows) {
      return Timespans.perRow(values);
    }
    if (vector && rows == steps && values.length == steps) {
      throw table.wrongShape(
          "%s for one per row or %s for one per step, of which there are as many"
              .formatted(matrix(rows, 1, timeFirst), matrix(1, steps, timeFirst)));
    }
    throw table.wrongShape(
        batched
            ? "[%d] or %s for one per step, [%d] or %s for one per row, or %s"
                .formatted(
                    steps,
                    matrix(1, steps, timeFirst),
                    rows,
                    matrix(rows, 1, timeFirst),
                    matrix(rows, steps, timeFirst))
            : List.of(steps).toString());
  }

  private static List<Long> matrix(long ofRows, long ofSteps, boolean timeFirst) {
    return timeFirst ? List.of(ofSteps, ofRows) : List.of(ofRows, ofSteps);
  }

  /**
   * The mask of a file of zeros and ones: [T] of one sequence, [B, T] or with time first [T, B].
   */
  Mask mask(Path file, boolean timeFirst) throws IOException {
    Table table = Table.read(file);
    List<Long> expected = batched ? matrix(rows, steps, timeFirst) : List.of((long) steps);
    boolean column = !batched && table.values.length == steps && table.shape.contains(1L);
    if (!table.shape.equals(expected) && !column) {
      throw table.wrongShape(expected.toString());
    }
    boolean[] mask = new boolean[table.values.length];
    for (int i = 0; i < mask.length; i++) {
      float value = table.values[i];
      if (value != 0 && value != 1) {
        throw new FileFormatException(
            table.source, "element " + table.index(i), "0 or 1", "" + value);
      }
      mask[i] = value != 0;
    }
    return Mask.of(mask);
  }

  /** The lengths of the rows from a file: [B] numbers from 0 to T. */
  Mask lengths(Path file) throws IOException {
    Table table = Table.read(file);
    boolean line = !isNpy(file) && table.shape.contains(1L) && table.values.length == rows;
    if (!table.shape.equals(List.of((long) rows)) && !line) {
      throw table.wrongShape(List.of(rows).toString());
    }
    int[] lengths = new int[rows];
    for (int i = 0; i < rows; i++) {
      float value = table.values[i];
      lengths[i] = (int) value;
      if (lengths[i] != value || value < 0 || value > steps) {
        throw new FileFormatException(
            table.source, "element " + table.index(i), "an integer from 0 to " + steps, "" + value);
      }
    }
    return Mask.lengths(lengths);
  }

  /** The number of elements of an array that must fit one of Java's. */
  static int elements(long... shape) {
    try {
      return Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact));
    } catch (ArithmeticException e) {
      throw new CommandFailure(
          "an array of shape %s is more than Java can hold".formatted(Arrays.toString(shape)));
    }
  }

  /** Whether the timespans were given. */
  boolean hasTimespans() {
    return timespans != Timespans.ONE;
  }

  private static float[] checkTimespans(String source, float[] timespans) {
    for (float timespan : timespans) {
      if (timespan < 0) {
        throw new FileFormatException(source, "timespans", "none below 0", "" + timespan);
      }
    }
    return timespans;
  }
}
