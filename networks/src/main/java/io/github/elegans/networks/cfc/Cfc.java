package io.github.elegans.networks.cfc;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Words;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.MixedMemory;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.ProjectedCell;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A CfC network: cell and optional output projection, with the semantics of {@code ncps.torch.CfC}
 * or, by {@link CfcConfiguration#dialect}, of another implementation of its authors.
 *
 * <p>Immutable; one model may serve any number of sessions and threads.
 */
public final class Cfc implements Network {
  private final CfcConfiguration configuration;
  private final StateDict stateDict;
  private final CfcWeights weights;
  private final @Nullable LstmWeights lstm;
  private final @Nullable DenseWeights projection;
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final Cell cell;

  private Cfc(
      CfcConfiguration configuration,
      StateDict stateDict,
      CfcWeights weights,
      @Nullable LstmWeights lstm,
      @Nullable DenseWeights projection,
      Kernels kernels,
      Accuracy accuracy) {
    this.configuration = configuration;
    this.stateDict = stateDict;
    this.weights = weights;
    this.lstm = lstm;
    this.projection = projection;
    this.kernels = Objects.requireNonNull(kernels, "kernels");
    this.accuracy = Objects.requireNonNull(accuracy, "accuracy");
    Cell plain = new CfcCell(kernels.cfc().cell(weights, accuracy), weights);
    Cell unprojected = configuration.dialect().remembering(lstm, plain, kernels, accuracy);
    this.cell =
        projection == null
            ? unprojected
            : new ProjectedCell(unprojected, projection, kernels.dense());
  }

  /**
   * Loads an ncps state dict from a safetensors file whose metadata tells {@code mode} and {@code
   * activation} (and may tell {@code input_size}, {@code hidden_size}, {@code backbone_units},
   * {@code backbone_layers}, {@code proj_size}; what it tells must fit the tensors) and, unless it
   * is {@code ncps_torch}, the {@code dialect} ({@link CfcDialect#fieldName}).
   *
   * <p>Parameters may also have the names that TensorFlow or Keras give them, with matrices [in,
   * out]: {@code ff1_weight} and {@code ff1_bias}, {@code ff2_…}, {@code w_tau}, {@code A}, and
   * {@code backbone0}, {@code backbone1}, …, {@code time_a}, {@code time_b} with {@code /kernel}
   * and {@code /bias}, or {@code .kernel} and {@code .bias}; with or without a path before and
   * {@code :0} behind.
   *
   * @throws IOException if the file cannot be read
   * @throws io.github.elegans.networks.files.FileFormatException if it is not such a file
   */
  public static Cfc load(Path file) throws IOException {
    return of(Safetensors.read(file));
  }

  /**
   * As {@link #load(Path)}, with the configuration given by the caller and checked against the
   * tensors' shapes.
   */
  public static Cfc load(Path file, CfcConfiguration configuration) throws IOException {
    Safetensors tensors = Safetensors.read(file);
    return CfcStateDict.of(tensors.source(), tensors.tensors()).model(configuration);
  }

  /** As {@link #load(Path)}, from a file that has been read. */
  public static Cfc of(Safetensors tensors) {
    return of(tensors.source(), tensors.metadata(), tensors.tensors());
  }

  /**
   * As {@link #load(Path)}, from parts.
   *
   * @param source what messages call the origin of the tensors
   */
  public static Cfc of(
      String source, Map<String, String> metadata, Map<String, Safetensors.Tensor> tensors) {
    CfcStateDict stateDict = CfcStateDict.of(source, tensors);
    return stateDict.model(stateDict.configuration(metadata));
  }

  /**
   * Builds a network from its parameters.
   *
   * @param stateDict parameters row-major by ncps's names without the prefix {@code rnn_cell.}:
   *     {@code backbone.0.weight} [U, I + H], {@code backbone.0.bias} [U], {@code
   *     backbone.2.weight} [U, U], …, {@code ff1}, {@code ff2}, {@code time_a}, {@code time_b}
   *     {@code .weight} [H, U] and {@code .bias} [H]; in mode pure {@code ff1}, {@code w_tau} [H]
   *     and {@code A} [H]; with mixed memory {@code lstm.input_map.weight} [4 H, I], {@code
   *     lstm.input_map.bias} [4 H] and {@code lstm.recurrent_map.weight} [4 H, H], the gates in the
   *     order i, ig, fg, og; with a projection {@code fc.weight} [P, H] and {@code fc.bias} [P]
   */
  public static Cfc of(CfcConfiguration configuration, Map<String, float[]> stateDict) {
    return CfcStateDict.of(stateDict).model(configuration);
  }

  /**
   * A network with fresh weights, distributed as the library of its dialect initialises them:
   * matrices Xavier uniform; biases uniform within ±1/√inputs on PyTorch, 0 in Keras. In mode pure
   * w_tau is 0 and A is 1, as ncps documents it (its code overwrites them with noise).
   *
   * @param seed the same seed gives the same weights everywhere (not those of the library's
   *     generator)
   */
  public static Cfc initialised(CfcConfiguration configuration, long seed) {
    return of(configuration, CfcInitialisation.stateDict(configuration, seed));
  }

  static Cfc of(
      CfcConfiguration configuration,
      StateDict stateDict,
      CfcWeights weights,
      @Nullable LstmWeights lstm,
      @Nullable DenseWeights projection) {
    return new Cfc(
        configuration, stateDict, weights, lstm, projection, Backends.get(), Accuracy.ACCURATE);
  }

  @Override
  public Cfc on(Kernels other) {
    return new Cfc(configuration, stateDict, weights, lstm, projection, other, accuracy);
  }

  @Override
  public Cfc with(Accuracy other) {
    return new Cfc(configuration, stateDict, weights, lstm, projection, kernels, other);
  }

  @Override
  public Cfc with(WeightStorage storage) {
    return new Cfc(
        configuration,
        stateDict,
        weights.withStorage(storage),
        lstm == null ? null : lstm.withStorage(storage),
        projection == null ? null : projection.withStorage(storage),
        kernels,
        accuracy);
  }

  /** The network's shape. */
  public CfcConfiguration configuration() {
    return configuration;
  }

  @Override
  public StateDict stateDict() {
    return stateDict;
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cell", "cfc");
    all.put("input_size", String.valueOf(configuration.inputSize()));
    all.put("hidden_size", String.valueOf(configuration.hiddenSize()));
    all.put("mode", configuration.mode().fieldName());
    all.put("activation", configuration.activation().fieldName());
    if (configuration.backboneLayers() > 0) {
      all.put("backbone_units", String.valueOf(configuration.backboneUnits()));
    }
    all.put("backbone_layers", String.valueOf(configuration.backboneLayers()));
    all.put("proj_size", String.valueOf(configuration.projectionSize()));
    all.put("mixed_memory", String.valueOf(configuration.mixedMemory()));
    all.put("dialect", configuration.dialect().fieldName());
    return Collections.unmodifiableMap(all);
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public Accuracy accuracy() {
    return accuracy;
  }

  /** How the weights are stored. */
  public WeightStorage storage() {
    return weights.heads().storage();
  }

  @Override
  public long parameterCount() {
    long count = 0;
    int inputs = configuration.firstInputs();
    for (int i = 0; i < configuration.backboneLayers(); i++) {
      count += (inputs + 1L) * configuration.backboneUnits();
      inputs = configuration.backboneUnits();
    }
    long head = (inputs + 1L) * configuration.hiddenSize();
    count +=
        configuration.mode() == CfcMode.PURE ? head + 2L * configuration.hiddenSize() : 4 * head;
    count += lstm == null ? 0 : MixedMemory.parameterCount(lstm);
    return count + (configuration.hiddenSize() + 1L) * configuration.projectionSize();
  }

  /** The packed weights of the cell. */
  public CfcWeights weights() {
    return weights;
  }

  @Override
  public Cell cell() {
    return cell;
  }

  /** What it is, in words: all that its speed depends on. */
  @Override
  public String toString() {
    CfcConfiguration shape = configuration;
    String backbone =
        shape.backboneLayers() == 0
            ? "no backbone"
            : "%s of %s (%s)"
                .formatted(
                    Words.count(shape.backboneLayers(), "backbone layer"),
                    Words.count(shape.backboneUnits(), "unit"),
                    shape.activation().fieldName());
    return "CfC%s%s, %s, %s, %s, %s, %s%s%s"
        .formatted(
            shape.mode() == CfcMode.DEFAULT ? "" : " in mode " + shape.mode().fieldName(),
            lstm == null ? "" : " with mixed memory",
            Words.count(shape.inputSize(), "input"),
            backbone,
            Words.count(shape.hiddenSize(), "hidden unit"),
            Words.count(shape.outputSize(), "output"),
            Words.count(parameterCount(), "parameter"),
            Words.unless(CfcDialect.NCPS_TORCH, shape.dialect()),
            Words.unless(WeightStorage.FLOAT32, storage()));
  }
}
