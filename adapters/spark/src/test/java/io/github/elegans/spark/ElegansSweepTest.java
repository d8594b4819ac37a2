package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.expressions.TextException;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Event;
import io.github.elegans.ode.Fold;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ElegansSweepTest {
  private static final int N = 300;
  private static final String DECAY =
      """
      system Decay
      parameter k = 1
      state y = 1
      y' = -k*y
      """;

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sparks.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  static Solver lorenz() {
    OdeSystem system = OdeSystem.named("lorenz");
    return Solver.of(system)
        .tolerance(1e-8, 1e-8)
        .fold(Fold.maximum("highest", system.expression("z")))
        .fold(Fold.mean("mean", system.expression("x")))
        .event(Event.log("crossing", system.expression("z - 27"), Event.Direction.RISING))
        .build();
  }

  static Dataset<Row> parameters(SparkSession session, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      rows.add(RowFactory.create(i, 0.1 * i, 1 + i / 100f, "kept"));
    }
    StructType schema =
        new StructType()
            .add("id", "int")
            .add("rho", "double")
            .add("x", "float")
            .add("note", "string");
    return session.createDataFrame(rows, schema).repartition(partitions);
  }

  /** Compares with one ensemble on this machine. */
  static void assertSameBits(List<Row> rows) {
    Solution expected =
        lorenz()
            .solve(
                Ensemble.of(N)
                    .parameter("rho", i -> 0.1 * i)
                    .initial("x", i -> 1 + i / 100f)
                    .end(3));
    assertThat(rows).hasSize(N);
    for (Row row : rows) {
      int i = row.getAs("id");
      assertThat(row.<String>getAs("note")).isEqualTo("kept");
      assertThat(row.<String>getAs("status")).isEqualTo(expected.status(i).name());
      assertThat(row.<Double>getAs("time")).isEqualTo(expected.time(i));
      assertThat(numbers(row.getAs("states"))).isEqualTo(expected.states(i));
      Row folds = row.getAs("folds");
      assertThat(folds.<Double>getAs("highest")).isEqualTo(expected.fold(i, "highest"));
      assertThat(folds.<Double>getAs("mean")).isEqualTo(expected.fold(i, "mean"));
      List<Row> crossings = row.getList(row.fieldIndex("crossings"));
      List<Solution.Crossing> expectedCrossings = expected.crossings(i);
      assertThat(crossings).hasSize(expectedCrossings.size());
      for (int k = 0; k < crossings.size(); k++) {
        assertThat(crossings.get(k).<String>getAs("event")).isEqualTo("crossing");
        assertThat(crossings.get(k).<Double>getAs("time"))
            .isEqualTo(expectedCrossings.get(k).time());
        assertThat(numbers(crossings.get(k).getAs("states")))
            .isEqualTo(expectedCrossings.get(k).states());
      }
    }
    assertThat(rows.stream().mapToInt(row -> row.getList(row.fieldIndex("crossings")).size()).sum())
        .isPositive();
  }

  private static double[] numbers(Row struct) {
    double[] numbers = new double[struct.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = struct.getDouble(i);
    }
    return numbers;
  }

  @Test
  void everyTrajectoryHasTheBitsOfOneMachine() {
    assertSameBits(
        ElegansSweep.of(ElegansSweepTest::lorenz)
            .setEnd(3)
            .transform(parameters(spark, 3))
            .collectAsList());
  }

  /** Against the exact solution. */
  @Test
  void solvesASystemOfText() {
    StructType schema = new StructType().add("k", "double").add("until", "int");
    Dataset<Row> rows =
        spark.createDataFrame(
            List.of(RowFactory.create(0.5, 2), RowFactory.create(2.0, 3)), schema);
    Dataset<Row> result = ElegansSweep.of(DECAY).setEndCol("until").transform(rows);
    assertThat(result.columns()).containsExactly("k", "until", "status", "time", "states");
    for (Row row : result.select("k", "until", "status", "time", "states.y").collectAsList()) {
      assertThat(row.getString(2)).isEqualTo("DONE");
      assertThat(row.getDouble(3)).isEqualTo(row.getInt(1));
      assertThat(row.getDouble(4))
          .isCloseTo(
              Math.exp(-row.getDouble(0) * row.getInt(1)),
              org.assertj.core.api.Assertions.within(1e-6));
    }
  }

  @Test
  void whatIsWrongIsNamed() {
    Dataset<Row> rows = parameters(spark, 1);
    assertThatThrownBy(() -> ElegansSweep.of("system X\nstate y"))
        .isInstanceOf(TextException.class);
    assertThatThrownBy(() -> ElegansSweep.of(DECAY).setEnd(1).transform(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "columns that are parameters (k) or states (y) of Decay are expected, found only id,"
                + " rho, x, note");
    ElegansSweep sweep = ElegansSweep.of(ElegansSweepTest::lorenz);
    assertThatThrownBy(() -> sweep.transform(rows)).hasMessageContaining("setEnd or setEndCol");
    assertThatThrownBy(() -> sweep.setEndCol("end").transform(rows))
        .hasMessageContaining("column 'end' (endCol) is expected");
    assertThatThrownBy(() -> sweep.setEndCol("note").transform(rows))
        .hasMessage("column 'note' (endCol): numbers are expected, found string");
    assertThatThrownBy(() -> sweep.setEnd(1).transform(rows.withColumnRenamed("note", "status")))
        .hasMessageContaining("column 'status' (a result) would be added");
    StructType schema = new StructType().add("rho", "double");
    Dataset<Row> withNull =
        spark.createDataFrame(
            List.of(RowFactory.create(1.0), RowFactory.create((Object) null)), schema);
    assertThatThrownBy(() -> sweep.transform(withNull.coalesce(1)).collectAsList())
        .rootCause()
        .hasMessage("column 'rho', row 1 of partition 0: a number is expected, found null");
  }
}
