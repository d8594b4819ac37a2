package io.github.elegans.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * Windows of the recordings, which are not part of this project, have the bytes that the authors'
 * own code makes of them. {@code -Delegans.test.recordings} names a folder with the folders {@code
 * walker} and {@code cheetah}.
 */
class RecordingsTest {
  private static final String PROPERTY = "elegans.test.recordings";

  private static Path directory(String name) {
    String parent = System.getProperty(PROPERTY, "");
    assumeFalse(
        parent.isEmpty(),
        "the recordings are not part of this project: -D" + PROPERTY + " names their folder");
    return Path.of(parent, name);
  }

  @Test
  void preparesTheWalker() throws IOException, NoSuchAlgorithmException {
    WalkerTask task = new WalkerTask(directory("walker"));
    check(task.train(), 9684, 64, "ba8ded15e98d97ad", "b36f9b54c9a50f8d", "07caec18656b3b59");
    check(task.validation(), 1272, 64, "b0b1e736831c3ac3", "4ca799912dadc2c8", "0d75e3b60b5c90e5");
    check(task.test(), 1937, 64, "23465cf3dfdf0622", "de94e5fc03abfd62", "a045eb00289c49d8");
  }

  @Test
  void preparesTheCheetah() throws IOException, NoSuchAlgorithmException {
    CheetahTask task = new CheetahTask(directory("cheetah"));
    check(task.train(), 970, 32, "dd5bb77aaa868e80", null, "e46b8201a895e8ca");
    check(task.validation(), 485, 32, "6c1f96afeb1d050b", null, "26e595848db44ba9");
    check(task.test(), 970, 32, "4d09526d3436d1c4", null, "dc88da9ee2613720");
  }

  private static void check(
      Windows windows, int samples, int steps, String x, String timespans, String y)
      throws NoSuchAlgorithmException {
    assertThat(windows.samples()).isEqualTo(samples);
    assertThat(windows.steps()).isEqualTo(steps);
    assertThat(windows.inputSize()).isEqualTo(17);
    assertThat(hash(windows.x())).isEqualTo(x);
    if (timespans != null) {
      assertThat(hash(windows.timespans())).isEqualTo(timespans);
    }
    assertThat(hash(windows.y())).isEqualTo(y);
  }

  /** The beginning of the SHA-256 of the floats, little-endian. */
  private static String hash(float[] values) throws NoSuchAlgorithmException {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
    return HexFormat.of().formatHex(digest, 0, 8);
  }
}
