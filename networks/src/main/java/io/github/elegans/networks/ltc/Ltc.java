package io.github.elegans.networks.ltc;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.checks.Words;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.MixedMemory;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.ProjectedCell;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.statedict.Parameters;
import io.github.elegans.networks.statedict.TensorNames;
import io.github.elegans.networks.wiring.Wiring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An LTC network: wired neurons with conductance-based synapses and a fused ODE solver, with the
 * semantics of {@code ncps.torch.LTC} or of another {@link LtcDialect}.
 *
 * <p>Only the synapses that the wiring has are evaluated. A timespan of 0 leaves the state as it is
 * (where ncps computes NaN). With mixed memory an LSTM on input and state precedes the cell and
 * gives it its previous state.
 */
public final class Ltc implements Network {
  private static final String PREFIX = "rnn_cell.";

  private final LtcConfiguration configuration;
  private final StateDict stateDict;
  private final LtcWeights weights;
  private final @Nullable LstmWeights lstm;
  private final @Nullable DenseWeights projection;
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final Cell cell;

  private Ltc(
      LtcConfiguration configuration,
      StateDict stateDict,
      LtcWeights weights,
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
    Cell neurons = new LtcCell(kernels.ltc().cell(weights, accuracy), weights);
    Cell mixed = lstm == null ? neurons : MixedMemory.torch(lstm, neurons, kernels, accuracy);
    cell = projection == null ? mixed : new ProjectedCell(mixed, projection, kernels.dense());
  }

  /**
   * Loads an ncps state dict from a safetensors file. Its metadata must tell what the tensors do
   * not: {@code implicit_param_constraints}, {@code ode_unfolds} and {@code epsilon} (true, 6 and
   * 1e-08 by default in ncps's {@code LTC}); {@code output_size} where there is no map of the
   * outputs; {@code dialect}, unless it is {@code ncps}, and {@code solver} in that of the LTC
   * repository; {@code sparsity_mask} {@code none} for a file in ncps's dialect without masks, of
   * which all synapses exist. What it tells beyond that must fit the tensors.
   *
   * @throws IOException if the file cannot be read
   * @throws io.github.elegans.networks.files.FileFormatException if it is not such a file
   */
  public static Ltc load(Path file) throws IOException {
    Safetensors tensors = Safetensors.read(file);
    return of(tensors.source(), tensors.metadata(), tensors.tensors());
  }

  /**
   * As {@link #load(Path)}, with the configuration given by the caller and checked against the
   * tensors' shapes.
   */
  public static Ltc load(Path file, LtcConfiguration configuration) throws IOException {
    Safetensors tensors = Safetensors.read(file);
    Parameters parameters = Parameters.of(tensors.source(), tensors.tensors(), PREFIX);
    return LtcStateDict.model(
        parameters, configuration, LtcStateDict.hasMasks(configuration, tensors.metadata()));
  }

  /**
   * As {@link #load(Path)}, from parts.
   *
   * @param source what messages call the origin of the tensors
   */
  public static Ltc of(
      String source, Map<String, String> metadata, Map<String, Safetensors.Tensor> tensors) {
    Parameters parameters = Parameters.of(source, tensors, PREFIX);
    LtcConfiguration configuration = LtcStateDict.configuration(parameters, metadata);
    return LtcStateDict.model(
        parameters, configuration, LtcStateDict.hasMasks(configuration, metadata));
  }

  /**
   * Builds a network from its parameters.
   *
   * @param stateDict parameters row-major by ncps's names without the prefix {@code rnn_cell.}:
   *     {@code gleak}, {@code vleak}, {@code cm} [N]; {@code sigma}, {@code mu}, {@code w}, {@code
   *     erev} [N, N], row = source; {@code sensory_sigma}, {@code sensory_mu}, {@code sensory_w},
   *     {@code sensory_erev} [I, N]; {@code sparsity_mask} [N, N] and {@code sensory_sparsity_mask}
   *     [I, N], without which all synapses exist; as the mappings are, {@code input_w}, {@code
   *     input_b} [I], {@code output_w}, {@code output_b} [m]; with mixed memory {@code
   *     lstm.input_map.weight} [4 N, I], {@code lstm.input_map.bias} [4 N], {@code
   *     lstm.recurrent_map.weight} [4 N, N]; with a projection {@code fc.weight} [P, m], {@code
   *     fc.bias} [P]
   */
  public static Ltc of(LtcConfiguration configuration, Map<String, float[]> stateDict) {
    return LtcStateDict.model(Parameters.of(stateDict), configuration, false);
  }

  /**
   * A network on a wiring with fresh parameters, distributed as ncps initialises them.
   *
   * @param configuration whose sizes must be those of the wiring
   * @param seed the same seed gives the same parameters everywhere (not those of PyTorch's
   *     generator)
   */
  public static Ltc initialised(LtcConfiguration configuration, Wiring wiring, long seed) {
    Require.length("the wiring's inputs", configuration.inputSize(), wiring.inputSize());
    Require.length("the wiring's neurons", configuration.units(), wiring.units());
    Require.length("the wiring's outputs", configuration.outputSize(), wiring.outputSize());
    return of(configuration, LtcInitialisation.stateDict(configuration, wiring, seed));
  }

  /** As above, with ncps's defaults. */
  public static Ltc initialised(Wiring wiring, long seed) {
    LtcConfiguration configuration =
        LtcConfiguration.of(wiring.inputSize(), wiring.units(), wiring.outputSize());
    return initialised(configuration, wiring, seed);
  }

  static Ltc of(
      LtcConfiguration configuration,
      StateDict stateDict,
      LtcWeights weights,
      @Nullable LstmWeights lstm,
      @Nullable DenseWeights projection) {
    return new Ltc(
        configuration, stateDict, weights, lstm, projection, Backends.get(), Accuracy.ACCURATE);
  }

  @Override
  public Ltc on(Kernels other) {
    return new Ltc(configuration, stateDict, weights, lstm, projection, other, accuracy);
  }

  @Override
  public Ltc with(Accuracy other) {
    return new Ltc(configuration, stateDict, weights, lstm, projection, kernels, other);
  }

  /**
   * The same network with its weights in another storage: with {@link WeightStorage#BFLOAT16} every
   * number of a synapse (-σ, σ μ, w and w E) is rounded, and so are the LSTM's and the projection's
   * weights.
   *
   * @throws IllegalArgumentException if a number is too large for the storage
   */
  @Override
  public Ltc with(WeightStorage storage) {
    return new Ltc(
        configuration,
        stateDict,
        weights.withStorage(storage),
        lstm == null ? null : lstm.withStorage(storage),
        projection == null ? null : projection.withStorage(storage),
        kernels,
        accuracy);
  }

  /** The network's shape. */
  public LtcConfiguration configuration() {
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
    LtcConfiguration shape = configuration;
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cell", "ltc");
    all.put("input_size", String.valueOf(shape.inputSize()));
    all.put("units", String.valueOf(shape.units()));
    all.put("output_size", String.valueOf(shape.outputSize()));
    all.put("input_mapping", shape.inputMapping().fieldName());
    all.put("output_mapping", shape.outputMapping().fieldName());
    all.put("ode_unfolds", String.valueOf(shape.odeUnfolds()));
    all.put("epsilon", String.valueOf(shape.epsilon()));
    all.put("implicit_param_constraints", String.valueOf(shape.implicitParamConstraints()));
    all.put("mixed_memory", String.valueOf(shape.mixedMemory()));
    all.put("dialect", shape.dialect().fieldName());
    all.put("solver", shape.solver().name().toLowerCase(Locale.ROOT));
    if (!stateDict.has(TensorNames.SPARSITY_MASK)
        || !stateDict.has(TensorNames.SENSORY + TensorNames.SPARSITY_MASK)) {
      all.put("sparsity_mask", "none");
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
    return weights.recurrent().storage();
  }

  /** Synapses from neuron to neuron. */
  public int synapseCount() {
    return weights.recurrent().count();
  }

  /** Synapses from inputs to neurons. */
  public int sensorySynapseCount() {
    return weights.sensory().count();
  }

  /** Number of trainable parameters as ncps stores and counts them, absent synapses included. */
  @Override
  public long parameterCount() {
    long n = configuration.units();
    long i = configuration.inputSize();
    long m = configuration.outputSize();
    long count = 3 * n + 4 * n * n + 4 * i * n;
    count += i * parameters(configuration.inputMapping());
    count += m * parameters(configuration.outputMapping());
    count += lstm == null ? 0 : MixedMemory.parameterCount(lstm);
    return count + (projection == null ? 0 : (m + 1) * projection.outputs());
  }

  private static int parameters(LtcMapping mapping) {
    return switch (mapping) {
      case AFFINE -> 2;
      case LINEAR -> 1;
      case NONE -> 0;
    };
  }

  /** What it is, in words: all that its speed depends on. */
  @Override
  public String toString() {
    return "LTC%s, %s, %s, %s, %s, %s, %s, %s%s%s%s"
        .formatted(
            lstm == null ? "" : " with mixed memory",
            Words.count(configuration.inputSize(), "input"),
            Words.count(configuration.units(), "neuron"),
            Words.count(synapseCount(), "synapse"),
            Words.count(sensorySynapseCount(), "sensory synapse"),
            Words.count(configuration.odeUnfolds(), "unfold"),
            Words.count(cell.outputSize(), "output"),
            Words.count(parameterCount(), "parameter"),
            Words.unless(LtcDialect.NCPS, configuration.dialect()),
            Words.unless(LtcSolver.SEMI_IMPLICIT, configuration.solver()),
            Words.unless(WeightStorage.FLOAT32, storage()));
  }
}
