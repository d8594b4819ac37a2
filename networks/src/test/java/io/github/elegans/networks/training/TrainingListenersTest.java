package io.github.elegans.networks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingListenersTest {
  private static final Training TRAINING =
      Training.of(Cfc.initialised(CfcConfiguration.of(1, 2).withProjection(1), 1))
          .epochs(3)
          .batch(4);
  private static final Sequences DATA = Sequences.perStep(10, 1, new float[10], new float[10]);

  @TempDir private Path folder;

  private long now;

  private static History.Epoch epoch(int number, double loss, Map<String, Double> metrics) {
    return new History.Epoch(number, loss, metrics, 0.01, 2.5, 1.25);
  }

  private static Map<String, Double> metrics(double loss, double mse) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("loss", loss);
    metrics.put("mse", mse);
    return metrics;
  }

  /** Two epochs of three, each of three batches of a second. */
  private String progress(boolean rewrites) {
    StringWriter text = new StringWriter();
    TrainingListener listener = new ProgressListener(new PrintWriter(text), rewrites, () -> now);
    listener.begins(TRAINING, DATA);
    for (int epoch = 0; epoch < 2; epoch++) {
      for (int batch = 0; batch < 3; batch++) {
        now += 1_000_000_000L;
        listener.batchDone(epoch, batch, 3, 0.123456);
        // Too soon to be shown, though it would not be there twice.
        now += 1000;
      }
      assertThat(listener.epochDone(epoch(epoch, 0.2, metrics(0.3, 0.4)))).isTrue();
    }
    listener.ends(new History(List.of(), new Trainee.One(TRAINING.network()), -1));
    return text.toString();
  }

  @Test
  void showsALineAfterEveryEpoch() {
    assertThat(progress(false).lines())
        .containsExactly(
            "epoch 1/3, loss 0.2000, validation loss 0.3000, mse 0.4000, 3.3 samples/s, 6 s left",
            "epoch 2/3, loss 0.2000, validation loss 0.3000, mse 0.4000, 3.3 samples/s, 3 s left");
  }

  @Test
  void writesOneLineAnewOnATerminal() {
    String text = progress(true);
    assertThat(text.strip()).doesNotContain("\n");
    assertThat(text).endsWith(System.lineSeparator());
    assertThat(text.strip().split("\u001b\\[K"))
        .containsExactly(
            "epoch 1/3, batch 1/3, loss 0.1235, 3.3 samples/s, 8 s left",
            "\repoch 1/3, batch 2/3, loss 0.1235, 3.3 samples/s, 7 s left",
            "\repoch 1/3, batch 3/3, loss 0.1235, 3.3 samples/s, 6 s left",
            "\repoch 1/3, loss 0.2000, validation loss 0.3000, 3.3 samples/s, 6 s left",
            "\repoch 2/3, batch 1/3, loss 0.1235, validation loss 0.3000, 3.3 samples/s, 5 s left",
            "\repoch 2/3, batch 2/3, loss 0.1235, validation loss 0.3000, 3.3 samples/s, 4 s left",
            "\repoch 2/3, batch 3/3, loss 0.1235, validation loss 0.3000, 3.3 samples/s, 3 s left",
            "\repoch 2/3, loss 0.2000, validation loss 0.3000, 3.3 samples/s, 3 s left");
  }

  @Test
  void writesALineAnewOnlyAFewTimesASecond() {
    StringWriter text = new StringWriter();
    TrainingListener listener = new ProgressListener(new PrintWriter(text), true, () -> now);
    listener.begins(TRAINING, DATA);
    for (int batch = 0; batch < 1000; batch++) {
      now += 1_000_000L;
      listener.batchDone(0, batch, 1000, 0.5);
    }
    assertThat(text.toString().chars().filter(c -> c == '\r')).hasSize(5);
  }

  @Test
  void saysHowLong() {
    assertThat(ProgressListener.duration(0)).isEqualTo("0 s");
    assertThat(ProgressListener.duration(59)).isEqualTo("59 s");
    assertThat(ProgressListener.duration(200)).isEqualTo("3 min 20 s");
    assertThat(ProgressListener.duration(7530)).isEqualTo("2 h 5 min");
  }

  /** A writer that is not the terminal's gets lines. */
  @Test
  void doesNotRewriteAFile() {
    StringWriter text = new StringWriter();
    TrainingListener listener = TrainingListeners.progress(new PrintWriter(text));
    listener.begins(TRAINING, DATA);
    listener.batchDone(0, 0, 3, 1);
    listener.epochDone(epoch(0, 0.2, Map.of()));
    assertThat(text.toString()).startsWith("epoch 1/3, loss 0.2000, ").doesNotContain("\u001b");
  }

  @Test
  void writesATable() throws IOException {
    Path file = folder.resolve("log.csv");
    Files.writeString(file, "what was there before");
    TrainingListener listener = TrainingListeners.csv(file);
    listener.begins(TRAINING, DATA);
    listener.epochDone(epoch(0, 0.1, metrics(0.5, 1e-9)));
    listener.epochDone(epoch(1, Double.NaN, metrics(0.25, 1e9)));
    String header = "epoch,loss,learning_rate,gradient_norm,seconds,validation_loss,validation_mse";
    assertThat(Files.readAllLines(file))
        .containsExactly(
            header, "0,0.1,0.01,2.5,1.25,0.5,1.0E-9", "1,NaN,0.01,2.5,1.25,0.25,1.0E9");

    // Resumed behind epoch 0, after a line that was not finished.
    Files.writeString(file, Files.readString(file) + "2,0.1");
    listener.begins(TRAINING, DATA);
    listener.epochDone(epoch(1, 0.75, metrics(0.5, 0.5)));
    assertThat(Files.readAllLines(file))
        .containsExactly(header, "0,0.1,0.01,2.5,1.25,0.5,1.0E-9", "1,0.75,0.01,2.5,1.25,0.5,0.5");

    // With other metrics, and the file as it was.
    listener.begins(TRAINING, DATA);
    assertThatThrownBy(() -> listener.epochDone(epoch(2, 0.5, Map.of())))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("log.csv")
        .hasMessageContaining("validation_mse");
    assertThat(Files.readAllLines(file)).hasSize(3);

    // A new training.
    listener.begins(TRAINING, DATA);
    listener.epochDone(epoch(0, 0.5, Map.of()));
    assertThat(Files.readAllLines(file))
        .containsExactly("epoch,loss,learning_rate,gradient_norm,seconds", "0,0.5,0.01,2.5,1.25");

    Path nowhere = folder.resolve("no folder").resolve("log.csv");
    assertThatThrownBy(() -> TrainingListeners.csv(nowhere).epochDone(epoch(0, 1, Map.of())))
        .isInstanceOf(UncheckedIOException.class);
  }

  private byte[] events(int... epochs) throws IOException {
    Path logs = folder.resolve("logs").resolve("run");
    now = 1_700_000_000_250L;
    TrainingListener listener = new TensorBoardListener(logs, () -> now);
    listener.begins(TRAINING, DATA);
    for (int number : epochs) {
      listener.epochDone(epoch(number, 0.5 + number, metrics(0.25, number)));
      now += 1000;
    }
    try (Stream<Path> files = Files.list(logs)) {
      Path last = files.sorted().reduce((a, b) -> b).orElseThrow();
      assertThat(last.getFileName().toString())
          .startsWith("events.out.tfevents.1700000000.elegans.");
      return Files.readAllBytes(last);
    }
  }

  /** What TensorBoard's own EventFileWriter and its messages give for the same values. */
  @Test
  void writesTheBytesThatTensorBoardWrites() throws IOException {
    assertThat(HexFormat.of().formatHex(events(0))).isEqualTo(GOLDEN);
  }

  private static final String GOLDEN =
      "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9"
          + "8d000000000000003f0f80610900001040fc54d9412a81010a140a0d6c6f73732f747261696e696e"
          + "67150000003f0a160a0f6c6f73732f76616c69646174696f6e150000803e0a150a0e6d73652f7661"
          + "6c69646174696f6e15000000000a140a0d6c6561726e696e675f72617465150ad7233c0a140a0d67"
          + "72616469656e745f6e6f726d15000020400a0e0a077365636f6e6473150000a03f380a4259";

  /** The events of a file, after their checksums have been checked. */
  private static List<byte[]> records(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int at = bytes.position();
      int length = Math.toIntExact(bytes.getLong());
      assertThat(bytes.getInt()).isEqualTo(TensorBoardListener.checksum(bytes.slice(at, 8)));
      byte[] record = new byte[length];
      bytes.get(record);
      assertThat(bytes.getInt()).isEqualTo(TensorBoardListener.checksum(ByteBuffer.wrap(record)));
      records.add(record);
    }
    return records;
  }

  @Test
  void writesAnEventForEveryEpochAndAFileForEveryRun() throws IOException {
    List<byte[]> first = records(events(0, 1));
    assertThat(first).hasSize(3);
    assertThat(new String(first.getFirst(), StandardCharsets.ISO_8859_1)).endsWith("brain.Event:2");
    for (String tag :
        List.of(
            "loss/training",
            "loss/validation",
            "mse/validation",
            "learning_rate",
            "gradient_norm",
            "seconds")) {
      assertThat(new String(first.get(2), StandardCharsets.ISO_8859_1)).contains(tag);
    }
    // Resumed: the version, that epoch 1 begins anew (session_log, field 7: status START), epoch 1.
    List<byte[]> second = records(events(1));
    assertThat(second).hasSize(3);
    assertThat(HexFormat.of().formatHex(second.get(1))).endsWith("1001" + "3a020801");
    try (Stream<Path> files = Files.list(folder.resolve("logs").resolve("run"))) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void saysThatAFolderCannotBeMade() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> TrainingListeners.tensorBoard(file).epochDone(epoch(0, 1, Map.of())))
        .isInstanceOf(UncheckedIOException.class);
  }
}
