package io.github.elegans.networks.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.data.BitStreamXor.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Statistics and fingerprints of what the authors' generator draws under NumPy. */
class BitStreamXorTest {

  @Test
  void testSetAsEvents() {
    BitStreamXor data = BitStreamXor.test(32, Encoding.EVENT_BASED);
    assertThat(data.size()).isEqualTo(10_000);
    assertThat(ones(data)).isEqualTo(5089);
    assertThat(count(data)).isEqualTo(93_144);
    assertThat(most(data)).isEqualTo(24);
    assertThat(elapsed(data)).isEqualTo(166_120);
    assertHashes(
        data, "8f81bbae2aa97e19", "f6e7c9235dc396c0", "672224f758123c50", "130fe7d2f08cf62e");
    assertSequence(data, 0, "0 1 0 1 0 1 0 1 0 1 1", "1 1 3 1 1 1 3 3 1 1 1", 0);
    assertSequence(data, 1, "1 0 1 0 1 1", "1 2 2 1 2 1", 1);
  }

  @Test
  void trainingSetAsEvents() {
    BitStreamXor data = BitStreamXor.train(32, Encoding.EVENT_BASED);
    assertThat(data.size()).isEqualTo(100_000);
    assertThat(ones(data)).isEqualTo(50_054);
    assertThat(count(data)).isEqualTo(925_057);
    assertThat(elapsed(data)).isEqualTo(1_651_203);
    assertHashes(
        data, "a1ddbb334baaad44", "8d73dc878e298f67", "1594d79a0863180f", "f4e7a39a707b937e");
  }

  @Test
  void testSetBitByBit() {
    BitStreamXor data = BitStreamXor.test(32, Encoding.DENSE);
    assertThat(count(data)).isEqualTo(166_120);
    assertHashes(data, "ee5f2617c104aa32", "cece50138b7c7f58", "03240d0028a40f38", "");
  }

  @Test
  void otherLengths() {
    BitStreamXor data = BitStreamXor.test(24, Encoding.EVENT_BASED);
    assertThat(ones(data)).isEqualTo(5083);
    assertThat(count(data)).isEqualTo(71_905);
    assertThatThrownBy(() -> BitStreamXor.test(2, Encoding.DENSE)).hasMessageContaining("pad_size");
  }

  private static int ones(BitStreamXor data) {
    int ones = 0;
    for (byte label : data.labels()) {
      ones += label;
    }
    return ones;
  }

  private static int count(BitStreamXor data) {
    int count = 0;
    for (boolean there : data.mask()) {
      count += there ? 1 : 0;
    }
    return count;
  }

  private static int most(BitStreamXor data) {
    int most = 0;
    for (int i = 0; i < data.size(); i++) {
      int count = 0;
      for (int t = 0; t < data.padSize(); t++) {
        count += data.mask()[i * data.padSize() + t] ? 1 : 0;
      }
      most = Math.max(most, count);
    }
    return most;
  }

  /** Bits of all sequences. */
  private static int elapsed(BitStreamXor data) {
    double sum = 0;
    for (float elapsed : data.elapsed()) {
      sum += elapsed * data.padSize();
    }
    return (int) Math.rint(sum);
  }

  private static void assertSequence(
      BitStreamXor data, int sequence, String events, String elapsed, int label) {
    String[] bits = events.split(" ", -1);
    String[] times = elapsed.split(" ", -1);
    for (int t = 0; t < data.padSize(); t++) {
      int at = sequence * data.padSize() + t;
      assertThat(data.mask()[at]).isEqualTo(t < bits.length);
      if (t < bits.length) {
        assertThat(data.events()[at]).isEqualTo(Float.parseFloat(bits[t]));
        assertThat(data.elapsed()[at] * data.padSize()).isEqualTo(Float.parseFloat(times[t]));
      }
    }
    assertThat(data.labels()[sequence]).isEqualTo((byte) label);
  }

  /** SHA-256 of what the generator stores, before elapsed times are divided by the length. */
  private static void assertHashes(
      BitStreamXor data, String events, String elapsed, String mask, String labels) {
    float[] times = data.elapsed().clone();
    for (int i = 0; i < times.length; i++) {
      times[i] *= data.padSize();
    }
    byte[] there = new byte[data.mask().length];
    for (int i = 0; i < there.length; i++) {
      there[i] = (byte) (data.mask()[i] ? 1 : 0);
    }
    assertThat(hash(floats(data.events()))).as("events").startsWith(events);
    assertThat(hash(floats(times))).as("elapsed").startsWith(elapsed);
    assertThat(hash(there)).as("mask").startsWith(mask);
    assertThat(hash(data.labels())).as("labels").startsWith(labels);
  }

  private static byte[] floats(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
