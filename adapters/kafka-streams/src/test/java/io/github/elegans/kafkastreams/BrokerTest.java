package io.github.elegans.kafkastreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.kafkastreams.Readings.Reading;
import io.github.elegans.networks.KeyedSession;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a broker: a thread dies midway, and another machine takes over. */
@Timeout(300)
class BrokerTest {
  private static final int RECORDS = 2000;

  @TempDir Path folder;

  private final AtomicInteger records = new AtomicInteger();

  @Test
  void noBitIsLostWithAThreadOrAMachine() throws Exception {
    List<Reading> readings = Readings.random(RECORDS, 50, 3);
    Map<String, List<String>> expected = new HashMap<>();
    List<String> outputs = Readings.expected(readings);
    for (int i = 0; i < RECORDS; i++) {
      expected.computeIfAbsent(readings.get(i).key(), key -> new ArrayList<>()).add(outputs.get(i));
    }
    try (Broker broker = new Broker(folder.resolve("broker"))) {
      String servers = broker.servers();
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
        admin
            .createTopics(
                List.of(
                    new NewTopic("readings", 2, (short) 1), new NewTopic("outputs", 2, (short) 1)))
            .all()
            .get();
      }
      try (KafkaConsumer<String, String> consumer = consumer(servers)) {
        consumer.subscribe(List.of("outputs"));
        Map<String, List<String>> found = new HashMap<>();
        send(servers, readings.subList(0, RECORDS / 2));
        try (KafkaStreams first = start(servers, "first", RECORDS / 4)) {
          receive(consumer, RECORDS / 2, found);
          first.close(Duration.ofSeconds(30));
        }
        assertThat(records.get()).as("records that were taken again").isGreaterThan(RECORDS / 2);
        send(servers, readings.subList(RECORDS / 2, RECORDS));
        // In an empty folder, as on another machine.
        try (KafkaStreams second = start(servers, "second", Integer.MAX_VALUE)) {
          receive(consumer, RECORDS / 2, found);
          second.close(Duration.ofSeconds(30));
        }
        assertThat(found).isEqualTo(expected);
      }
    }
  }

  /** The thread that has that record dies, and is replaced. */
  private KafkaStreams start(String servers, String folderName, int dyingAt) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("readings", Consumed.with(Serdes.String(), Serdes.String()))
        .processValues(
            new ElegansProcessorSupplier<String, String, String>(
                "states",
                Serdes.String(),
                () -> KeyedSession.builder(Readings.NETWORK, 1).timeUnit(1000).build(),
                text -> {
                  if (records.incrementAndGet() == dyingAt) {
                    throw new IllegalStateException("a thread dies, as a test");
                  }
                  return Example.floats(text);
                },
                (reading, out) -> Example.text(out)))
        .to("outputs", Produced.with(Serdes.String(), Serdes.String()));
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "sensors");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve(folderName).toString());
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    // Nobody says goodbye: so long the group waits for who has died.
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 3000);
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 500);
    // Some commits before the thread dies.
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 50);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 10);
    KafkaStreams streams = new KafkaStreams(builder.build(), properties);
    streams.setUncaughtExceptionHandler(e -> StreamThreadExceptionResponse.REPLACE_THREAD);
    streams.start();
    return streams;
  }

  private static void send(String servers, List<Reading> readings) {
    Map<String, Object> properties = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (Reading reading : readings) {
        Future<?> _ = // What has not arrived is missed.
            producer.send(
                new ProducerRecord<>(
                    "readings", null, reading.timestamp(), reading.key(), reading.text()));
      }
    }
  }

  private static KafkaConsumer<String, String> consumer(String servers) {
    Map<String, Object> properties =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers,
            ConsumerConfig.GROUP_ID_CONFIG, "test",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }

  /** Waits for n outputs, and adds them to those of their keys. */
  private static void receive(
      KafkaConsumer<String, String> consumer, int n, Map<String, List<String>> found) {
    int left = n;
    while (left > 0) {
      for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
        found.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.value());
        left--;
      }
    }
    assertThat(left).isZero();
  }
}
