package io.github.elegans.spark;

import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Fold;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * Solves a trajectory for each row of a partition, an ensemble at a time.
 *
 * @param id by which the tasks of a JVM share a solver
 * @param parameters places of columns in a row
 * @param initials the same, of states
 */
record SweepTask(
    String id,
    SolverSupplier supplier,
    LinkedHashMap<String, Integer> parameters,
    LinkedHashMap<String, Integer> initials,
    double start,
    double end,
    @Nullable String endName,
    int endIndex)
    implements MapPartitionsFunction<Row, Row> {
  /** Most trajectories at a time. */
  private static final int BATCH = 4096;

  private static final PerJvm<String, Solver> SOLVERS = new PerJvm<>();

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    Executor.checkBackend();
    return new Results(SOLVERS.get(id, supplier::get), rows);
  }

  private final class Results extends Batches {
    private final Solver solver;

    Results(Solver solver, Iterator<Row> rows) {
      super(rows);
      this.solver = solver;
    }

    @Override
    List<Row> run() {
      List<Row> batch = new ArrayList<>();
      for (Row row = ahead(); row != null && batch.size() < BATCH; row = ahead()) {
        take();
        batch.add(row);
      }
      return solve(batch);
    }

    private List<Row> solve(List<Row> batch) {
      Ensemble ensemble = Ensemble.of(batch.size()).start(start);
      parameters.forEach((name, index) -> ensemble.parameter(name, values(batch, name, index)));
      initials.forEach((name, index) -> ensemble.initial(name, values(batch, name, index)));
      if (endName == null) {
        ensemble.end(end);
      } else {
        double[] ends = values(batch, endName, endIndex);
        ensemble.end(i -> ends[i]);
      }
      Solution solution = solver.solve(ensemble);
      List<Row> results = new ArrayList<>(batch.size());
      for (int i = 0; i < batch.size(); i++) {
        results.add(result(batch.get(i), solution, i));
      }
      return results;
    }

    private double[] values(List<Row> batch, String name, int index) {
      double[] values = new double[batch.size()];
      for (int i = 0; i < values.length; i++) {
        if (!(batch.get(i).get(index) instanceof Number value)) {
          throw Column.wrong(name, taken() - batch.size() + i, "a number is expected, found null");
        }
        values[i] = value.doubleValue();
      }
      return values;
    }

    private Row result(Row row, Solution solution, int i) {
      List<Object> values = new ArrayList<>();
      values.add(solution.status(i).name());
      values.add(solution.time(i));
      values.add(struct(solution.states(i)));
      List<Fold> folds = solver.folds();
      if (!folds.isEmpty()) {
        values.add(
            struct(folds.stream().mapToDouble(fold -> solution.fold(i, fold.name())).toArray()));
      }
      if (!solver.events().isEmpty()) {
        values.add(
            solution.crossings(i).stream()
                .map(
                    crossing ->
                        RowFactory.create(
                            crossing.event(), crossing.time(), struct(crossing.states())))
                .toArray());
      }
      return append(row, values);
    }

    private static Row struct(double[] numbers) {
      Object[] values = new Object[numbers.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = numbers[i];
      }
      return RowFactory.create(values);
    }
  }
}
