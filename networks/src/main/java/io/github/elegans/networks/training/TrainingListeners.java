package io.github.elegans.networks.training;

import java.io.Console;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;

/** Listeners that show a training, or write down how it goes. */
public final class TrainingListeners {
  private TrainingListeners() {}

  /**
   * Shows how far training is: epoch, batch, loss, validation, samples per second and the time that
   * is left. If the writer is that of a terminal ({@code System.console().writer()}), it is one
   * line that is written anew a few times a second; otherwise a line after every epoch, with all
   * metrics.
   */
  public static TrainingListener progress(PrintWriter out) {
    return progress(out, isTerminal(Objects.requireNonNull(out, "out")));
  }

  /**
   * As {@link #progress(PrintWriter)}, of a writer of which the caller knows what it is.
   *
   * @param rewrites whether one line is written anew, with {@code \r} and the ANSI sequence that
   *     erases what is behind it
   */
  public static TrainingListener progress(PrintWriter out, boolean rewrites) {
    return new ProgressListener(Objects.requireNonNull(out, "out"), rewrites, System::nanoTime);
  }

  // The console's writer is one, and since JDK 25 there may be no console again.
  @SuppressWarnings({"ReferenceEquality", "SystemConsoleNull"})
  private static boolean isTerminal(PrintWriter out) {
    Console console = System.console();
    return console != null && console.isTerminal() && console.writer() == out;
  }

  /**
   * Writes a table to a file: a line with the names of its columns ({@code epoch}, {@code loss},
   * {@code learning_rate}, {@code gradient_norm}, {@code seconds}, and {@code validation_} with the
   * name of each metric), and one after every epoch. Training that begins replaces the file;
   * training that is resumed keeps the lines of the epochs before, and throws {@link
   * java.io.UncheckedIOException} if the file has other columns, as it does if the file cannot be
   * written.
   */
  public static TrainingListener csv(Path file) {
    return new CsvListener(Objects.requireNonNull(file, "file"));
  }

  /**
   * Writes an event file for <a href="https://www.tensorflow.org/tensorboard">TensorBoard</a> to a
   * folder, which is made if need be, a new one for every run: {@code tensorboard --logdir folder}
   * shows {@code loss/training}, {@code learning_rate}, {@code gradient_norm}, {@code seconds}, and
   * of each metric the name with {@code /validation}, by epoch. Throws {@link
   * java.io.UncheckedIOException} if that cannot be written.
   */
  public static TrainingListener tensorBoard(Path folder) {
    return new TensorBoardListener(
        Objects.requireNonNull(folder, "folder"), System::currentTimeMillis);
  }
}
