package io.github.elegans.cli.training;

import io.github.elegans.cli.files.Npy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.random.NumpyRandomState;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Walker2d of the CfC paper: the next state of a walking body, from states of which a tenth is left
 * out, as the authors' {@code Walker2dImitationData} prepares 400 recordings.
 */
public final class WalkerTask implements TrainingTask {
  private static final int STEPS = 64;
  private static final int STRIDE = STEPS / 4;
  private static final double KEPT = 0.9;
  private static final long FILE_SEED = 125487;
  private static final long STEP_SEED = 891374;
  private static final double TEST_SHARE = 0.15;
  private static final double VALIDATION_SHARE = 0.1;

  private final Windows train;
  private final Windows validation;
  private final Windows test;

  /** A recording without the steps that are left out. */
  private record Trace(List<float[]> x, List<float[]> y, List<Float> timespans) {}

  /**
   * Reads the recordings.
   *
   * @param directory of npy files [steps, 17], in the order of their names
   */
  public WalkerTask(Path directory) throws IOException {
    List<Npy> files = Recordings.read(directory);
    int[] order =
        new NumpyRandomState(FILE_SEED)
            .choice(IntStream.range(0, files.size()).toArray(), files.size());
    int testFiles = (int) (TEST_SHARE * files.size());
    int validationFiles = (int) ((TEST_SHARE + VALIDATION_SHARE) * files.size());
    NumpyRandomState random = new NumpyRandomState(STEP_SEED);
    // In this order, for they share the generator.
    train = windows(files, order, validationFiles, files.size(), random);
    validation = windows(files, order, testFiles, validationFiles, random);
    test = windows(files, order, 0, testFiles, random);
  }

  private static Windows windows(
      List<Npy> files, int[] order, int begin, int end, NumpyRandomState random) {
    List<Trace> traces = new ArrayList<>();
    for (int i = begin; i < end; i++) {
      traces.add(trace(files.get(order[i]), random));
    }
    Recordings.Collector collector = new Recordings.Collector(STEPS);
    for (Trace trace : traces) {
      for (int first = 0; first < trace.y.size() - STEPS; first += STRIDE) {
        for (int i = first; i < first + STEPS; i++) {
          collector.add(trace.x.get(i), trace.y.get(i), trace.timespans.get(i));
        }
      }
    }
    return collector.windows();
  }

  private static Trace trace(Npy file, NumpyRandomState random) {
    List<float[]> rows = Recordings.rows(file);
    Trace trace = new Trace(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    float since = 0;
    for (int i = 0; i + 1 < rows.size(); i++) {
      since++;
      if (random.rand() < KEPT) {
        trace.x.add(rows.get(i));
        trace.y.add(rows.get(i + 1));
        trace.timespans.add(since);
        since = 0;
      }
    }
    return trace;
  }

  /** The authors' recipes, with and without mixed memory. */
  public static Recipe recipe(boolean mixedMemory) {
    Recipe recipe = new Recipe();
    recipe.dialect = CfcDialect.CFC_TENSORFLOW;
    recipe.mixedMemory = mixedMemory;
    recipe.optimiser = Recipe.OptimiserKind.KERAS_ADAM;
    recipe.decay = 0.95;
    recipe.decaysMatricesOnly = true;
    recipe.clippingKind = Recipe.ClippingKind.VARIABLE;
    recipe.epochs = 50;
    // Keras's L2 adds twice its factor to the gradient.
    if (mixedMemory) {
      recipe.units = 128;
      recipe.backboneUnits = 128;
      recipe.backboneLayers = 2;
      recipe.forgetBias = 2.1;
      recipe.activation = Activation.LECUN_TANH;
      recipe.dropout = 0.2;
      recipe.learningRate = 0.005;
      recipe.weightDecay = 2 * 6e-6;
      recipe.clip = 10;
      recipe.batch = 128;
    } else {
      recipe.units = 64;
      recipe.backboneUnits = 256;
      recipe.activation = Activation.SILU;
      recipe.dropout = 0.1;
      recipe.learningRate = 0.02;
      recipe.weightDecay = 2 * 1e-6;
      recipe.clip = 1;
      recipe.batch = 256;
    }
    return recipe;
  }

  @Override
  public String name() {
    return "walker";
  }

  @Override
  public String title() {
    return "the next state of a walker: %d windows of %d steps, %d for validation, %d for testing"
        .formatted(train.samples(), STEPS, validation.samples(), test.samples());
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
