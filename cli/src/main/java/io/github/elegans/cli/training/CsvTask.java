package io.github.elegans.cli.training;

import io.github.elegans.checks.Require;
import io.github.elegans.cli.files.Csv;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.training.Metric;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** Columns of a table, in time or in several sequences, of which some are forecast from others. */
public final class CsvTask implements TrainingTask {
  /** What takes the place of an input that is missing. */
  public enum Missing {
    /** Nothing: it is an error. */
    REFUSE,
    /** The value before it in its sequence. */
    PREVIOUS,
    /** 0, in the unit of the file. */
    ZERO,
    /** The mean of the column in the training data. */
    MEAN
  }

  /** How data are divided. */
  public enum SplitBy {
    /** The first rows of every sequence are for training, the last for testing. */
    TIME,
    /** The first sequences are for training, the last for testing. */
    SEQUENCE
  }

  /**
   * What is taken from the table. Columns are named by their headers or their numbers from 1.
   *
   * @param inputs empty for all columns that are nothing else
   * @param time of the column with the times, or null
   * @param sequence of the column that numbers the sequences, or null for one
   * @param ahead how many rows later than the inputs the targets stand
   * @param steps of a window
   * @param stride from window to window of the training data
   * @param shares of the rows or sequences that are for training and for validation
   * @param normalisesTargets whether targets, too, become values of mean 0 and deviation 1
   * @param hasClasses whether the target is the number of a class
   * @param hasProbabilities whether targets are from 0 to 1
   */
  public record Columns(
      List<String> inputs,
      List<String> targets,
      @Nullable String time,
      @Nullable String sequence,
      int ahead,
      Missing missing,
      int steps,
      int stride,
      SplitBy splitBy,
      List<Double> shares,
      boolean normalises,
      boolean normalisesTargets,
      boolean hasClasses,
      boolean hasProbabilities) {}

  /** More outputs than any task has: a larger number is a mistake. */
  private static final int MOST_CLASSES = 1 << 16;

  private final Csv table;
  private final double[] values;
  private final Columns columns;
  private final int[] inputs;
  private final int[] targets;
  private final int time;
  private final double[] inputMeans;
  private final double[] inputDeviations;
  private final double[] targetMeans;
  private final double[] targetDeviations;
  private final double[] fill;
  private final double timeUnit;
  private final int outputSize;
  private final Windows train;
  private final @Nullable Windows validation;
  private final @Nullable Windows test;

  /** Rows from one to before another, all of one sequence. */
  private record Span(int begin, int end) {
    int size() {
      return end - begin;
    }
  }

  /**
   * Reads a table.
   *
   * @throws FileFormatException if a column or a value is not there or not what it must be
   */
  public CsvTask(Path file, Columns columns) throws IOException {
    this(Csv.read(file), columns);
  }

  private CsvTask(Csv table, Columns columns) {
    this.table = table;
    this.columns = columns;
    values = table.toDoubles();
    if (table.names().isEmpty()) {
      throw new FileFormatException(
          table.source(), "line 1", "a header with the names of the columns", "numbers");
    }
    targets = columns.targets().stream().mapToInt(name -> column("target", name)).toArray();
    time = columns.time() == null ? -1 : column("time", columns.time());
    int sequence = columns.sequence() == null ? -1 : column("sequence", columns.sequence());
    inputs = inputs(sequence);
    List<Span> sequences = sequences(sequence);
    checkRoles(sequence);
    checkTimes(sequences);
    List<List<Span>> parts = split(sequences);
    List<Span> learnt = parts.getFirst();
    if (learnt.stream().allMatch(span -> span.size() == 0)) {
      throw new FileFormatException(
          table.source(),
          "training data",
          "at least one row of the %d in %d sequences".formatted(table.rows(), sequences.size()),
          "none in a share of " + columns.shares().getFirst());
    }
    checkValues(learnt);
    inputMeans = means(learnt, inputs);
    inputDeviations = deviations(learnt, inputs, inputMeans);
    fill =
        switch (columns.missing()) {
          case MEAN -> means(learnt, inputs, true);
          default -> new double[inputs.length];
        };
    boolean asTheyAre = !columns.normalisesTargets() || columns.hasClasses();
    targetMeans = asTheyAre ? new double[targets.length] : means(learnt, targets);
    targetDeviations = asTheyAre ? ones(targets.length) : deviations(learnt, targets, targetMeans);
    timeUnit = time < 0 ? 1 : meanTimespan(learnt);
    outputSize = columns.hasClasses() ? classes() : targets.length;
    Windows windows = windows(learnt, columns.stride());
    if (windows == null) {
      throw new FileFormatException(
          table.source(), "training data", "at least one row with a target", "none");
    }
    train = windows;
    validation = windows(parts.get(1), columns.steps());
    test = windows(parts.get(2), columns.steps());
  }

  private int column(String what, String name) {
    int found = table.names().indexOf(name);
    if (found >= 0) {
      if (table.names().lastIndexOf(name) != found) {
        throw new FileFormatException(
            table.source(),
            what + " column",
            "one column '%s', or its number".formatted(name),
            "several of that name");
      }
      return found;
    }
    if (name.matches("\\d{1,9}")) {
      int number = Integer.parseInt(name);
      if (number >= 1 && number <= table.columns()) {
        return number - 1;
      }
    }
    throw new FileFormatException(
        table.source(), what + " column", "one of " + table.names(), "'" + name + "'");
  }

  private int[] inputs(int sequence) {
    if (!columns.inputs().isEmpty()) {
      return columns.inputs().stream().mapToInt(name -> column("input", name)).toArray();
    }
    List<Integer> rest = new ArrayList<>();
    for (int i = 0; i < table.columns(); i++) {
      int candidate = i;
      boolean isTarget = Arrays.stream(targets).anyMatch(target -> target == candidate);
      // What comes later may be forecast from what it is now.
      if (i != time && i != sequence && (!isTarget || columns.ahead() > 0)) {
        rest.add(i);
      }
    }
    if (rest.isEmpty()) {
      throw new FileFormatException(
          table.source(), "input columns", "at least one beside the targets", "none");
    }
    return rest.stream().mapToInt(i -> i).toArray();
  }

  /** What is learnt is nothing else, and no column is there twice. */
  private void checkRoles(int sequence) {
    checkTwice("input columns", inputs);
    checkTwice("target columns", targets);
    for (int target : targets) {
      if (target == time || target == sequence) {
        throw new FileFormatException(
            table.source(),
            "target column",
            "another than those of times and sequences",
            table.names().get(target));
      }
    }
  }

  private void checkTwice(String what, int[] some) {
    if (Arrays.stream(some).distinct().count() < some.length) {
      throw new FileFormatException(table.source(), what, "each once", names(some));
    }
  }

  private double value(int row, int column) {
    return values[row * table.columns() + column];
  }

  private FileFormatException wrong(int row, int column, String expected, double found) {
    return new FileFormatException(
        table.source(),
        "row %d, column %d (%s)".formatted(row + 1, column + 1, table.names().get(column)),
        expected,
        Double.isNaN(found) ? "none" : Double.toString(found));
  }

  private List<Span> sequences(int sequence) {
    List<Span> spans = new ArrayList<>();
    if (sequence < 0) {
      spans.add(new Span(0, table.rows()));
      return spans;
    }
    Map<Double, Integer> seen = new LinkedHashMap<>();
    int begin = 0;
    for (int row = 0; row < table.rows(); row++) {
      double number = value(row, sequence);
      if (!Double.isFinite(number)) {
        throw wrong(row, sequence, "the number of a sequence", number);
      }
      if (row == 0 || number != value(row - 1, sequence)) {
        if (row > 0) {
          spans.add(new Span(begin, row));
        }
        begin = row;
        if (seen.put(number, row) != null) {
          throw wrong(row, sequence, "a sequence without other rows between its own", number);
        }
      }
    }
    spans.add(new Span(begin, table.rows()));
    return spans;
  }

  private void checkTimes(List<Span> sequences) {
    if (time < 0) {
      return;
    }
    for (Span span : sequences) {
      for (int row = span.begin(); row < span.end(); row++) {
        double now = value(row, time);
        if (!Double.isFinite(now)) {
          throw wrong(row, time, "a time", now);
        }
        if (row > span.begin() && now < value(row - 1, time)) {
          throw wrong(row, time, "a time not before " + value(row - 1, time), now);
        }
      }
    }
  }

  /** The parts for training, validation and testing. */
  private List<List<Span>> split(List<Span> sequences) {
    double first = columns.shares().get(0);
    double second = first + columns.shares().get(1);
    if (columns.splitBy() == SplitBy.SEQUENCE) {
      int n = sequences.size();
      int a = (int) Math.round(first * n);
      int b = (int) Math.round(second * n);
      return List.of(sequences.subList(0, a), sequences.subList(a, b), sequences.subList(b, n));
    }
    List<List<Span>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Span span : sequences) {
      int a = span.begin() + (int) Math.round(first * span.size());
      int b = span.begin() + (int) Math.round(second * span.size());
      parts.get(0).add(new Span(span.begin(), a));
      parts.get(1).add(new Span(a, b));
      parts.get(2).add(new Span(b, span.end()));
    }
    return parts;
  }

  private void checkValues(List<Span> learnt) {
    for (int row = 0; row < table.rows(); row++) {
      for (int column : inputs) {
        double value = value(row, column);
        checkRange(row, column, value);
        if (Double.isNaN(value) && columns.missing() == Missing.REFUSE) {
          throw wrong(row, column, "a number (or --missing previous, zero or mean)", value);
        }
      }
      for (int column : targets) {
        double value = value(row, column);
        checkRange(row, column, value);
        if (Double.isNaN(value) && columns.missing() == Missing.REFUSE) {
          throw wrong(
              row, column, "a number (with --missing a row without a target is left out)", value);
        }
        if (columns.hasClasses()
            && !Double.isNaN(value)
            && (value < 0 || value > MOST_CLASSES - 1 || value != (int) value)) {
          throw wrong(row, column, "the number of a class, from 0 to " + (MOST_CLASSES - 1), value);
        }
        if (columns.hasProbabilities() && (value < 0 || value > 1)) {
          throw wrong(row, column, "a number from 0 to 1", value);
        }
      }
    }
    for (int column : inputs) {
      if (present(learnt, column).findAny().isEmpty()) {
        throw new FileFormatException(
            table.source(),
            "column " + (column + 1) + " (" + table.names().get(column) + ")",
            "a value in the training data",
            "none");
      }
    }
  }

  private void checkRange(int row, int column, double value) {
    if (Double.isInfinite(value)) {
      throw wrong(row, column, "a finite number", value);
    }
    if (Math.abs(value) > Float.MAX_VALUE) {
      throw wrong(row, column, "a number within the range of float", value);
    }
  }

  private DoubleStream present(List<Span> spans, int column) {
    DoubleStream.Builder present = DoubleStream.builder();
    for (Span span : spans) {
      for (int row = span.begin(); row < span.end(); row++) {
        double value = value(row, column);
        if (!Double.isNaN(value)) {
          present.add(value);
        }
      }
    }
    return present.build();
  }

  private double[] means(List<Span> spans, int[] of) {
    return means(spans, of, columns.normalises());
  }

  private double[] means(List<Span> spans, int[] of, boolean measures) {
    double[] means = new double[of.length];
    for (int i = 0; measures && i < of.length; i++) {
      means[i] = present(spans, of[i]).average().orElse(0);
    }
    return means;
  }

  private double[] deviations(List<Span> spans, int[] of, double[] means) {
    double[] deviations = ones(of.length);
    for (int i = 0; columns.normalises() && i < of.length; i++) {
      double mean = means[i];
      double variance =
          present(spans, of[i]).map(value -> (value - mean) * (value - mean)).average().orElse(0);
      // The mean of equal values may not be exact: their deviation would be its rounding.
      boolean varies = present(spans, of[i]).distinct().limit(2).count() > 1;
      if (varies && variance > 0) {
        deviations[i] = Math.sqrt(variance);
      }
    }
    return deviations;
  }

  private static double[] ones(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  private double meanTimespan(List<Span> spans) {
    double sum = 0;
    int n = 0;
    for (Span span : spans) {
      if (span.size() > 1) {
        sum += value(span.end() - 1, time) - value(span.begin(), time);
        n += span.size() - 1;
      }
    }
    return sum > 0 ? sum / n : 1;
  }

  private int classes() {
    double most = 0;
    for (int row = 0; row < table.rows(); row++) {
      double value = value(row, targets[0]);
      most = Double.isNaN(value) ? most : Math.max(most, value);
    }
    return (int) most + 1;
  }

  /** Windows of some rows, or null if no row has a target. */
  private @Nullable Windows windows(List<Span> spans, int stride) {
    List<Span> windows = new ArrayList<>();
    for (Span span : spans) {
      int end = span.end() - columns.ahead();
      long first = span.begin();
      do {
        if (first < end) {
          windows.add(new Span((int) first, (int) Math.min(end, first + columns.steps())));
        }
        first += stride;
        // Only a sequence that is shorter than a window has one that is not whole.
      } while (first + columns.steps() <= end);
    }
    int steps = columns.steps();
    int rows = Require.elements("rows of windows", windows.size(), steps);
    float[] x = new float[Require.elements("inputs of windows", rows, inputs.length)];
    float[] y = new float[Require.elements("targets of windows", rows, targets.length)];
    float[] timespans = new float[rows];
    Arrays.fill(timespans, 1);
    boolean[] mask = new boolean[rows];
    float[] weights = new float[rows];
    boolean isMasked = false;
    boolean isWeighted = false;
    boolean any = false;
    for (int i = 0; i < windows.size(); i++) {
      Span window = windows.get(i);
      isMasked |= window.size() < steps;
      for (int row = window.begin(); row < window.end(); row++) {
        int to = i * steps + row - window.begin();
        mask[to] = true;
        putInputs(x, to, row);
        boolean has = putTargets(y, to, row + columns.ahead());
        weights[to] = has ? 1 : 0;
        isWeighted |= !has;
        any |= has;
        if (time >= 0 && isWithin(row)) {
          timespans[to] = (float) ((value(row, time) - value(row - 1, time)) / timeUnit);
        }
      }
    }
    if (!any) {
      return null;
    }
    return new Windows(
        windows.size(),
        steps,
        false,
        x,
        y,
        time < 0 ? null : timespans,
        isMasked ? mask : null,
        isWeighted ? weights : null);
  }

  /** Whether the row before is of the same sequence. */
  private boolean isWithin(int row) {
    int sequence = columns.sequence() == null ? -1 : column("sequence", columns.sequence());
    return row > 0 && (sequence < 0 || value(row - 1, sequence) == value(row, sequence));
  }

  private void putInputs(float[] x, int to, int row) {
    for (int i = 0; i < inputs.length; i++) {
      double value = value(row, inputs[i]);
      int from = row;
      while (Double.isNaN(value) && columns.missing() == Missing.PREVIOUS) {
        if (!isWithin(from)) {
          throw wrong(row, inputs[i], "a number, for there is none before it", Double.NaN);
        }
        value = value(--from, inputs[i]);
      }
      value = Double.isNaN(value) ? fill[i] : value;
      x[to * inputs.length + i] = (float) ((value - inputMeans[i]) / inputDeviations[i]);
    }
  }

  private boolean putTargets(float[] y, int to, int row) {
    boolean has = true;
    for (int i = 0; i < targets.length; i++) {
      double value = value(row, targets[i]);
      if (Double.isNaN(value)) {
        has = false;
      } else {
        y[to * targets.length + i] = (float) ((value - targetMeans[i]) / targetDeviations[i]);
      }
    }
    return has;
  }

  @Override
  public String name() {
    return table.source();
  }

  @Override
  public String title() {
    return "%s: %s from %s%s; windows of %d steps, %d for training, %d for validation, %d for testing"
        .formatted(
            table.source(),
            names(targets),
            names(inputs),
            columns.ahead() == 0 ? "" : " " + columns.ahead() + " rows before",
            columns.steps(),
            train.samples(),
            validation == null ? 0 : validation.samples(),
            test == null ? 0 : test.samples());
  }

  private String names(int[] of) {
    return Arrays.stream(of).mapToObj(table.names()::get).collect(Collectors.joining(", "));
  }

  @Override
  public Windows train() {
    return train;
  }

  @Override
  public @Nullable Windows validation() {
    return validation;
  }

  @Override
  public int outputSize() {
    return outputSize;
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("input_columns", names(inputs));
    metadata.put("input_means", numbers(inputMeans));
    metadata.put("input_deviations", numbers(inputDeviations));
    metadata.put("target_columns", names(targets));
    metadata.put("target_means", numbers(targetMeans));
    metadata.put("target_deviations", numbers(targetDeviations));
    metadata.put("rows_ahead", Integer.toString(columns.ahead()));
    if (time >= 0) {
      metadata.put("time_column", table.names().get(time));
      metadata.put("timespan_unit", Double.toString(timeUnit));
    }
    return metadata;
  }

  private static String numbers(double[] values) {
    return Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining(", "));
  }

  @Override
  public void report(Network network, PrintWriter out) {
    Windows data = test != null ? test : validation != null ? validation : train;
    String name = test != null ? "Test" : validation != null ? "Validation" : "Training";
    float[] outputs = data.outputs(network);
    if (columns.hasClasses()) {
      out.printf("%-11s %.2f %% right%n", name, 100 * data.measure(Metric.ACCURACY, outputs));
      return;
    }
    if (!columns.normalisesTargets()) {
      out.printf(
          "%-11s %.2f %% right%n", name, 100 * data.measure(Metric.BINARY_ACCURACY, outputs));
      return;
    }
    double[] errors = data.meanSquaredErrors(outputs);
    double[] means = data.meanSquaredErrors(new float[data.y().length]);
    for (int i = 0; i < targets.length; i++) {
      out.printf(
          "%-11s %s: RMSE %.6g%s%n",
          i == 0 ? name : "",
          table.names().get(targets[i]),
          Math.sqrt(errors[i]) * targetDeviations[i],
          columns.normalises()
              ? "; the mean of the training data %.6g"
                  .formatted(Math.sqrt(means[i]) * targetDeviations[i])
              : "");
    }
  }
}
