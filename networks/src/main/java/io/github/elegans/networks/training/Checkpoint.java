package io.github.elegans.networks.training;

import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.ParameterLayout.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A training in a safetensors file: parameters, what the optimiser remembers, how far it has come,
 * and what it is of. Files are replaced atomically.
 */
final class Checkpoint {
  private static final String FORMAT = "elegans-checkpoint-1";
  private static final String PARAMETER = "parameter.";
  private static final String BEST = "best.";
  private static final String OPTIMISER = "optimiser.";
  private static final String HISTORY = "history.";
  private static final String METRIC = "history.validation.";

  private final TrainingLoop loop;
  private final TrainingState state;
  private final Map<String, String> identity = new LinkedHashMap<>();

  /**
   * A checkpoint of a training.
   *
   * @param network in words
   * @param configuration all else that the bits depend on, in words
   */
  Checkpoint(
      TrainingLoop loop,
      TrainingState state,
      String network,
      String configuration,
      Sequences train,
      @Nullable Sequences validation) {
    this.loop = loop;
    this.state = state;
    identity.put("format", FORMAT);
    identity.put("network", network);
    identity.put("configuration", configuration);
    identity.put("data", hash(train));
    identity.put("validation_data", validation == null ? "none" : hash(validation));
  }

  /** SHA-256 of all numbers of the data. */
  static String hash(Sequences data) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int size : new int[] {data.samples(), data.steps(), data.inputSize(), data.targetSize()}) {
      put(digest, buffer, size);
    }
    for (float value : data.x()) {
      put(digest, buffer, Float.floatToRawIntBits(value));
    }
    for (float value : data.y()) {
      put(digest, buffer, Float.floatToRawIntBits(value));
    }
    for (int sample = 0; sample < data.samples(); sample++) {
      for (int step = 0; step < data.steps(); step++) {
        put(digest, buffer, Float.floatToRawIntBits(data.timespan(sample, step)));
        put(digest, buffer, data.isPresent(sample, step) ? 1 : 0);
        put(digest, buffer, Float.floatToRawIntBits(data.weight(sample, step)));
      }
    }
    flush(digest, buffer);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void put(MessageDigest digest, ByteBuffer buffer, int bits) {
    buffer.putInt(bits);
    if (!buffer.hasRemaining()) {
      flush(digest, buffer);
    }
  }

  private static void flush(MessageDigest digest, ByteBuffer buffer) {
    buffer.flip();
    digest.update(buffer);
    buffer.clear();
  }

  void save(Path file) throws IOException {
    Safetensors.Writer writer = Safetensors.writer();
    identity.forEach(writer::metadata);
    writer
        .metadata("epoch", String.valueOf(state.epoch))
        .metadata("batch", String.valueOf(state.batch))
        .metadata("steps", String.valueOf(loop.update().steps()))
        .metadata("best_epoch", String.valueOf(state.bestEpoch))
        .metadata("stopped", String.valueOf(state.hasStopped))
        .metadata("backend", loop.model().kernels().toString());
    // As numbers, because their bits count.
    writer.tensor("progress", new double[] {state.lossSum, state.bestValue, state.seconds}, 3);
    blocks()
        .forEach(
            (prefix, block) -> {
              for (Tensor tensor : loop.model().layout().tensors()) {
                writer.tensor(prefix + tensor.name(), block.valuesOrZeros(tensor), shape(tensor));
              }
            });
    history(writer);
    writer.write(file);
  }

  private static long[] shape(Tensor tensor) {
    return tensor.shape().stream().mapToLong(Integer::longValue).toArray();
  }

  /** All blocks by what stands before the names of their tensors. */
  private Map<String, ParameterBlock> blocks() {
    Map<String, ParameterBlock> blocks = new LinkedHashMap<>();
    blocks.put(PARAMETER, loop.model().parameters());
    List<String> names = loop.update().optimiser().stateNames();
    for (int i = 0; i < names.size(); i++) {
      blocks.put(OPTIMISER + names.get(i) + ".", loop.update().states().get(i));
    }
    ParameterBlock best = state.best;
    if (best != null) {
      blocks.put(BEST, best);
    }
    return blocks;
  }

  private void history(Safetensors.Writer writer) {
    int n = state.epochs.size();
    if (n == 0) {
      return;
    }
    column(writer, HISTORY + "loss", epoch -> epoch.loss());
    column(writer, HISTORY + "learning_rate", epoch -> epoch.learningRate());
    column(writer, HISTORY + "gradient_norm", epoch -> epoch.gradientNorm());
    column(writer, HISTORY + "seconds", epoch -> epoch.seconds());
    Set<String> metrics = new TreeSet<>();
    state.epochs.forEach(epoch -> metrics.addAll(epoch.metrics().keySet()));
    for (String metric : metrics) {
      column(writer, METRIC + metric, epoch -> epoch.metrics().getOrDefault(metric, Double.NaN));
    }
  }

  private interface Column {
    double of(History.Epoch epoch);
  }

  private void column(Safetensors.Writer writer, String name, Column column) {
    writer.tensor(
        name, state.epochs.stream().mapToDouble(column::of).toArray(), state.epochs.size());
  }

  /**
   * Goes on from a file.
   *
   * @throws FileFormatException if it is no checkpoint of this training; then nothing has changed
   */
  void load(Path file) throws IOException {
    Safetensors saved = Safetensors.read(file);
    Map<String, String> metadata = saved.metadata();
    identity.forEach(
        (key, expected) -> {
          String found = metadata.getOrDefault(key, "none");
          if (!found.equals(expected)) {
            throw new FileFormatException(
                saved.source(),
                "metadata " + key,
                difference(expected, found),
                difference(found, expected));
          }
        });
    int epoch = number(saved, "epoch");
    int batch = number(saved, "batch");
    int steps = number(saved, "steps");
    int bestEpoch = number(saved, "best_epoch");
    double[] progress = values(saved, "progress", 3);
    if (saved.tensors().keySet().stream().anyMatch(name -> name.startsWith(BEST))) {
      state.keepBest();
    }
    Map<ParameterBlock, Map<Tensor, float[]>> all = new LinkedHashMap<>();
    blocks()
        .forEach(
            (prefix, block) -> {
              Map<Tensor, float[]> values = new LinkedHashMap<>();
              for (Tensor tensor : loop.model().layout().tensors()) {
                values.put(tensor, floats(saved, prefix + tensor.name(), tensor));
              }
              all.put(block, values);
            });
    List<History.Epoch> epochs = history(saved, epoch);
    // Everything is there: from here on nothing fails.
    all.forEach((block, values) -> values.forEach(block::set));
    loop.update().setSteps(steps);
    loop.model().refresh();
    state.epochs.clear();
    state.epochs.addAll(epochs);
    state.epoch = epoch;
    state.batch = batch;
    state.bestEpoch = bestEpoch;
    state.lossSum = progress[0];
    state.bestValue = progress[1];
    state.seconds = progress[2];
    state.hasStopped = Boolean.parseBoolean(metadata.get("stopped"));
  }

  /** The parts of a text that another has not, or all if there is none. */
  private static String difference(String text, String other) {
    List<String> parts = new ArrayList<>(List.of(text.split(", ")));
    parts.removeAll(List.of(other.split(", ")));
    return parts.isEmpty() ? text : String.join(", ", parts);
  }

  private static int number(Safetensors saved, String key) {
    String value = saved.metadata().getOrDefault(key, "none");
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new FileFormatException(saved.source(), "metadata " + key, "a number", value);
    }
  }

  private static double[] values(Safetensors saved, String name, int n) {
    Safetensors.Tensor tensor = saved.tensors().get(name);
    if (tensor == null || tensor.elements() != n) {
      throw new FileFormatException(
          saved.source(),
          "tensor '" + name + "'",
          n + " elements",
          tensor == null ? "none" : tensor.elements() + " elements");
    }
    return tensor.toDoubles();
  }

  private static float[] floats(Safetensors saved, String name, Tensor expected) {
    Safetensors.Tensor tensor = saved.tensors().get(name);
    List<Long> shape = expected.shape().stream().map(Integer::longValue).toList();
    if (tensor == null || !tensor.shape().equals(shape)) {
      throw new FileFormatException(
          saved.source(),
          "tensor '" + name + "'",
          "shape " + shape,
          tensor == null ? "none" : "shape " + tensor.shape());
    }
    return tensor.toFloats();
  }

  private static List<History.Epoch> history(Safetensors saved, int n) {
    List<History.Epoch> epochs = new ArrayList<>();
    if (n == 0) {
      return epochs;
    }
    double[] loss = values(saved, HISTORY + "loss", n);
    double[] rate = values(saved, HISTORY + "learning_rate", n);
    double[] norm = values(saved, HISTORY + "gradient_norm", n);
    double[] seconds = values(saved, HISTORY + "seconds", n);
    Map<String, double[]> metrics = new TreeMap<>();
    for (String name : saved.tensors().keySet()) {
      if (name.startsWith(METRIC)) {
        metrics.put(name.substring(METRIC.length()), values(saved, name, n));
      }
    }
    for (int i = 0; i < n; i++) {
      Map<String, Double> measured = new LinkedHashMap<>();
      for (Map.Entry<String, double[]> metric : metrics.entrySet()) {
        measured.put(metric.getKey(), metric.getValue()[i]);
      }
      epochs.add(new History.Epoch(i, loss[i], measured, rate[i], norm[i], seconds[i]));
    }
    return epochs;
  }
}
