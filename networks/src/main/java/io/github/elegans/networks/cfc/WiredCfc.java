package io.github.elegans.networks.cfc;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.checks.Words;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.MixedMemory;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.ProjectedCell;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.statedict.MixedMemoryParameters;
import io.github.elegans.networks.statedict.Parameters;
import io.github.elegans.networks.statedict.TensorNames;
import io.github.elegans.networks.wiring.Wiring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A CfC network with a wiring, with the semantics of ncps's {@code WiredCfCCell}: a cell without
 * backbone for each layer of neurons, whose input is the layer before at the same step. A sparsity
 * mask multiplies ff1 and ff2, every layer is fully recurrent, the time heads are dense.
 *
 * <p>The state is that of the layers in their order, for an NCP [inter | command | motor]; the
 * output is the last layer's.
 */
public final class WiredCfc implements Network {
  private final WiredCfcConfiguration configuration;
  private final StateDict stateDict;
  private final List<Cfc> layers;
  private final @Nullable LstmWeights lstm;
  private final @Nullable DenseWeights projection;
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final Cell cell;

  private WiredCfc(
      WiredCfcConfiguration configuration,
      StateDict stateDict,
      List<Cfc> layers,
      @Nullable LstmWeights lstm,
      @Nullable DenseWeights projection,
      Kernels kernels,
      Accuracy accuracy) {
    this.configuration = configuration;
    this.stateDict = stateDict;
    this.layers = layers;
    this.lstm = lstm;
    this.projection = projection;
    this.kernels = Objects.requireNonNull(kernels, "kernels");
    this.accuracy = Objects.requireNonNull(accuracy, "accuracy");
    Cell plain = Stack.of(layers).cell();
    Cell unprojected = configuration.dialect().remembering(lstm, plain, kernels, accuracy);
    cell =
        projection == null
            ? unprojected
            : new ProjectedCell(unprojected, projection, kernels.dense());
  }

  /**
   * Loads an ncps state dict from a safetensors file whose metadata tells {@code mode}, and {@code
   * sparsity_mask} {@code none} where the layers have no masks and are dense.
   *
   * @throws IOException if the file cannot be read
   * @throws FileFormatException if it is not such a file
   */
  public static WiredCfc load(Path file) throws IOException {
    Safetensors tensors = Safetensors.read(file);
    return of(tensors.source(), tensors.metadata(), tensors.tensors());
  }

  /**
   * As {@link #load(Path)}, from parts.
   *
   * @param source what messages call the origin of the tensors
   */
  public static WiredCfc of(
      String source, Map<String, String> metadata, Map<String, Safetensors.Tensor> tensors) {
    Parameters parameters = Parameters.of(source, tensors, "rnn_cell.");
    return model(
        parameters,
        configuration(parameters, metadata),
        !metadata.getOrDefault("sparsity_mask", "").equals("none"));
  }

  /**
   * Builds a network from its parameters.
   *
   * @param stateDict parameters row-major by ncps's names without the prefix {@code rnn_cell.}: for
   *     every layer l of H neurons, with as many inputs as the layer before has neurons, and its
   *     own states, {@code layer_l.ff1}, {@code ff2}, {@code time_a}, {@code time_b} {@code
   *     .weight} [H, inputs] and {@code .bias} [H], or in mode pure {@code ff1}, {@code w_tau} [H]
   *     and {@code A} [H]; {@code layer_l.sparsity_mask} [H, inputs], without which ff1 and ff2 are
   *     dense; with mixed memory {@code lstm.input_map} and {@code lstm.recurrent_map}; with a
   *     projection {@code fc}
   */
  public static WiredCfc of(WiredCfcConfiguration configuration, Map<String, float[]> stateDict) {
    return model(Parameters.of(stateDict), configuration, false);
  }

  /**
   * A network on a wiring with fresh weights, distributed as {@link Cfc#initialised} does.
   *
   * @param inputSize I, the wiring's inputs; but where an LSTM takes the place of the input (mixed
   *     memory of TensorFlow and Keras), the wiring has as many inputs as neurons
   * @param seed the same seed gives the same weights everywhere (not those of the library's
   *     generator)
   */
  public static WiredCfc initialised(
      int inputSize,
      Wiring wiring,
      CfcMode mode,
      boolean mixedMemory,
      CfcDialect dialect,
      long seed) {
    List<Integer> sizes = wiring.layers().stream().map(List::size).toList();
    WiredCfcConfiguration configuration =
        new WiredCfcConfiguration(inputSize, sizes, mode, mixedMemory, 0, dialect);
    Require.length("the wiring's inputs", configuration.firstLayerInputs(), wiring.inputSize());
    Map<String, float[]> stateDict = new LinkedHashMap<>(masks(wiring));
    stateDict.putAll(CfcInitialisation.stateDict(configuration, seed));
    return of(configuration, stateDict);
  }

  /**
   * The sparsity masks of a wiring, by their names in a state dict: for every layer the synapses
   * from the layer before (from the inputs, for the first) with their polarities, and ones for its
   * own states.
   */
  public static Map<String, float[]> masks(Wiring wiring) {
    Map<String, float[]> masks = new LinkedHashMap<>();
    List<Integer> before = null;
    for (List<Integer> layer : wiring.layers()) {
      int sources = before == null ? wiring.inputSize() : before.size();
      int inputs = sources + layer.size();
      float[] mask = new float[layer.size() * inputs];
      Arrays.fill(mask, 1);
      for (int row = 0; row < layer.size(); row++) {
        for (int source = 0; source < sources; source++) {
          mask[row * inputs + source] =
              before == null
                  ? wiring.sensoryPolarity(source, layer.get(row))
                  : wiring.polarity(before.get(source), layer.get(row));
        }
      }
      masks.put(name(masks.size(), TensorNames.SPARSITY_MASK), mask);
      before = layer;
    }
    return masks;
  }

  private static WiredCfcConfiguration configuration(
      Parameters parameters, Map<String, String> metadata) {
    String kind = metadata.getOrDefault("cell", "wired_cfc");
    if (!kind.equals("wired_cfc")) {
      throw parameters.wrong("metadata cell", "wired_cfc", kind);
    }
    List<Integer> sizes = new ArrayList<>();
    while (sizes.isEmpty() || parameters.has(name(sizes.size(), TensorNames.FF1 + ".weight"))) {
      sizes.add(parameters.matrix(name(sizes.size(), TensorNames.FF1 + ".weight")).rows());
    }
    boolean mixed = MixedMemoryParameters.in(parameters);
    int inputSize =
        mixed
            ? MixedMemoryParameters.inputSize(parameters)
            : parameters.matrix(name(0, TensorNames.FF1 + ".weight")).columns() - sizes.getFirst();
    try {
      WiredCfcConfiguration configuration =
          new WiredCfcConfiguration(
              inputSize,
              sizes,
              CfcStateDict.mode(parameters, metadata, name(0, TensorNames.W_TAU)),
              mixed,
              parameters.projectionSize(),
              CfcStateDict.dialect(parameters, metadata, false));
      parameters.check(metadata, "mode", configuration.mode().fieldName());
      parameters.check(metadata, "input_size", inputSize);
      parameters.check(metadata, "units", configuration.units());
      parameters.check(metadata, "layer_sizes", sizes);
      parameters.check(metadata, "mixed_memory", mixed);
      return configuration;
    } catch (FileFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw parameters.wrong(
          "configuration", "a wired CfC network", String.valueOf(e.getMessage()));
    }
  }

  private static String name(int layer, String parameter) {
    return "layer_" + layer + "." + parameter;
  }

  private static WiredCfc model(
      Parameters parameters, WiredCfcConfiguration configuration, boolean masked) {
    CfcMode mode = configuration.mode();
    List<Cfc> layers = new ArrayList<>();
    int inputs = configuration.firstLayerInputs();
    for (int hidden : configuration.layerSizes()) {
      float[] mask =
          parameters.mask(
              name(layers.size(), TensorNames.SPARSITY_MASK), masked, hidden, inputs + hidden);
      CfcWeights weights =
          CfcStateDict.weights(
              parameters,
              name(layers.size(), ""),
              inputs,
              hidden,
              mode,
              Activation.LECUN_TANH,
              List.of(),
              inputs + hidden,
              mask == null ? null : configuration.dialect().mask(mask),
              configuration.dialect());
      CfcConfiguration layer =
          CfcConfiguration.of(inputs, hidden)
              .withMode(mode)
              .withBackbone(0, 0)
              .withDialect(configuration.dialect());
      layers.add(Cfc.of(layer, parameters.taken(), weights, null, null));
      inputs = hidden;
    }
    LstmWeights lstm =
        configuration.mixedMemory()
            ? MixedMemoryParameters.take(
                parameters, configuration.inputSize(), configuration.units(), 1)
            : null;
    DenseWeights projection =
        configuration.projectionSize() > 0 ? parameters.projection(inputs) : null;
    parameters.allTaken("a wired CfC network of mode " + mode.fieldName());
    int found = projection == null ? 0 : projection.outputs();
    if (found != configuration.projectionSize()) {
      throw parameters.wrong(
          "outputs of the projection fc",
          String.valueOf(configuration.projectionSize()),
          String.valueOf(found));
    }
    return new WiredCfc(
        configuration,
        parameters.taken(),
        layers,
        lstm,
        projection,
        Backends.get(),
        Accuracy.ACCURATE);
  }

  private List<Cfc> each(UnaryOperator<Cfc> change) {
    return layers.stream().map(change).toList();
  }

  @Override
  public WiredCfc on(Kernels other) {
    return new WiredCfc(
        configuration,
        stateDict,
        each(layer -> layer.on(other)),
        lstm,
        projection,
        other,
        accuracy);
  }

  @Override
  public WiredCfc with(Accuracy other) {
    return new WiredCfc(
        configuration,
        stateDict,
        each(layer -> layer.with(other)),
        lstm,
        projection,
        kernels,
        other);
  }

  @Override
  public WiredCfc with(WeightStorage storage) {
    return new WiredCfc(
        configuration,
        stateDict,
        each(layer -> layer.with(storage)),
        lstm == null ? null : lstm.withStorage(storage),
        projection == null ? null : projection.withStorage(storage),
        kernels,
        accuracy);
  }

  /** The network's shape. */
  public WiredCfcConfiguration configuration() {
    return configuration;
  }

  @Override
  public Cell cell() {
    return cell;
  }

  @Override
  public StateDict stateDict() {
    return stateDict;
  }

  @Override
  public Map<String, String> metadata() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cell", "wired_cfc");
    all.put("input_size", String.valueOf(configuration.inputSize()));
    all.put("units", String.valueOf(configuration.units()));
    all.put("layer_sizes", configuration.layerSizes().toString());
    all.put("mode", configuration.mode().fieldName());
    all.put("proj_size", String.valueOf(configuration.projectionSize()));
    all.put("mixed_memory", String.valueOf(configuration.mixedMemory()));
    all.put("dialect", configuration.dialect().fieldName());
    for (int i = 0; i < layers.size(); i++) {
      if (!stateDict.has(name(i, TensorNames.SPARSITY_MASK))) {
        all.put("sparsity_mask", "none");
      }
    }
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
    return layers.getFirst().storage();
  }

  /** Number of trainable parameters as ncps stores and counts them, masked ones included. */
  @Override
  public long parameterCount() {
    long count = layers.stream().mapToLong(Cfc::parameterCount).sum();
    count += lstm == null ? 0 : MixedMemory.parameterCount(lstm);
    return count + (projection == null ? 0 : (projection.inputs() + 1L) * projection.outputs());
  }

  /** What it is, in words: all that its speed depends on. */
  @Override
  public String toString() {
    CfcMode mode = configuration.mode();
    return "wired CfC%s%s, %s, layers of %s neurons, %s, %s%s%s"
        .formatted(
            mode == CfcMode.DEFAULT ? "" : " in mode " + mode.fieldName(),
            lstm == null ? "" : " with mixed memory",
            Words.count(configuration.inputSize(), "input"),
            configuration.layerSizes(),
            Words.count(cell.outputSize(), "output"),
            Words.count(parameterCount(), "parameter"),
            Words.unless(CfcDialect.NCPS_TORCH, configuration.dialect()),
            Words.unless(WeightStorage.FLOAT32, storage()));
  }
}
