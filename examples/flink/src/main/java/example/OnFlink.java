package example;

import io.github.elegans.flink.ElegansFunction;
import io.github.elegans.networks.KeyedSession;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.Arrays;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

/**
 * A network on every sensor of a stream of Flink.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}: without a cluster Flink makes one in this JVM.
 */
public final class OnFlink {
  private OnFlink() {}

  /**
   * What a sensor has measured.
   *
   * @param milliseconds when
   */
  public record Reading(String sensor, long milliseconds, float[] values) {}

  /** Flink sends it to the tasks, and each makes its network; {@code Models.load} opens a file. */
  static final class OnSensors extends ElegansFunction<String, Reading, String> {
    private static final long serialVersionUID = 1;

    @Override
    protected KeyedSession<String> session() {
      Cfc network = Cfc.initialised(CfcConfiguration.of(3, 8), 42); // 3 inputs, 8 units, a seed
      return KeyedSession.builder(network, 1).timeUnit(1000).build(); // seconds
    }

    @Override
    protected float[] input(Reading reading) {
      return reading.values();
    }

    @Override
    protected String output(String sensor, Reading reading, float[] output) {
      return sensor + ", " + reading.milliseconds() + " ms: " + Arrays.toString(output);
    }
  }

  public static void main(String[] args) throws Exception {
    float[] values = {0.5f, -1, 0.25f};
    StreamExecutionEnvironment flink = StreamExecutionEnvironment.getExecutionEnvironment();
    try (CloseableIterator<String> outputs =
        flink
            .fromData(
                new Reading("sensor 7", 1000, values),
                new Reading("sensor 7", 1500, values),
                new Reading("sensor 7", 3500, values))
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Reading>forMonotonousTimestamps()
                    .withTimestampAssigner((reading, at) -> reading.milliseconds()))
            .keyBy(Reading::sensor)
            .process(new OnSensors())
            .executeAndCollect()) {
      outputs.forEachRemaining(System.out::println);
    }
  }
}
