package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.spark.SensorProcessor.Prediction;
import io.github.elegans.spark.SensorProcessor.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.TimeMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

class StreamingTest {
  private static final Network NETWORK =
      Cfc.initialised(CfcConfiguration.of(3, 20).withProjection(2).withMixedMemory(true), 1);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sparks.local();
    spark
        .conf()
        .set(
            "spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void sensorsGoOnFromMicroBatchToMicroBatch(@TempDir Path checkpoints) throws Exception {
    Random random = new Random(3);
    List<List<Reading>> batches = new ArrayList<>();
    List<Reading> all = new ArrayList<>();
    for (int batch = 0; batch < 3; batch++) {
      List<Reading> readings = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        float[] values = {random.nextFloat(), random.nextFloat(), random.nextFloat()};
        readings.add(new Reading("s" + random.nextInt(4), batch * 30 + i, values));
      }
      batches.add(readings);
      all.addAll(readings);
    }

    MemoryStream<Reading> stream = MemoryStream.apply(spark, Encoders.bean(Reading.class));
    Broadcast<byte[]> weights =
        spark
            .sparkContext()
            .broadcast(ElegansModel.of(NETWORK).file(), ClassTag$.MODULE$.apply(byte[].class));
    Dataset<Prediction> predictions =
        stream
            .toDS()
            .groupByKey((MapFunction<Reading, String>) Reading::getSensor, Encoders.STRING())
            .transformWithState(
                new SensorProcessor(weights),
                TimeMode.None(),
                OutputMode.Append(),
                Encoders.bean(Prediction.class));
    StreamingQuery query =
        predictions
            .writeStream()
            .format("memory")
            .queryName("predictions")
            .outputMode("append")
            .option("checkpointLocation", checkpoints.toString())
            .start();
    for (List<Reading> readings : batches) {
      stream.addData(CollectionConverters.asScala(readings).toSeq());
      query.processAllAvailable();
    }
    query.stop();

    List<Prediction> found =
        new ArrayList<>(
            spark.table("predictions").as(Encoders.bean(Prediction.class)).collectAsList());
    found.sort(Comparator.comparingDouble(Prediction::getTime));
    assertThat(found).hasSize(all.size());
    for (int sensor = 0; sensor < 4; sensor++) {
      String name = "s" + sensor;
      try (Session session = NETWORK.session(1)) {
        double last = Double.NaN;
        for (int i = 0; i < all.size(); i++) {
          Reading reading = all.get(i);
          if (!reading.getSensor().equals(name)) {
            continue;
          }
          float[] out = new float[2];
          float elapsed = Double.isNaN(last) ? 1 : (float) (reading.getTime() - last);
          session.step(reading.getValues(), elapsed, out);
          last = reading.getTime();
          assertThat(found.get(i).getSensor()).isEqualTo(name);
          assertThat(found.get(i).getOutput()).isEqualTo(out);
        }
      }
    }
  }
}
