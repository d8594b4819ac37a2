package io.github.elegans.networks.training;

import io.github.elegans.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a line of a table after every epoch. */
final class CsvListener implements TrainingListener {
  private final Path file;

  /** The names of the columns, once they are in the file. */
  private @Nullable String header;

  CsvListener(Path file) {
    this.file = file;
  }

  @Override
  public void begins(Training training, Sequences data) {
    header = null;
  }

  @Override
  public boolean epochDone(History.Epoch epoch) {
    try {
      if (header == null) {
        header = header(epoch.metrics());
        begin(header, epoch.number());
      }
      Files.writeString(file, line(epoch), StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  private static String header(Map<String, Double> metrics) {
    StringBuilder line = new StringBuilder("epoch,loss,learning_rate,gradient_norm,seconds");
    metrics.keySet().forEach(name -> line.append(",validation_").append(name));
    return line.append('\n').toString();
  }

  private static String line(History.Epoch epoch) {
    StringBuilder line =
        new StringBuilder()
            .append(epoch.number())
            .append(',')
            .append(epoch.loss())
            .append(',')
            .append(epoch.learningRate())
            .append(',')
            .append(epoch.gradientNorm())
            .append(',')
            .append(epoch.seconds());
    epoch.metrics().values().forEach(value -> line.append(',').append(value.doubleValue()));
    return line.append('\n').toString();
  }

  /** Makes the file, with the lines of the epochs before the first of this run. */
  private void begin(String columns, int firstEpoch) throws IOException {
    StringBuilder kept = new StringBuilder(columns);
    if (firstEpoch > 0 && Files.exists(file)) {
      List<String> lines = new ArrayList<>(Files.readAllLines(file));
      String found = lines.isEmpty() ? "" : lines.removeFirst();
      if (!found.equals(columns.strip())) {
        throw new IOException(
            "%s must have the columns %s, to go on after epoch %d, but has '%s'"
                .formatted(file, columns.strip(), firstEpoch - 1, found));
      }
      for (String line : lines) {
        if (isBefore(line, firstEpoch, found.split(",", -1).length)) {
          kept.append(line).append('\n');
        }
      }
    }
    AtomicFile.write(file, ByteBuffer.wrap(kept.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether a line is a whole one, of an earlier epoch. */
  private static boolean isBefore(String line, int epoch, int columns) {
    String[] values = line.split(",", -1);
    try {
      return values.length == columns && Integer.parseInt(values[0]) < epoch;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
