package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.training.GradientSession;
import io.github.elegans.networks.training.History;
import io.github.elegans.networks.training.Optimiser;
import io.github.elegans.networks.training.Sequences;
import io.github.elegans.networks.training.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ElegansTrainingTest {
  private static final int N = 90;
  private static final int STEPS = 8;
  static final Network NETWORK = Cfc.initialised(CfcConfiguration.of(3, 12).withProjection(2), 1);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sparks.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Training training(Network network) {
    return Training.of(network)
        .optimiser(Optimiser.adam().withLearningRate(0.01))
        .dropout(0.1)
        .batch(40)
        .epochs(2)
        .seed(3);
  }

  /** Ragged, with timespans and targets for every step. */
  static Dataset<Row> dataset(SparkSession session) {
    Random random = new Random(5);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < N; i++) {
      int steps = 1 + random.nextInt(STEPS);
      rows.add(
          RowFactory.create(
              floats(steps * 3, random), floats(steps * 2, random), floats(steps, random)));
    }
    StructType schema =
        new StructType()
            .add("input", "array<float>")
            .add("target", "array<float>")
            .add("dt", "array<float>");
    return session.createDataFrame(rows, schema);
  }

  private static float[] floats(int n, Random random) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  /** The same rows as one machine has them, all padded to the longest there may be. */
  private static Sequences sequences() {
    Random random = new Random(5);
    float[] x = new float[N * STEPS * 3];
    float[] y = new float[N * STEPS * 2];
    float[] timespans = new float[N * STEPS];
    int[] lengths = new int[N];
    for (int i = 0; i < N; i++) {
      lengths[i] = 1 + random.nextInt(STEPS);
      float[] own = floats(lengths[i] * 3, random);
      System.arraycopy(own, 0, x, i * STEPS * 3, own.length);
      own = floats(lengths[i] * 2, random);
      System.arraycopy(own, 0, y, i * STEPS * 2, own.length);
      own = floats(lengths[i], random);
      System.arraycopy(own, 0, timespans, i * STEPS, own.length);
    }
    return Sequences.perStep(N, STEPS, x, y).withTimespans(timespans).withLengths(lengths);
  }

  private static Map<String, float[]> parameters(Network network) {
    try (GradientSession session = GradientSession.of(network)) {
      return session.parameters();
    }
  }

  static void assertSameBits(SparkSession session) throws IOException {
    ElegansTraining.Trained trained =
        ElegansTraining.of(NETWORK, ElegansTrainingTest::training)
            .setTimespansCol("dt")
            .fit(dataset(session));
    History expected = training(NETWORK).fit(sequences());
    assertThat(trained.losses())
        .isEqualTo(expected.epochs().stream().map(History.Epoch::loss).toList());
    Map<String, float[]> parameters = parameters(trained.model().network());
    parameters(expected.network())
        .forEach((name, values) -> assertThat(parameters.get(name)).as(name).isEqualTo(values));
    assertThat(trained.losses().get(1)).isLessThan(trained.losses().get(0));
  }

  @Test
  void trainsWithTheBitsOfOneMachine() throws IOException {
    assertSameBits(spark);
  }

  @Test
  void whatIsWrongIsNamed() {
    Dataset<Row> rows = dataset(spark);
    assertThatThrownBy(
            () ->
                ElegansTraining.of(NETWORK, ElegansTrainingTest::training)
                    .setTargetCol("y")
                    .fit(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("column 'y' (targetCol) is expected");
    assertThatThrownBy(
            () ->
                ElegansTraining.of(NETWORK, ElegansTrainingTest::training)
                    .setTargetCol("dt")
                    .fit(rows.coalesce(1)))
        .rootCause()
        .hasMessageContaining("column 'dt', row 0 of partition 0:")
        .hasMessageContaining("numbers are expected, 2 for each of");
    assertThatThrownBy(
            () ->
                ElegansTraining.of(NETWORK, ElegansTrainingTest::training)
                    .fit(
                        rows.selectExpr("transform(input, v -> float('NaN')) as input", "target")
                            .coalesce(1)))
        .rootCause()
        .hasMessageContaining("column 'input', row 0 of partition 0: x must be finite");
    assertThatThrownBy(
            () ->
                ElegansTraining.of(NETWORK, network -> Training.of(network).truncate(3)).fit(rows))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("truncate");
  }
}
