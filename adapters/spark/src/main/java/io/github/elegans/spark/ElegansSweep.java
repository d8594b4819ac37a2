package io.github.elegans.spark;

import io.github.elegans.ode.Event;
import io.github.elegans.ode.Fold;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Solves a system of differential equations once for every row of a dataset. Columns that are
 * called as a parameter or a state of the system give that parameter, or that state at the start;
 * the rest stays as the system has it. Added are
 *
 * <ul>
 *   <li>{@code status}: a {@link io.github.elegans.ode.Status} in words;
 *   <li>{@code time}: when the trajectory ended;
 *   <li>{@code states}: the states then, a struct with a field for each;
 *   <li>{@code folds}: if the solver has {@link Fold}s, a struct with a field for each;
 *   <li>{@code crossings}: if it has {@link Event}s, those of them that happened, in their order:
 *       an array of structs of {@code event}, {@code time} and {@code states}.
 * </ul>
 *
 * <p>A trajectory that fails has a status that says so, and hinders no other. Results have the bits
 * of {@link Solver#solve} on one machine, however the dataset is partitioned.
 */
public final class ElegansSweep {
  private final SolverSupplier supplier;
  private final Solver solver;
  private final String id = UUID.randomUUID().toString();
  private double start;
  private double end = Double.NaN;
  private @Nullable String endColumn;

  private ElegansSweep(SolverSupplier supplier) {
    this.supplier = supplier;
    this.solver = supplier.get();
  }

  /**
   * A sweep by a solver of one's own, with its tolerances, events and folds.
   *
   * @param supplier makes it, here and on every executor
   */
  public static ElegansSweep of(SolverSupplier supplier) {
    return new ElegansSweep(supplier);
  }

  /**
   * A sweep over the system of a text, by a solver with its defaults.
   *
   * @throws io.github.elegans.expressions.TextException if it cannot be read, with line and column
   */
  public static ElegansSweep of(String text) {
    return of(() -> Solver.of(OdeSystem.parse(text)).build());
  }

  /** The time at which trajectories begin, 0 by default. */
  public ElegansSweep setStart(double time) {
    start = time;
    return this;
  }

  /** The time at which trajectories end. */
  public ElegansSweep setEnd(double time) {
    end = time;
    endColumn = null;
    return this;
  }

  /** The column of the times at which trajectories end. */
  public ElegansSweep setEndCol(String name) {
    endColumn = name;
    return this;
  }

  /**
   * Solves a trajectory for every row.
   *
   * @throws IllegalArgumentException if no column is one of the system's, one of them has no
   *     numbers, a result's name is taken, or nobody says when trajectories end
   */
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    OdeSystem system = solver.system();
    Map<String, Integer> parameters = new LinkedHashMap<>();
    Map<String, Integer> initials = new LinkedHashMap<>();
    for (OdeSystem.Parameter parameter : system.parameters()) {
      find("parameter of " + system.title(), parameter.name(), schema, parameters);
    }
    for (OdeSystem.State state : system.states()) {
      find("state of " + system.title(), state.name(), schema, initials);
    }
    if (parameters.isEmpty() && initials.isEmpty()) {
      throw new IllegalArgumentException(
          "columns that are parameters (%s) or states (%s) of %s are expected, found only %s"
              .formatted(
                  names(system.parameters().stream().map(OdeSystem.Parameter::name).toList()),
                  names(system.states().stream().map(OdeSystem.State::name).toList()),
                  system.title(),
                  String.join(", ", schema.fieldNames())));
    }
    Map<String, Integer> ends = new LinkedHashMap<>();
    if (endColumn != null) {
      Column.type("endCol", endColumn, schema);
      find("endCol", endColumn, schema, ends);
    } else if (!Double.isFinite(end)) {
      throw new IllegalArgumentException(
          "the time at which trajectories end is expected: setEnd or setEndCol, found " + end);
    }
    SweepTask task =
        new SweepTask(
            id,
            supplier,
            new LinkedHashMap<>(parameters),
            new LinkedHashMap<>(initials),
            start,
            end,
            endColumn,
            endColumn == null ? -1 : ends.get(endColumn));
    return RowEncoders.mapPartitions(dataset, task, result(schema));
  }

  private static String names(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  private static void find(String use, String name, StructType schema, Map<String, Integer> found) {
    if (!Arrays.asList(schema.fieldNames()).contains(name)) {
      return;
    }
    DataType type = schema.apply(name).dataType();
    if (!(type instanceof NumericType)) {
      throw new IllegalArgumentException(
          "column '%s' (%s): numbers are expected, found %s"
              .formatted(name, use, type.simpleString()));
    }
    found.put(name, schema.fieldIndex(name));
  }

  private StructType result(StructType schema) {
    StructType states = new StructType();
    for (OdeSystem.State state : solver.system().states()) {
      states = states.add(state.name(), DataTypes.DoubleType, false);
    }
    StructType added =
        new StructType()
            .add("status", DataTypes.StringType, false)
            .add("time", DataTypes.DoubleType, false)
            .add("states", states, false);
    if (!solver.folds().isEmpty()) {
      StructType folds = new StructType();
      for (Fold fold : solver.folds()) {
        folds = folds.add(fold.name(), DataTypes.DoubleType, false);
      }
      added = added.add("folds", folds, false);
    }
    if (!solver.events().isEmpty()) {
      StructType crossing =
          new StructType()
              .add("event", DataTypes.StringType, false)
              .add("time", DataTypes.DoubleType, false)
              .add("states", states, false);
      added = added.add("crossings", DataTypes.createArrayType(crossing, false), false);
    }
    StructType result = schema;
    for (String name : added.fieldNames()) {
      Column.requireNew("a result", name, schema);
      result = result.add(added.apply(name));
    }
    return result;
  }
}
