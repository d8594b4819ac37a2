package io.github.elegans.cli.training;

import io.github.elegans.cli.files.Npy;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.FileFormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * Half-cheetah of the LTC paper (Hasani et al., Liquid time-constant networks, 2021): the next
 * state of a running body, as the authors' {@code CheetahData} prepares recordings.
 */
public final class CheetahTask implements TrainingTask {
  private static final int STEPS = 32;
  private static final int STRIDE = 10;
  private static final int FIRST_TEST = 5;
  private static final int FIRST_TRAIN = 15;
  private static final int END = 25;

  private final Windows train;
  private final Windows validation;
  private final Windows test;

  /**
   * Reads the recordings.
   *
   * @param directory of at least 25 npy files [steps, 17], in the order of their names
   */
  public CheetahTask(Path directory) throws IOException {
    List<Npy> files = Recordings.read(directory);
    if (files.size() < END) {
      throw new FileFormatException(
          directory.toString(), "folder", "at least 25 npy files", files.size() + "");
    }
    train = windows(files.subList(FIRST_TRAIN, END));
    validation = windows(files.subList(0, FIRST_TEST));
    test = windows(files.subList(FIRST_TEST, FIRST_TRAIN));
  }

  private static Windows windows(List<Npy> files) {
    Recordings.Collector collector = new Recordings.Collector(STEPS);
    for (Npy file : files) {
      List<float[]> rows = Recordings.rows(file);
      for (int first = 0; first < rows.size() - STEPS - 1; first += STRIDE) {
        for (int i = first; i < first + STEPS; i++) {
          collector.add(rows.get(i), rows.get(i + 1), 1);
        }
      }
    }
    return collector.windows();
  }

  /** The authors' recipe. */
  public static Recipe recipe() {
    Recipe recipe = new Recipe();
    recipe.cell = Recipe.CellKind.LTC;
    recipe.units = 32;
    recipe.learningRate = 0.01;
    recipe.batch = 16;
    recipe.epochs = 200;
    recipe.restoresBest = true;
    return recipe;
  }

  @Override
  public String name() {
    return "cheetah";
  }

  @Override
  public String title() {
    return "the next state of a half-cheetah: %d windows of %d steps, %d for validation, %d for"
            .formatted(train.samples(), STEPS, validation.samples(), test.samples())
        + " testing";
  }

  @Override
  public Windows train() {
    return train;
  }

  @Override
  public Windows validation() {
    return validation;
  }

  /** The test data. */
  public Windows test() {
    return test;
  }

  @Override
  public void report(Network network, PrintWriter out) {
    Recordings.report(test, network, out);
  }
}
