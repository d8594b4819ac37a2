package io.github.elegans.flink;

import io.github.elegans.networks.KeyedSession;
import io.github.elegans.networks.models.Models;
import java.nio.file.Path;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The program of the README: a network on every sensor of a stream. */
final class Example {
  private Example() {}

  /**
   * What a sensor has measured.
   *
   * @param milliseconds when
   */
  public record Reading(String sensor, long milliseconds, float temperature, float pressure) {}

  /** What the network makes of it. */
  public record Output(String sensor, long milliseconds, float[] values) {}

  /** Every task loads the network from a file that all machines see. */
  static final class OnSensors extends ElegansFunction<String, Reading, Output> {
    private static final long serialVersionUID = 1;

    private final String path;

    OnSensors(String path) {
      this.path = path;
    }

    @Override
    protected KeyedSession<String> session() throws Exception {
      return KeyedSession.builder(Models.load(Path.of(path)), 1).timeUnit(1000).build();
    }

    @Override
    protected float[] input(Reading reading) {
      return new float[] {reading.temperature(), reading.pressure()};
    }

    @Override
    protected Output output(String sensor, Reading reading, float[] output) {
      return new Output(sensor, reading.milliseconds(), output);
    }
  }

  static SingleOutputStreamOperator<Output> outputs(DataStream<Reading> readings, String path) {
    return readings
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<Reading>forMonotonousTimestamps()
                .withTimestampAssigner((reading, at) -> reading.milliseconds()))
        .keyBy(Reading::sensor)
        .process(new OnSensors(path));
  }
}
