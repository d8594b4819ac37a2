package io.github.elegans.networks.recurrent;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.checks.Words;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.ProjectedCell;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.statedict.Packing;
import io.github.elegans.networks.statedict.Parameters;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network of one of the {@link Kind}s, as ode-lstms (mlech26l/ode-lstms), PyTorch or the LTC
 * repository compute it. With parameters {@code fc.weight} [P, O] and {@code fc.bias} [P] its
 * output goes through a linear layer.
 *
 * <p>Timespans must be finite and not negative; kinds that have no use for them ignore them.
 */
public final class RecurrentNetwork implements Network {

  /** What there is; I are the inputs and H the units. Matrices are row-major. */
  public enum Kind {
    /**
     * h' = scale tanh(x K + h R + b) - h. {@code kernel} [I, H], {@code recurrent_kernel} [H, H],
     * {@code bias}, {@code scale} [H].
     */
    CT_RNN,
    /** h' = scale tanh(x K + h R + b). Parameters as of {@link #CT_RNN}. */
    ODE_RNN,
    /**
     * An LSTM (forget bias + 3) whose output drives a CT-RNN, which holds the state. {@code
     * input_kernel} [I, 4 H], {@code recurrent_kernel} [H, 4 H], {@code bias} [4 H], gates i, ig,
     * fg, og; and a CT-RNN's, of H inputs, under {@code ctrnn.}.
     */
    ODE_LSTM,
    /**
     * An LSTM whose output is the initial value of h' = W₂ tanh(W₁ h + b₁) + b₂. {@code
     * lstm.weight_ih} [4 H, I], {@code lstm.weight_hh} [4 H, H], {@code lstm.bias_ih}, {@code
     * lstm.bias_hh} [4 H], gates i, f, g, o; {@code f_node.0}, {@code f_node.2} {@code .weight} [H,
     * H], {@code .bias} [H].
     */
    ODE_LSTM_TORCH,
    /**
     * A GRU whose update is an ODE. {@code reset_gate}, {@code detect_signal}, {@code update_gate}
     * {@code .kernel} [I + H, H], {@code .bias} [H].
     */
    GRU_ODE,
    /**
     * Traces of 8 time constants for each unit. {@code retrieval_layer}, {@code update_layer}
     * {@code .kernel} [I + H, 8 H], {@code .bias} [8 H]; {@code detect_layer.kernel} [I + H, H],
     * {@code .bias} [H]. The state has 8 H floats. The time constants decay as the paper says; the
     * LTC repository divides by their logarithms.
     */
    CT_GRU,
    /**
     * A GRU whose state decays first. As {@link #GRU_ODE}, and {@code d_gate.kernel} [1, H], {@code
     * d_gate.bias} [H].
     */
    GRU_D,
    /**
     * An LSTM that is open for a share of a period. As an LSTM of {@link #AUGMENTED_LSTM} without
     * its timespan, and {@code tau}, {@code ron}, {@code s} [1], which go through a softplus.
     */
    PHASED_LSTM,
    /**
     * The LSTM of the neural Hawkes process. {@code input_kernel} [I, 7 H], {@code
     * recurrent_kernel} [H, 7 H], {@code bias} [7 H]: i, ig, fg, og, ig_bar, fg_bar, d. The memory
     * are c and c_bar.
     */
    CT_LSTM,
    /**
     * PyTorch's. {@code weight_ih_l0} [4 H, I], {@code weight_hh_l0} [4 H, H], {@code bias_ih_l0},
     * {@code bias_hh_l0} [4 H], gates i, f, g, o.
     */
    LSTM,
    /**
     * An LSTM (forget bias + 1) with the timespan behind its inputs. {@code input_kernel} [I + 1, 4
     * H], {@code recurrent_kernel} [H, 4 H], {@code bias} [4 H], gates i, ig, fg, og.
     */
    AUGMENTED_LSTM,
    /**
     * PyTorch's: the reset gate works on the product with the state. {@code weight_ih_l0} [3 H, I],
     * {@code weight_hh_l0} [3 H, H], {@code bias_ih_l0}, {@code bias_hh_l0} [3 H], gates r, z, n.
     */
    GRU,
    /**
     * h = W tanh(V [x | h] + a) + b - Δ τ. {@code layer.kernel} [I + H, H], {@code layer.bias},
     * {@code out_layer.kernel} [H, H], {@code out_layer.bias}, {@code tau} [H].
     */
    VANILLA_RNN,
    /**
     * The LTC repository's CT-RNN: h' = -h + tanh(W [x | h] + b) with substeps of 0.1. {@code
     * kernel} [I, H], {@code recurrent_kernel} [H, H], {@code bias} [H].
     */
    LTC_CT_RNN,
    /** The LTC repository's neural ODE: h' = tanh(W [x | h] + b) with substeps of 0.1. */
    LTC_NODE;

    private OdeSolver solver() {
      return switch (this) {
        case CT_RNN, ODE_RNN, ODE_LSTM_TORCH -> OdeSolver.of(OdeMethod.RK4, 3);
        case LTC_CT_RNN -> new OdeSolver(OdeMethod.EULER, 6, 0.1f);
        case LTC_NODE -> new OdeSolver(OdeMethod.RK4, 6, 0.1f);
        default -> OdeSolver.of(OdeMethod.EULER, 4);
      };
    }
  }

  private final Kind kind;
  private final Layer layer;
  private final OdeSolver solver;
  private final StateDict stateDict;
  private final long parameterCount;
  private final @Nullable DenseWeights projection;
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final WeightStorage storage;
  private final Cell cell;

  private RecurrentNetwork(
      Kind kind,
      Layer layer,
      OdeSolver solver,
      StateDict stateDict,
      long parameterCount,
      @Nullable DenseWeights projection,
      Kernels kernels,
      Accuracy accuracy,
      WeightStorage storage) {
    this.kind = kind;
    this.layer = layer;
    this.solver = solver;
    this.stateDict = stateDict;
    this.parameterCount = parameterCount;
    this.projection = projection;
    this.kernels = Objects.requireNonNull(kernels, "kernels");
    this.accuracy = Objects.requireNonNull(accuracy, "accuracy");
    this.storage = storage;
    Cell plain = layer.cell(kernels, accuracy);
    cell = projection == null ? plain : new ProjectedCell(plain, projection, kernels.dense());
  }

  /**
   * Builds a network with its reference's solver, if it is an ODE: RK4 with 3 substeps for CT-RNN,
   * ODE-RNN and the PyTorch form of ODE-LSTM, Euler with 4 for the others.
   *
   * @param stateDict parameters by the names that the kind tells
   * @throws FileFormatException if a parameter is missing, too many, of another size or not finite
   */
  public static RecurrentNetwork of(
      Kind kind, int inputSize, int units, Map<String, float[]> stateDict) {
    return of(kind, inputSize, units, kind.solver(), Parameters.of(stateDict));
  }

  /** As above, with another solver. */
  public static RecurrentNetwork of(
      Kind kind, int inputSize, int units, OdeSolver solver, Map<String, float[]> stateDict) {
    return of(kind, inputSize, units, solver, Parameters.of(stateDict));
  }

  /**
   * Builds a network from a safetensors file's parts, whose metadata tells {@code cell} (the kind
   * in small letters), {@code input_size} and {@code units}; and, where the solver is not that of
   * the reference, {@code ode_method} ({@link OdeMethod} in small letters), {@code ode_unfolds} and
   * {@code ode_substep} (0 where timespans count).
   *
   * @param source what messages call the origin of the tensors
   */
  public static RecurrentNetwork of(
      String source, Map<String, String> metadata, Map<String, Safetensors.Tensor> tensors) {
    Parameters parameters = Parameters.of(source, tensors, "rnn_cell.");
    Kind kind = null;
    for (Kind candidate : Kind.values()) {
      if (candidate.name().equalsIgnoreCase(metadata.get("cell"))) {
        kind = candidate;
      }
    }
    if (kind == null) {
      throw parameters.wrong(
          "metadata cell",
          "cfc, wired_cfc, ltc or one of "
              + Arrays.toString(Kind.values()).toLowerCase(Locale.ROOT),
          String.valueOf(metadata.get("cell")));
    }
    int inputSize = number(parameters, metadata, "input_size");
    int units = number(parameters, metadata, "units");
    return of(kind, inputSize, units, solver(kind, parameters, metadata), parameters);
  }

  private static OdeSolver solver(Kind kind, Parameters parameters, Map<String, String> metadata) {
    if (!metadata.containsKey("ode_method")) {
      return kind.solver();
    }
    String name = parameters.told(metadata, "ode_method");
    String substep = metadata.getOrDefault("ode_substep", "0");
    OdeMethod method =
        Arrays.stream(OdeMethod.values())
            .filter(one -> one.name().equalsIgnoreCase(name))
            .findFirst()
            .orElseThrow(
                () ->
                    parameters.wrong(
                        "metadata ode_method",
                        "one of " + Arrays.toString(OdeMethod.values()).toLowerCase(Locale.ROOT),
                        "'" + name + "'"));
    try {
      return new OdeSolver(
          method, number(parameters, metadata, "ode_unfolds"), Float.parseFloat(substep));
    } catch (NumberFormatException e) {
      throw parameters.wrong("metadata ode_substep", "a number", "'" + substep + "'");
    } catch (FileFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw parameters.wrong("metadata", "a solver", String.valueOf(e.getMessage()));
    }
  }

  private static int number(Parameters parameters, Map<String, String> metadata, String key) {
    String told = parameters.told(metadata, key);
    try {
      return Integer.parseInt(told);
    } catch (NumberFormatException e) {
      throw parameters.wrong("metadata " + key, "a number", "'" + told + "'");
    }
  }

  private static RecurrentNetwork of(
      Kind kind, int inputs, int units, OdeSolver solver, Parameters parameters) {
    Require.between("input_size", 1, 1 << 20, inputs);
    Require.between("units", 1, 1 << 20, units);
    Layer layer = layer(kind, inputs, units, solver, parameters);
    DenseWeights projection = parameters.projection(layer.outputSize());
    parameters.allTaken("a network of kind " + kind);
    return new RecurrentNetwork(
        kind,
        layer,
        solver,
        parameters.taken(),
        parameters.elements(),
        projection,
        Backends.get(),
        Accuracy.ACCURATE,
        WeightStorage.FLOAT32);
  }

  private static Layer layer(
      Kind kind, int inputs, int units, OdeSolver solver, Parameters parameters) {
    return switch (kind) {
      case CT_RNN -> OdeRnn.of(parameters, "", inputs, units, 1, solver);
      case ODE_RNN -> OdeRnn.of(parameters, "", inputs, units, 0, solver);
      case LTC_CT_RNN, LTC_NODE -> {
        Packing.Gates gates = Packing.Gates.keras(parameters, "", "kernel", inputs, units, 1);
        float[] ones = new float[units];
        Arrays.fill(ones, 1);
        float tau = kind == Kind.LTC_CT_RNN ? 1 : 0;
        yield new OdeRnn(inputs, units, gates.layer(new int[] {0}, 0), ones, tau, solver);
      }
      case ODE_LSTM -> {
        OdeRnn ode = OdeRnn.of(parameters, "ctrnn.", units, units, 1, solver);
        yield new Cells.OdeLstm(inputs, memory(keras(parameters, inputs, units), 3), ode);
      }
      case ODE_LSTM_TORCH -> {
        Packing.Gates gates = Packing.Gates.torch(parameters, "lstm.", "", inputs, units, 4);
        Cells.NeuralOde ode =
            new Cells.NeuralOde(
                Packing.torch(parameters, "f_node.0", units, units),
                Packing.torch(parameters, "f_node.2", units, units),
                solver);
        yield new Cells.OdeLstm(inputs, GatedMemory.of(gates, 2, 0, 1, 3, 0), ode);
      }
      case GRU_ODE -> new Cells.GruOde(Cells.ResetGates.of(parameters, inputs, units), solver);
      case CT_GRU -> Cells.CtGru.of(parameters, inputs, units);
      case GRU_D ->
          new Cells.GruD(
              Cells.ResetGates.of(parameters, inputs, units),
              parameters.take("d_gate.kernel", 1, units),
              parameters.take("d_gate.bias", units));
      case PHASED_LSTM ->
          new Cells.PhasedLstm(
              inputs,
              memory(keras(parameters, inputs, units), 1),
              positive(parameters, "tau"),
              positive(parameters, "ron"),
              positive(parameters, "s"));
      case CT_LSTM -> Cells.CtLstm.of(parameters, inputs, units);
      case LSTM ->
          new Lstm(
              Packing.Gates.torch(parameters, "", "_l0", inputs, units, 4).lstm(2, 0, 1, 3, 0),
              false);
      case AUGMENTED_LSTM ->
          new Lstm(keras(parameters, inputs + 1, units).lstm(0, 1, 2, 3, 1), true);
      case GRU -> Cells.Gru.of(parameters, inputs, units);
      case VANILLA_RNN ->
          new Cells.VanillaRnn(
              inputs,
              Packing.keras(parameters, "layer", inputs + units, units),
              Packing.keras(parameters, "out_layer", units, units),
              parameters.take("tau", units));
    };
  }

  private static Packing.Gates keras(Parameters parameters, int inputs, int units) {
    return Packing.Gates.keras(parameters, "", "input_kernel", inputs, units, 4);
  }

  private static GatedMemory memory(Packing.Gates gates, float forgetBias) {
    return GatedMemory.of(gates, 0, 1, 2, 3, forgetBias);
  }

  private static float positive(Parameters parameters, String name) {
    return (float) StrictMath.log1p(StrictMath.exp(parameters.take(name, 1)[0]));
  }

  @Override
  public RecurrentNetwork on(Kernels other) {
    return new RecurrentNetwork(
        kind, layer, solver, stateDict, parameterCount, projection, other, accuracy, storage);
  }

  @Override
  public RecurrentNetwork with(Accuracy other) {
    return new RecurrentNetwork(
        kind, layer, solver, stateDict, parameterCount, projection, kernels, other, storage);
  }

  /**
   * The same network with its matrices, the projection's included, in another storage; vectors stay
   * float32.
   *
   * @throws IllegalArgumentException if a weight is too large for the storage
   */
  @Override
  public RecurrentNetwork with(WeightStorage other) {
    return new RecurrentNetwork(
        kind,
        layer.with(other),
        solver,
        stateDict,
        parameterCount,
        projection == null ? null : projection.withStorage(other),
        kernels,
        accuracy,
        other);
  }

  /** How the weights are stored. */
  public WeightStorage storage() {
    return storage;
  }

  /** What it is. */
  public Kind kind() {
    return kind;
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
    all.put("cell", kind.name().toLowerCase(Locale.ROOT));
    all.put("input_size", String.valueOf(cell.inputSize()));
    all.put("units", String.valueOf(layer.outputSize()));
    if (!solver.equals(kind.solver())) {
      all.put("ode_method", solver.method().name().toLowerCase(Locale.ROOT));
      all.put("ode_unfolds", String.valueOf(solver.unfolds()));
      all.put("ode_substep", String.valueOf(solver.substep()));
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

  /** Number of trainable parameters as the references store them. */
  @Override
  public long parameterCount() {
    return parameterCount;
  }

  /** What it is, in words: all that its speed depends on. */
  @Override
  public String toString() {
    return "%s, %s, %s, %s, %s%s%s"
        .formatted(
            kind,
            Words.count(cell.inputSize(), "input"),
            Words.count(layer.outputSize(), "unit"),
            Words.count(cell.outputSize(), "output"),
            Words.count(parameterCount(), "parameter"),
            solver.equals(kind.solver()) ? "" : ", " + solver.words(),
            Words.unless(WeightStorage.FLOAT32, storage));
  }
}
