package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.Clipping;
import io.github.elegans.networks.training.History;
import io.github.elegans.networks.training.LossFunction;
import io.github.elegans.networks.training.Schedule;
import io.github.elegans.networks.training.Sequences;
import io.github.elegans.networks.training.Training;
import io.github.elegans.networks.training.TrainingListener;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A golden file of training: weights, data and a recipe, and the losses and weights of the
 * reference implementation's training in double precision.
 */
final class TrainingGolden implements TensorGolden {
  static final String FORMAT = "elegans-training-1";
  static final double LOSS_TOLERANCE = 2e-6;
  static final double WEIGHT_TOLERANCE = 5e-5;

  private static final String LOSS = "loss";
  private static final String FINAL = "final.";

  private final Safetensors file;
  private final Network model;
  private final int steps;

  TrainingGolden(Safetensors file) {
    this.file = file;
    model = Golden.model(file);
    steps = Math.toIntExact(file.tensor(LOSS).elements());
  }

  /** Losses of all steps and weights at the end, by their names. */
  @Override
  public Map<String, double[]> run(Kernels kernels) throws IOException {
    float[] x = file.tensor("x").toFloats();
    List<Long> shape = file.tensor("x").shape();
    if (shape.size() != 4) {
      throw new FileFormatException(
          file.source(), "tensor \"x\"", "shape [batches, B, T, I]", "shape " + shape);
    }
    int batch = Math.toIntExact(shape.get(1));
    int samples = Math.toIntExact(shape.get(0) * batch);
    int length = Math.toIntExact(shape.get(2));
    float[] y = file.tensor("y").toFloats();
    Sequences data =
        text("return_sequences").equals("false")
            ? Sequences.lastOnly(samples, length, x, y)
            : Sequences.perStep(samples, length, x, y);
    data = data.withTimespans(file.tensor("ts").toFloats());
    if (file.tensors().containsKey("mask")) {
      float[] present = file.tensor("mask").toFloats();
      boolean[] mask = new boolean[present.length];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = present[i] != 0;
      }
      data = data.withMask(mask);
    }
    Training training =
        Training.of(model.on(kernels))
            .loss(loss())
            .optimiser(
                GoldenRecipe.optimiser(
                    file, "metadata optimiser", text("optimiser"), text("optimiser_arguments")))
            .schedule(schedule())
            .clipping(clipping())
            .batch(batch)
            .epochs(steps)
            .shuffle(false);
    float[] losses = new float[steps];
    training.listener(
        new TrainingListener() {
          private int done;

          @Override
          public void batchDone(int epoch, int number, int batches, double loss) {
            losses[done++] = (float) loss;
            if (done == steps) {
              training.stop();
            }
          }
        });
    History history = training.fit(data);
    Map<String, float[]> results = new LinkedHashMap<>();
    results.put(LOSS, losses);
    history
        .network()
        .stateDict()
        .values()
        .forEach(
            (name, values) -> {
              if (file.tensors().containsKey(nameInFile(name))) {
                results.put(name, values);
              }
            });
    return TensorGolden.doubles(results);
  }

  private String text(String key) {
    return file.metadata().getOrDefault(key, "");
  }

  private FileFormatException unknown(String key) {
    return new FileFormatException(
        file.source(), "metadata " + key, "one that is known", text(key));
  }

  private LossFunction loss() {
    return switch (text("loss_function")) {
      case "mse" -> LossFunction.meanSquaredError();
      case "mae" -> LossFunction.meanAbsoluteError();
      case "bce" -> LossFunction.binaryCrossEntropy();
      case "cross_entropy" -> LossFunction.crossEntropy();
      default -> throw unknown("loss_function");
    };
  }

  private Schedule schedule() {
    String text = text("schedule");
    return text.isEmpty()
        ? Schedule.constant()
        : GoldenRecipe.schedule(file, "metadata schedule", text);
  }

  private Clipping clipping() {
    String text = text("clip");
    if (text.isEmpty() || text.equals("null")) {
      return Clipping.none();
    }
    Matcher matcher = Pattern.compile("\\[\"(\\w+)\",\\s*([-+0-9.eE]+)]").matcher(text);
    if (!matcher.matches()) {
      throw unknown("clip");
    }
    double most = Double.parseDouble(matcher.group(2));
    return switch (matcher.group(1)) {
      case "norm" -> Clipping.byNorm(most);
      case "value" -> Clipping.byValue(most);
      case "keras_clipnorm" -> Clipping.byVariable(most);
      default -> throw unknown("clip");
    };
  }

  /** How far results are from the reference: errors as a share of what is allowed, by name. */
  @Override
  public Map<String, Double> shares(Map<String, double[]> results) {
    Map<String, Double> shares = new LinkedHashMap<>();
    Set<String> rest = new TreeSet<>(file.tensors().keySet());
    rest.removeIf(name -> !name.startsWith(FINAL) || name.endsWith("sparsity_mask"));
    results.forEach(
        (name, found) -> {
          shares.put(name, share(name, found));
          rest.remove(nameInFile(name));
        });
    if (!rest.isEmpty()) {
      throw new FileFormatException(
          file.source(), "weights", "those of the network's parameters", "also " + rest);
    }
    return shares;
  }

  @Override
  public double share(String name, double[] found) {
    boolean isLoss = name.equals(LOSS);
    String tensor = isLoss ? LOSS : nameInFile(name);
    double[] expected = file.tensor(tensor).toDoubles();
    float[] mask = maskOf(name);
    for (int i = 0; i < Math.min(mask.length, expected.length); i++) {
      // PyTorch lets weights decay that are of no synapse.
      if (mask[i] == 0 && i < found.length) {
        expected[i] = found[i];
      }
    }
    return TensorGolden.share(
        file, tensor, expected, found, value -> isLoss ? LOSS_TOLERANCE : WEIGHT_TOLERANCE);
  }

  /** Of the parameters of an LTC's synapses. */
  private float[] maskOf(String name) {
    Matcher synapse = Pattern.compile("(sensory_)?(sigma|mu|w|erev)").matcher(name);
    if (!synapse.matches()) {
      return new float[0];
    }
    String sensory = synapse.group(1) == null ? "" : "sensory_";
    String mask = "param.rnn_cell." + sensory + "sparsity_mask";
    return file.tensors().containsKey(mask) ? file.tensor(mask).toFloats() : new float[0];
  }

  private String nameInFile(String name) {
    String ofCell = FINAL + "rnn_cell." + name;
    return file.tensors().containsKey(ofCell) ? ofCell : FINAL + name;
  }
}
