package io.github.elegans.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.flink.Example.Output;
import io.github.elegans.flink.Example.Reading;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.models.Models;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's program on a cluster of two task slots in this JVM. */
@Timeout(300)
class MiniClusterTest {
  private static final Network NETWORK = Cfc.initialised(CfcConfiguration.of(2, 16), 7);

  /** Whether a task has failed already; static, for Flink copies functions. */
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  @TempDir Path folder;

  @BeforeEach
  void saveNetwork() throws Exception {
    Models.save(NETWORK, path());
    FAILED.set(false);
  }

  private Path path() {
    return folder.resolve("model.safetensors");
  }

  /** The same reading for a number, in every attempt. */
  static Reading reading(long number) {
    SplittableRandom random = new SplittableRandom(number);
    return new Reading(
        "sensor " + random.nextInt(100),
        1_700_000_000_000L + 10 * number + random.nextInt(10),
        (float) random.nextDouble(-1, 1),
        (float) random.nextDouble(-1, 1));
  }

  /** The outputs of every sensor by a session of its own. */
  private static Map<String, List<List<Float>>> expected(int n) {
    record Sensor(Session session, long last) {}

    Map<String, Sensor> sensors = new HashMap<>();
    Map<String, List<List<Float>>> outputs = new HashMap<>();
    for (int i = 0; i < n; i++) {
      Reading reading = reading(i);
      Sensor before = sensors.get(reading.sensor());
      Session session = before == null ? NETWORK.session(1) : before.session;
      long now = reading.milliseconds();
      float timespan = before == null ? 1 : (float) ((now - before.last) / 1000.0);
      float[] out = new float[NETWORK.outputSize()];
      session.step(new float[] {reading.temperature(), reading.pressure()}, timespan, out);
      sensors.put(reading.sensor(), new Sensor(session, now));
      add(outputs, reading.sensor(), out);
    }
    return outputs;
  }

  private static void add(Map<String, List<List<Float>>> outputs, String sensor, float[] out) {
    List<Float> values = new ArrayList<>();
    for (float value : out) {
      values.add(value);
    }
    outputs.computeIfAbsent(sensor, key -> new ArrayList<>()).add(values);
  }

  @SuppressWarnings("try") // Closing may be interrupted, and the test fails.
  private static Map<String, List<List<Float>>> collect(DataStream<Output> stream)
      throws Exception {
    Map<String, List<List<Float>>> outputs = new HashMap<>();
    try (CloseableIterator<Output> all = stream.executeAndCollect()) {
      all.forEachRemaining(output -> add(outputs, output.sensor(), output.values()));
    }
    return outputs;
  }

  private static StreamExecutionEnvironment environment(Configuration configuration) {
    return StreamExecutionEnvironment.createLocalEnvironment(2, configuration);
  }

  @Test
  void twentyThousandRecordsOfAHundredKeysHaveTheBitsOfLocalSessions() throws Exception {
    DataStream<Reading> readings =
        environment(new Configuration())
            .fromSequence(0, 19_999)
            .setParallelism(1)
            .map(MiniClusterTest::reading)
            .setParallelism(1)
            .returns(Reading.class);
    assertThat(collect(Example.outputs(readings, path().toString()))).isEqualTo(expected(20_000));
  }

  /** Fails once, at the first record after a checkpoint. */
  static final class FailingOnce extends RichMapFunction<Long, Reading>
      implements CheckpointListener {
    private static final long serialVersionUID = 1;

    private transient boolean checkpointed;

    @Override
    public Reading map(Long number) throws Exception {
      if (number % 10 == 0) {
        Thread.sleep(1); // So that there are checkpoints midway.
      }
      if (checkpointed && number > 500 && FAILED.compareAndSet(false, true)) {
        throw new IllegalStateException("a task fails, as a test");
      }
      return reading(number);
    }

    @Override
    public void notifyCheckpointComplete(long id) {
      checkpointed = true;
    }
  }

  @Test
  void goesOnFromACheckpointAfterAFailure() throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
    StreamExecutionEnvironment environment = environment(configuration);
    environment.enableCheckpointing(50);
    DataStream<Reading> readings =
        environment
            .fromSequence(0, 9_999)
            .setParallelism(1)
            .map(new FailingOnce())
            .setParallelism(1)
            .returns(Reading.class);
    assertThat(collect(Example.outputs(readings, path().toString()))).isEqualTo(expected(10_000));
    assertThat(FAILED).isTrue();
  }

  @Test
  void aJobFailsWithTheReason() {
    DataStream<Reading> readings =
        environment(new Configuration())
            .fromData(new Reading("a", 5000, 1, 2), new Reading("a", 4000, 1, 2));
    assertThatThrownBy(() -> collect(Example.outputs(readings, path().toString())))
        .rootCause()
        .hasMessageContaining(
            "the timestamp of key a must be at least its last one, 5000.0, but is 4000.0");
  }

  @Test
  void aRecordMustHaveATimestamp() {
    DataStream<Output> outputs =
        environment(new Configuration())
            .fromData(new Reading("a", 5000, 1, 2))
            .keyBy(Reading::sensor)
            .process(new Example.OnSensors(path().toString()));
    assertThatThrownBy(() -> collect(outputs))
        .rootCause()
        .hasMessageContaining("a record must have a timestamp");
  }
}
