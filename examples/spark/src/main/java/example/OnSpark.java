package example;

import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.spark.ElegansModel;
import io.github.elegans.spark.ElegansSweep;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A network and a differential equation over the rows of Spark.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}: two threads are the cluster.
 */
public final class OnSpark {
  private OnSpark() {}

  public static void main(String[] args) throws Exception {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()) {
      Dataset<Row> sequences =
          spark.sql(
              """
              select array_repeat(array(0.5f, -1f, 0.25f), 3) as input,
                     array(1f, 0.5f, 2f) as timespans
              """);
      ElegansModel.of(Cfc.initialised(CfcConfiguration.of(3, 8), 42)) // 3 inputs, 8 units, a seed
          .setTimespansCol("timespans")
          .setLastOutputOnly(true)
          .transform(sequences)
          .select("output")
          .collectAsList()
          .forEach(System.out::println);

      Dataset<Row> initial = spark.sql("select id + 1.0 as x from range(100)");
      ElegansSweep.of("state x = 1\nx' = -x") // a trajectory for each row
          .setEnd(1)
          .transform(initial)
          .selectExpr("count(*)", "max(states.x)")
          .collectAsList()
          .forEach(System.out::println);
    }
  }
}
