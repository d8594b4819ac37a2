package io.github.elegans.kafkastreams;

import io.github.elegans.networks.KeyedSession;
import io.github.elegans.networks.Network;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** The program of the README: a network on every sensor of a topic. */
final class Example {
  private Example() {}

  /** Readings are texts as "0.5 1.25": the inputs of the network. */
  static Topology topology(Network network) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("readings", Consumed.with(Serdes.String(), Serdes.String()))
        .processValues(
            new ElegansProcessorSupplier<String, String, String>(
                "states",
                Serdes.String(),
                () -> KeyedSession.builder(network, 1).timeUnit(1000).build(),
                Example::floats,
                (reading, out) -> text(out)))
        .to("outputs", Produced.with(Serdes.String(), Serdes.String()));
    return builder.build();
  }

  static KafkaStreams start(Network network, String servers) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "sensors");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    KafkaStreams streams = new KafkaStreams(topology(network), properties);
    streams.start();
    return streams;
  }

  static float[] floats(String text) {
    String[] words = text.split(" ");
    float[] values = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      values[i] = Float.parseFloat(words[i]);
    }
    return values;
  }

  static String text(float[] values) {
    StringBuilder text = new StringBuilder();
    for (float value : values) {
      text.append(text.isEmpty() ? "" : " ").append(value);
    }
    return text.toString();
  }
}
