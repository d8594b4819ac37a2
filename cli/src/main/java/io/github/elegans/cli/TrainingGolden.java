package io.github.elegans.cli;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.Clipping;
import io.github.elegans.networks.training.History;
import io.github.elegans.networks.training.LossFunction;
import io.github.elegans.networks.training.Optimiser;
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
final class TrainingGolden {
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

  /** The model, on the default backend. */
  Network model() {
    return model;
  }

  /** Losses of all steps and weights at the end, by their names. */
  Map<String, float[]> run(Network on) throws IOException {
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
        Training.of(on)
            .loss(loss())
            .optimiser(optimiser())
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
    return results;
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

  /** A number behind a name, as {@code "lr": 0.1} or {@code size=5}. */
  private double number(String key, String name, double otherwise) {
    Matcher matcher =
        Pattern.compile("\\b" + name + "\"?\\s*[:=]\\s*([-+0-9.eE]+)").matcher(text(key));
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : otherwise;
  }

  private double argument(String name, double otherwise) {
    return number("optimiser_arguments", name, otherwise);
  }

  private boolean has(String flag) {
    return text("optimiser_arguments").matches(".*\"" + flag + "\"\\s*:\\s*true.*");
  }

  private double beta(int index, double otherwise) {
    Matcher matcher =
        Pattern.compile("\"betas\"\\s*:\\s*\\[([-+0-9.eE]+),\\s*([-+0-9.eE]+)]")
            .matcher(text("optimiser_arguments"));
    return matcher.find() ? Double.parseDouble(matcher.group(index)) : otherwise;
  }

  private Optimiser optimiser() {
    double rate = argument("lr", Double.NaN);
    return switch (text("optimiser")) {
      case "sgd" -> {
        Optimiser.Sgd sgd = Optimiser.sgd(rate).withWeightDecay(argument("weight_decay", 0));
        double momentum = argument("momentum", 0);
        yield has("nesterov")
            ? sgd.withNesterov(momentum)
            : sgd.withMomentum(momentum).withDampening(argument("dampening", 0));
      }
      case "adam" ->
          Optimiser.adam()
              .withLearningRate(rate)
              .withBeta1(beta(1, 0.9))
              .withBeta2(beta(2, 0.999))
              .withEpsilon(argument("eps", 1e-8))
              .withWeightDecay(argument("weight_decay", 0))
              .withAmsgrad(has("amsgrad"));
      case "adamw" ->
          Optimiser.adamW()
              .withLearningRate(rate)
              .withBeta1(beta(1, 0.9))
              .withBeta2(beta(2, 0.999))
              .withEpsilon(argument("eps", 1e-8))
              .withWeightDecay(argument("weight_decay", 0.01))
              .withAmsgrad(has("amsgrad"));
      case "rmsprop" ->
          Optimiser.rmsProp()
              .withLearningRate(rate)
              .withAlpha(argument("alpha", 0.99))
              .withEpsilon(argument("eps", 1e-8))
              .withMomentum(argument("momentum", 0))
              .withCentered(has("centered"))
              .withWeightDecay(argument("weight_decay", 0));
      case "rmsprop_keras" ->
          Optimiser.kerasRmsProp()
              .withLearningRate(rate)
              .withRho(argument("rho", 0.9))
              .withEpsilon(argument("eps", 1e-7))
              .withWeightDecay(argument("weight_decay", 0));
      case "lion" ->
          Optimiser.lion()
              .withLearningRate(rate)
              .withBeta1(beta(1, 0.9))
              .withBeta2(beta(2, 0.99))
              .withWeightDecay(argument("weight_decay", 0));
      default -> throw unknown("optimiser");
    };
  }

  private Schedule schedule() {
    String text = text("schedule");
    String key = "schedule";
    if (text.isEmpty()) {
      return Schedule.constant();
    }
    return switch (text.replaceFirst("\\(.*", "")) {
      case "step" -> Schedule.step((long) number(key, "size", 1), number(key, "gamma", 1));
      case "exponential" ->
          Schedule.exponential(number(key, "decay", 1), (long) number(key, "steps", 1));
      case "warmup_cosine" -> {
        long warmUp = (long) number(key, "warmup", 1);
        long total = (long) number(key, "total", 1);
        yield Schedule.warmUp(warmUp)
            .then(warmUp, Schedule.cosine(total - warmUp, number(key, "minimum", 0)));
      }
      default -> throw unknown(key);
    };
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
  Map<String, Double> shares(Map<String, float[]> results) {
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

  private double share(String name, float[] found) {
    boolean isLoss = name.equals(LOSS);
    String tensor = isLoss ? LOSS : nameInFile(name);
    double[] expected = file.tensor(tensor).toDoubles();
    if (expected.length != found.length) {
      throw new FileFormatException(
          file.source(),
          "tensor \"" + tensor + "\"",
          found.length + " elements",
          "" + expected.length);
    }
    float[] mask = maskOf(name);
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      // PyTorch lets weights decay that are of no synapse.
      if (mask.length == 0 || mask[i] != 0) {
        double error = Math.abs(found[i] - expected[i]);
        worst = Math.max(worst, Double.isNaN(error) ? Double.POSITIVE_INFINITY : error);
      }
    }
    return worst / (isLoss ? LOSS_TOLERANCE : WEIGHT_TOLERANCE);
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
