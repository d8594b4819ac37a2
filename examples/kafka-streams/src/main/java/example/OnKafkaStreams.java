package example;

import io.github.elegans.kafkastreams.ElegansProcessorSupplier;
import io.github.elegans.networks.KeyedSession;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/**
 * A network on every sensor of a topic of Kafka.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}. Kafka's own driver takes the place of a broker;
 * with one it is {@code new KafkaStreams(builder.build(), properties).start()}.
 */
public final class OnKafkaStreams {
  private OnKafkaStreams() {}

  public static void main(String[] args) {
    Network network = Cfc.initialised(CfcConfiguration.of(3, 8), 42); // 3 inputs, 8 units, a seed
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream("readings", Consumed.with(Serdes.String(), Serdes.String()))
        .processValues(
            new ElegansProcessorSupplier<String, String, String>(
                "states",
                Serdes.String(),
                () -> KeyedSession.builder(network, 1).timeUnit(1000).build(), // seconds
                OnKafkaStreams::floats,
                (reading, out) -> Arrays.toString(out)))
        .to("outputs", Produced.with(Serdes.String(), Serdes.String()));

    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "sensors");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, "target/states");
    try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), properties)) {
      TestInputTopic<String, String> readings =
          driver.createInputTopic("readings", new StringSerializer(), new StringSerializer());
      TestOutputTopic<String, String> outputs =
          driver.createOutputTopic("outputs", new StringDeserializer(), new StringDeserializer());
      for (long milliseconds : new long[] {1000, 1500, 3500}) {
        readings.pipeInput("sensor 7", "0.5 -1 0.25", milliseconds);
        System.out.println(milliseconds + " ms: " + outputs.readKeyValue());
      }
    }
  }

  private static float[] floats(String reading) {
    String[] words = reading.split(" ");
    float[] values = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      values[i] = Float.parseFloat(words[i]);
    }
    return values;
  }
}
