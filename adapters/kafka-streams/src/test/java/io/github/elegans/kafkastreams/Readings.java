package io.github.elegans.kafkastreams;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Readings of some sensors, and what a session for each of them makes of them. */
final class Readings {
  static final Network NETWORK = Cfc.initialised(CfcConfiguration.of(2, 16), 7);

  /** Timestamps are in milliseconds; the network knows seconds. */
  record Reading(String key, long timestamp, String text) {}

  private Readings() {}

  static List<Reading> random(int n, int keys, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Reading> readings = new ArrayList<>();
    long now = 1_700_000_000_000L;
    for (int i = 0; i < n; i++) {
      now += random.nextInt(20);
      float[] x = {(float) random.nextDouble(-1, 1), (float) random.nextDouble(-1, 1)};
      readings.add(new Reading("sensor " + random.nextInt(keys), now, Example.text(x)));
    }
    return readings;
  }

  /** By plain sessions; text keeps every bit of a float. */
  static List<String> expected(List<Reading> readings) {
    record Sensor(Session session, long last) {}

    Map<String, Sensor> sensors = new HashMap<>();
    List<String> outputs = new ArrayList<>();
    for (Reading reading : readings) {
      Sensor before = sensors.get(reading.key);
      Session session = before == null ? NETWORK.session(1) : before.session;
      float timespan = before == null ? 1 : (float) ((reading.timestamp - before.last) / 1000.0);
      float[] out = new float[NETWORK.outputSize()];
      session.step(Example.floats(reading.text), timespan, out);
      sensors.put(reading.key, new Sensor(session, reading.timestamp));
      outputs.add(Example.text(out));
    }
    return outputs;
  }
}
