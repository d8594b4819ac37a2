package io.github.elegans.kafkastreams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kafkastreams.Readings.Reading;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's topology in Kafka's own driver. */
class TopologyTest {
  @TempDir Path folder;

  private final class Run implements AutoCloseable {
    final TopologyTestDriver driver;
    final TestInputTopic<String, String> readings;
    final TestOutputTopic<String, String> outputs;
    final TestOutputTopic<String, byte[]> changes;
    final KeyValueStore<String, byte[]> store;

    Run(Network network, String folderName) {
      Properties properties = new Properties();
      properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "sensors");
      properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve(folderName).toString());
      driver = new TopologyTestDriver(Example.topology(network), properties);
      readings =
          driver.createInputTopic("readings", new StringSerializer(), new StringSerializer());
      outputs =
          driver.createOutputTopic("outputs", new StringDeserializer(), new StringDeserializer());
      changes =
          driver.createOutputTopic(
              "sensors-states-changelog", new StringDeserializer(), new ByteArrayDeserializer());
      store = driver.getKeyValueStore("states");
    }

    List<String> pipe(List<Reading> some) {
      List<String> texts = new ArrayList<>();
      for (Reading reading : some) {
        readings.pipeInput(reading.key(), reading.text(), reading.timestamp());
        TestRecord<String, String> output = outputs.readRecord();
        assertThat(output.key()).isEqualTo(reading.key());
        assertThat(output.timestamp()).isEqualTo(reading.timestamp());
        texts.add(output.value());
      }
      return texts;
    }

    @Override
    public void close() {
      driver.close();
    }
  }

  @Test
  void twentyThousandRecordsOfAHundredKeysHaveTheBitsOfLocalSessions() {
    List<Reading> readings = Readings.random(20_000, 100, 1);
    try (Run run = new Run(Readings.NETWORK, "one")) {
      assertThat(run.pipe(readings)).isEqualTo(Readings.expected(readings));
      assertThat(run.store.approximateNumEntries()).isGreaterThan(0);
    }
  }

  /** What is left of a task that fails is its changelog. */
  @Test
  void goesOnFromTheChangelogAfterAFailure() {
    List<Reading> readings = Readings.random(2000, 100, 2);
    List<String> expected = Readings.expected(readings);
    try (Run second = new Run(Readings.NETWORK, "second")) {
      try (Run first = new Run(Readings.NETWORK, "first")) {
        assertThat(first.pipe(readings.subList(0, 1000))).isEqualTo(expected.subList(0, 1000));
        first.changes.readRecordsToList().forEach(c -> second.store.put(c.key(), c.value()));
      }
      assertThat(second.pipe(readings.subList(1000, 2000))).isEqualTo(expected.subList(1000, 2000));
    }
  }

  @Test
  void aRecordWithoutAValueEndsTheStreamOfItsKey() {
    try (Run run = new Run(Readings.NETWORK, "one")) {
      List<Reading> one = List.of(new Reading("a", 5000, "1 2"));
      List<String> first = run.pipe(one);
      run.readings.pipeInput("a", null, 6000);
      assertThat(run.outputs.isEmpty()).isTrue();
      assertThat(run.store.get("a")).isNull();
      assertThat(run.pipe(one)).isEqualTo(first);
    }
  }

  @Test
  void refusesAndLeavesTheStoreAsItWas() {
    try (Run run = new Run(Readings.NETWORK, "one")) {
      run.pipe(List.of(new Reading("a", 5000, "1 2")));
      byte[] held = run.store.get("a");
      refused(
          run, "a", "1 2", 4000, "the timestamp of key a must be at least its last one, 5000.0");
      refused(run, "a", "1 2 3", 6000, "x [n, I] must have 2 elements, but has 3");
      refused(run, null, "1 2", 6000, "a record must have a key, but one has none: 1 2");
      assertThat(run.store.get("a")).isEqualTo(held);
      assertThat(run.outputs.isEmpty()).isTrue();
    }
  }

  @Test
  void refusesTheStatesOfAnotherNetwork() {
    Network other = Cfc.initialised(CfcConfiguration.of(2, 16), 8);
    try (Run first = new Run(Readings.NETWORK, "first");
        Run second = new Run(other, "second")) {
      first.pipe(List.of(new Reading("a", 5000, "1 2")));
      byte[] snapshot = first.store.get("a");
      second.store.put("a", snapshot);
      refused(second, "a", "1 2", 6000, "key a: the snapshot must be one of this network");
      assertThat(second.store.get("a")).isEqualTo(snapshot);
      // Other keys are served as ever.
      second.pipe(List.of(new Reading("b", 6000, "1 2")));
    }
  }

  private static void refused(Run run, @Nullable String key, String text, long at, String why) {
    assertThatThrownBy(() -> run.readings.pipeInput(key, text, at))
        .rootCause()
        .hasMessageContaining(why);
  }
}
