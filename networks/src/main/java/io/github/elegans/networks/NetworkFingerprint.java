package io.github.elegans.networks;

import io.github.elegans.networks.files.StateDict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Tells networks apart whose states mean different things: SHA-256 of what a network is made of,
 * where it tells, and of what it computes from some fixed inputs, which also depends on its tier
 * and on how its weights are stored. The same on every backend, as the bits are.
 */
final class NetworkFingerprint {
  static final int BYTES = 32;

  private static final int STEPS = 8;

  private final MessageDigest digest;

  private NetworkFingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  static byte[] of(Network network) {
    NetworkFingerprint fingerprint = new NetworkFingerprint();
    fingerprint.add(network.inputSize());
    fingerprint.add(network.outputSize());
    fingerprint.add(network.stateSize());
    fingerprint.add(network.memorySize());
    fingerprint.add(network.accuracy().name());
    fingerprint.addParts(network);
    fingerprint.addSteps(network);
    return fingerprint.digest.digest();
  }

  private void addParts(Network network) {
    Map<String, String> metadata;
    StateDict parameters;
    try {
      metadata = network.metadata();
      parameters = network.stateDict();
    } catch (UnsupportedOperationException e) {
      return; // What it computes is all that is known of it.
    }
    new TreeMap<>(metadata)
        .forEach(
            (key, value) -> {
              add(key);
              add(value);
            });
    for (String name : parameters.names()) {
      StateDict.Tensor tensor = parameters.get(name);
      add(name);
      tensor.shape().forEach(this::add);
      add(tensor.values());
    }
  }

  private void addSteps(Network network) {
    SplittableRandom random = new SplittableRandom(1);
    float[] x = new float[network.inputSize()];
    float[] out = new float[network.outputSize()];
    try (Session session = network.session(1)) {
      for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) random.nextDouble(-1, 1);
        }
        session.step(x, (float) random.nextDouble(), out);
        add(out);
      }
      add(session.state());
      add(session.memory());
    }
  }

  private void add(int number) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    digest.update(bytes);
  }

  private void add(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    bytes.asFloatBuffer().put(values);
    add(values.length);
    digest.update(bytes);
  }
}
