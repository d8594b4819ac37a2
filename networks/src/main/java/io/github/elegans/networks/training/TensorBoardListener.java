package io.github.elegans.networks.training;

import io.github.elegans.networks.protobuf.Protobuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event file of TensorBoard: records of TensorFlow's {@code TFRecord}, each with an
 * {@code Event} of {@code event.proto}.
 */
final class TensorBoardListener implements TrainingListener {
  private static final String VERSION = "brain.Event:2";

  // Fields of an Event, of a Summary, of its Value, and of a SessionLog.
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int STATUS = 1;
  private static final int START = 1;

  private final Path folder;
  private final LongSupplier milliseconds;

  /** The file of this run, once there is one. */
  private @Nullable Path file;

  /**
   * A listener.
   *
   * @param milliseconds as {@link System#currentTimeMillis}
   */
  TensorBoardListener(Path folder, LongSupplier milliseconds) {
    this.folder = folder;
    this.milliseconds = milliseconds;
  }

  @Override
  public void begins(Training training, Sequences data) {
    file = null;
  }

  @Override
  public boolean epochDone(History.Epoch epoch) {
    try {
      Path to = file;
      if (to == null) {
        to = begin(epoch.number());
        file = to;
      }
      append(to, record(event(epoch.number()).message(SUMMARY, summary(epoch))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  private static Protobuf summary(History.Epoch epoch) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/training", epoch.loss());
    epoch.metrics().forEach((name, value) -> values.put(name + "/validation", value));
    values.put("learning_rate", epoch.learningRate());
    values.put("gradient_norm", epoch.gradientNorm());
    values.put("seconds", epoch.seconds());
    Protobuf summary = new Protobuf();
    values.forEach(
        (tag, value) ->
            summary.message(
                VALUE,
                new Protobuf().text(TAG, tag).floatNumber(SIMPLE_VALUE, value.floatValue())));
    return summary;
  }

  /** Makes the file of this run. */
  private Path begin(int firstEpoch) throws IOException {
    Files.createDirectories(folder);
    long seconds = milliseconds.getAsLong() / 1000;
    for (int i = 0; ; i++) {
      // TensorBoard reads the files of a folder in the order of their names.
      Path made =
          folder.resolve(
              String.format(Locale.ROOT, "events.out.tfevents.%010d.elegans.%03d", seconds, i));
      try {
        Files.createFile(made);
      } catch (FileAlreadyExistsException e) {
        continue;
      }
      append(made, record(event(0).text(FILE_VERSION, VERSION)));
      if (firstEpoch > 0) {
        // Of an earlier run, TensorBoard drops this epoch and those behind it.
        append(
            made,
            record(event(firstEpoch).message(SESSION_LOG, new Protobuf().number(STATUS, START))));
      }
      return made;
    }
  }

  private Protobuf event(int step) {
    Protobuf event = new Protobuf().doubleNumber(WALL_TIME, milliseconds.getAsLong() / 1000.0);
    return step == 0 ? event : event.number(STEP, step);
  }

  private static void append(Path file, byte[] record) throws IOException {
    Files.write(file, record, StandardOpenOption.APPEND);
  }

  /** The length and its checksum, the event and its checksum. */
  private static byte[] record(Protobuf event) {
    byte[] content = event.toBytes();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + content.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(content.length);
    record.putInt(checksum(record.slice(0, Long.BYTES)));
    record.put(content);
    record.putInt(checksum(ByteBuffer.wrap(content)));
    return record.array();
  }

  /** CRC-32C, masked as TFRecord has it. */
  static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }
}
