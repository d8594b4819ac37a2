package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Backends;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag$;

/** Executors in JVMs of their own give the bits of this one. */
class ClusterTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() throws IOException {
    spark = Sparks.cluster(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void executorsAreOtherJvmsAndRunTheSameBackend() {
    List<String> found =
        spark
            .range(0, 40, 1, 8)
            .mapPartitions(
                (MapPartitionsFunction<Long, String>)
                    rows -> {
                      // Long enough that one executor does not take them all.
                      Thread.sleep(300);
                      return List.of(ProcessHandle.current().pid() + " " + Backends.get().backend())
                          .iterator();
                    },
                Encoders.STRING())
            .collectAsList();
    Set<String> executors = new TreeSet<>(found);
    assertThat(executors)
        .hasSize(2)
        .allSatisfy(one -> assertThat(one).endsWith(" " + Backends.get().backend()))
        .noneMatch(one -> one.startsWith(ProcessHandle.current().pid() + " "));
  }

  @Test
  void modelHasTheBitsOfASession() {
    Network network = Cfc.initialised(CfcConfiguration.of(3, 20).withProjection(2), 1);
    TestSequences sequences = TestSequences.random(200, 40, 3);
    List<Row> rows =
        ElegansModel.of(network)
            .setInputCol("binary")
            .setTimespansCol("dt")
            .setMaskCol("mask")
            .transform(sequences.dataset(spark, 4))
            .select("id", "output")
            .collectAsList();
    assertThat(rows).hasSize(200);
    for (Row row : rows) {
      int id = row.getInt(0);
      float[] expected = sequences.alone(network, id, true, true);
      assertThat(row.<byte[]>getAs(1))
          .isEqualTo(TestSequences.bytes(Arrays.copyOf(expected, sequences.steps(id) * 2)));
    }
  }

  @Test
  void sweepHasTheBitsOfOneMachine() {
    ElegansSweepTest.assertSameBits(
        ElegansSweep.of(ElegansSweepTest::lorenz)
            .setEnd(3)
            .transform(ElegansSweepTest.parameters(spark, 4))
            .collectAsList());
  }

  @Test
  void trainingHasTheBitsOfOneMachine() throws IOException {
    ElegansTrainingTest.assertSameBits(spark);
  }

  @Test
  void aModelThatExecutorsCannotReadIsNamed() {
    Broadcast<byte[]> broken =
        spark.sparkContext().broadcast(new byte[] {1, 2, 3}, ClassTag$.MODULE$.apply(byte[].class));
    TestSequences sequences = TestSequences.random(3, 4, 3);
    org.apache.spark.sql.Dataset<Row> rows = sequences.dataset(spark, 1);
    ModelTask task =
        new ModelTask(
            broken,
            SequenceColumns.of("array", null, null, rows.schema()),
            null,
            true,
            false,
            false);
    assertThatThrownBy(() -> rows.mapPartitions(task, Encoders.row(rows.schema())).collectAsList())
        .hasMessageContaining("the model (3 bytes) cannot be read on executor ");
  }
}
