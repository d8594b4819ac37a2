package io.github.elegans.cli;

import io.github.elegans.cli.files.Npy;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;

/** What a solution gives as a table: columns for all states, then for all outputs. */
final class SolutionTable {
  private final OdeSystem system;
  private final Ensemble ensemble;
  private final Solution solution;
  private final Map<String, IntToDoubleFunction> swept;
  private final List<String> columns;
  private final OdeSystem.VectorField outputs;

  // Of the trajectory whose outputs were computed last.
  private int trajectory = -1;
  private double[] parameters = {};

  /**
   * The table of a solution.
   *
   * @param swept what differs from trajectory to trajectory, by name
   */
  SolutionTable(
      OdeSystem system,
      Ensemble ensemble,
      Solution solution,
      Map<String, IntToDoubleFunction> swept) {
    this.system = system;
    this.ensemble = ensemble;
    this.solution = solution;
    this.swept = new LinkedHashMap<>(swept);
    this.columns = columns(system);
    this.outputs =
        system.vectorField(system.outputs().stream().map(OdeSystem.Output::value).toList());
  }

  /** The names of a system's states and outputs. */
  static List<String> columns(OdeSystem system) {
    return Stream.concat(
            system.states().stream().map(OdeSystem.State::name),
            system.outputs().stream().map(OdeSystem.Output::name))
        .toList();
  }

  /**
   * The number of a column.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static int column(OdeSystem system, String name) {
    int column = columns(system).indexOf(name);
    if (column < 0) {
      throw new IllegalArgumentException(
          "%s has no state or output '%s'; it has %s"
              .formatted(system.title(), name, String.join(", ", columns(system))));
    }
    return column;
  }

  /** The unit of a column, empty if it has none. */
  static String unit(OdeSystem system, int column) {
    int states = system.states().size();
    return column < states
        ? system.states().get(column).unit()
        : system.outputs().get(column - states).unit();
  }

  /** All columns where a trajectory ended. */
  double[] end(int trajectory) {
    return row(trajectory, solution.time(trajectory), solution.states(trajectory));
  }

  /** All columns at a point of a trajectory. */
  double[] row(int trajectory, double time, double[] states) {
    if (trajectory != this.trajectory) {
      this.trajectory = trajectory;
      this.parameters = ensemble.parameterValues(system, trajectory);
    }
    double[] values = new double[system.outputs().size()];
    outputs.evaluate(time, states, parameters, values);
    double[] row = new double[columns.size()];
    System.arraycopy(states, 0, row, 0, states.length);
    System.arraycopy(values, 0, row, states.length, values.length);
    return row;
  }

  /** What was swept in a trajectory: {@code I = 0.5, a = 2}. */
  String swept(int trajectory) {
    List<String> parts = new ArrayList<>();
    swept.forEach(
        (name, value) ->
            parts.add(name + " = " + OdeCharts.number(value.applyAsDouble(trajectory))));
    return String.join(", ", parts);
  }

  /** Writes where trajectories end, a line for each. */
  void writeEnds(Path file) throws IOException {
    if (isNpy(file)) {
      int n = system.states().size();
      double[] all = new double[Math.multiplyExact(solution.size(), n)];
      for (int i = 0; i < solution.size(); i++) {
        System.arraycopy(solution.states(i), 0, all, i * n, n);
      }
      Npy.write(file, all, solution.size(), n);
      return;
    }
    try (PrintWriter csv = begin(file)) {
      for (int i = 0; i < solution.size(); i++) {
        line(csv, i, solution.time(i), end(i));
      }
      finish(csv, file);
    }
  }

  /**
   * Writes the saved times of all trajectories: as CSV a line for each that was reached, as npy
   * {@code [trajectories][times][1 + columns]} with the time first and NaN for those that were not.
   */
  void writeSeries(Path file) throws IOException {
    if (isNpy(file)) {
      int width = 1 + columns.size();
      int times = solution.size() == 0 ? 0 : solution.savedTimes(0).length;
      double[] all = new double[Math.multiplyExact(solution.size(), times * width)];
      for (int i = 0; i < solution.size(); i++) {
        double[] at = solution.savedTimes(i);
        double[][] rows = solution.saved(i);
        for (int k = 0; k < rows.length; k++) {
          int from = (i * times + k) * width;
          all[from] = at[k];
          System.arraycopy(row(i, at[k], rows[k]), 0, all, from + 1, width - 1);
        }
      }
      Npy.write(file, all, solution.size(), times, width);
      return;
    }
    try (PrintWriter csv = begin(file)) {
      for (int i = 0; i < solution.size(); i++) {
        double[] at = solution.savedTimes(i);
        double[][] rows = solution.saved(i);
        double end = solution.time(i);
        for (int k = 0; k < rows.length; k++) {
          if (Math.abs(at[k] - at[0]) <= Math.abs(end - at[0])) {
            line(csv, i, at[k], row(i, at[k], rows[k]));
          }
        }
      }
      finish(csv, file);
    }
  }

  private static boolean isNpy(Path file) {
    return file.toString().endsWith(".npy");
  }

  private PrintWriter begin(Path file) throws IOException {
    PrintWriter csv = new PrintWriter(Files.newBufferedWriter(file));
    csv.print("trajectory,status,");
    swept.keySet().forEach(name -> csv.print(name + ","));
    csv.println(system.time() + "," + String.join(",", columns));
    return csv;
  }

  private void line(PrintWriter csv, int trajectory, double time, double[] row) {
    csv.print(trajectory + "," + words(solution.status(trajectory)));
    swept.values().forEach(value -> csv.print("," + value.applyAsDouble(trajectory)));
    csv.print("," + time);
    for (double value : row) {
      csv.print("," + value);
    }
    csv.println();
  }

  private static void finish(PrintWriter csv, Path file) throws IOException {
    if (csv.checkError()) {
      throw new IOException(file + " cannot be written");
    }
  }

  /** A constant's name for people. */
  static String words(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
