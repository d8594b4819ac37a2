package io.github.elegans.networks.ltc;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWeights.Affine;
import io.github.elegans.kernels.ltc.LtcWeights.Neuron;
import io.github.elegans.kernels.ltc.LtcWeights.Synapse;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.statedict.MixedMemoryParameters;
import io.github.elegans.networks.statedict.Parameters;
import io.github.elegans.networks.statedict.TensorNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A state dict of an LTC network: names, shapes, and what they say of the configuration. */
final class LtcStateDict {
  private LtcStateDict() {}

  /** What the metadata and the tensors' shapes say. */
  static LtcConfiguration configuration(Parameters parameters, Map<String, String> metadata) {
    String cell = metadata.getOrDefault("cell", "ltc");
    if (!cell.equals("ltc")) {
      throw parameters.wrong("metadata cell", "ltc", cell);
    }
    try {
      // Names that ncps does not use are those of another dialect, which only the caller knows.
      boolean ncps = !parameters.has(TensorNames.CM_T) && !parameters.has(TensorNames.CAPITAL_W);
      LtcDialect dialect =
          choice(
              "dialect",
              ncps && !metadata.containsKey("dialect")
                  ? LtcDialect.NCPS.fieldName()
                  : parameters.told(metadata, "dialect"),
              LtcDialect.values());
      LtcSolver solver =
          choice(
              "solver",
              dialect.elapsedTime() && !metadata.containsKey("solver")
                  ? "semi_implicit"
                  : parameters.told(metadata, "solver"),
              LtcSolver.values());
      Parameters.Size synapses = parameters.matrix(TensorNames.SENSORY + TensorNames.SIGMA);
      LtcConfiguration configuration =
          new LtcConfiguration(
              synapses.rows(),
              synapses.columns(),
              parameters.has(TensorNames.OUTPUT + "_w")
                  ? parameters.length(TensorNames.OUTPUT + "_w")
                  : number(parameters, metadata, "output_size"),
              mapping(parameters, metadata, TensorNames.INPUT),
              mapping(parameters, metadata, TensorNames.OUTPUT),
              number(parameters, metadata, "ode_unfolds"),
              epsilon(parameters, metadata),
              flag(parameters, metadata, "implicit_param_constraints"),
              MixedMemoryParameters.in(parameters),
              dialect,
              solver);
      parameters.check(metadata, "input_size", configuration.inputSize());
      parameters.check(metadata, "units", configuration.units());
      parameters.check(metadata, "output_size", configuration.outputSize());
      parameters.check(metadata, "mixed_memory", configuration.mixedMemory());
      return configuration;
    } catch (FileFormatException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw parameters.wrong("configuration", "an LTC network", String.valueOf(e.getMessage()));
    }
  }

  private static <E extends Enum<E>> E choice(String key, String name, E[] choices) {
    return Arrays.stream(choices)
        .filter(e -> e.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s must be one of %s, but is '%s'"
                        .formatted(key, Arrays.toString(choices).toLowerCase(Locale.ROOT), name)));
  }

  /** What the tensors tell of a map, which is what the metadata tells of it, if it does. */
  private static LtcMapping mapping(
      Parameters parameters, Map<String, String> metadata, String name) {
    LtcMapping found =
        parameters.has(name + "_b")
            ? LtcMapping.AFFINE
            : parameters.has(name + "_w") ? LtcMapping.LINEAR : LtcMapping.NONE;
    String key = name + "_mapping";
    String told = metadata.get(key);
    if (told != null && LtcMapping.of(key, told) != found) {
      throw parameters.wrong(
          "metadata " + key, found.fieldName() + " as the tensors have it", told);
    }
    return found;
  }

  private static int number(Parameters parameters, Map<String, String> metadata, String key) {
    String value = parameters.told(metadata, key);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s must be a number, but is '%s'".formatted(key, value));
    }
  }

  private static double epsilon(Parameters parameters, Map<String, String> metadata) {
    String value = parameters.told(metadata, "epsilon");
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("epsilon must be a number, but is '" + value + "'");
    }
  }

  private static boolean flag(Parameters parameters, Map<String, String> metadata, String key) {
    String value = parameters.told(metadata, key);
    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
      throw new IllegalArgumentException(
          "%s must be true or false, but is '%s'".formatted(key, value));
    }
    return Boolean.parseBoolean(value);
  }

  /** Whether a file must hold sparsity masks: all that ncps saves do. */
  static boolean hasMasks(LtcConfiguration configuration, Map<String, String> metadata) {
    return configuration.dialect() == LtcDialect.NCPS
        && !metadata.getOrDefault("sparsity_mask", "").equals("none");
  }

  /**
   * Packs the parameters, each checked; none may be missing or left over.
   *
   * @param masks whether sparsity masks may not be missing either
   */
  static Ltc model(Parameters parameters, LtcConfiguration configuration, boolean masks) {
    int inputs = configuration.inputSize();
    int units = configuration.units();
    int outputs = configuration.outputSize();
    boolean implicit = configuration.implicitParamConstraints();
    float[] gleak = parameters.take(TensorNames.GLEAK, units);
    float[] vleak = parameters.take(TensorNames.VLEAK, units);
    float[] cm = parameters.take(either(parameters, TensorNames.CM, TensorNames.CM_T), units);
    List<Neuron> neurons = new ArrayList<>();
    for (int j = 0; j < units; j++) {
      neurons.add(new Neuron(positive(gleak[j], implicit), vleak[j], positive(cm[j], implicit)));
    }
    LtcMapping inputMapping = configuration.inputMapping();
    LtcMapping outputMapping = configuration.outputMapping();
    List<Affine> inputMap = map(parameters, TensorNames.INPUT, inputs, inputMapping);
    List<Affine> outputMap = map(parameters, TensorNames.OUTPUT, outputs, outputMapping);
    List<Synapse> sensory =
        synapses(parameters, TensorNames.SENSORY, inputs, units, implicit, masks);
    List<Synapse> recurrent = synapses(parameters, "", units, units, implicit, masks);
    LstmWeights lstm =
        configuration.mixedMemory()
            ? MixedMemoryParameters.take(parameters, inputs, units, 1)
            : null;
    DenseWeights projection = parameters.projection(outputs);
    parameters.allTaken("an LTC network with these maps");
    try {
      return Ltc.of(
          configuration,
          parameters.taken(),
          new LtcWeights(
              inputMap,
              neurons,
              sensory,
              recurrent,
              outputMap,
              configuration.integration(),
              WeightStorage.FLOAT32),
          lstm,
          projection);
    } catch (IllegalArgumentException e) {
      throw parameters.wrong(
          "parameters", "an LTC cell in float32", String.valueOf(e.getMessage()));
    }
  }

  private static String either(Parameters parameters, String name, String other) {
    return parameters.has(name) ? name : parameters.has(other) ? other : name;
  }

  private static List<Affine> map(Parameters parameters, String name, int n, LtcMapping mapping) {
    float[] w = mapping == LtcMapping.NONE ? null : parameters.take(name + "_w", n);
    float[] b = mapping == LtcMapping.AFFINE ? parameters.take(name + "_b", n) : null;
    List<Affine> maps = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      maps.add(new Affine(w == null ? 1 : w[i], b == null ? 0 : b[i]));
    }
    return maps;
  }

  /** The synapses that the sparsity mask lets through; all, if there is no mask. */
  private static List<Synapse> synapses(
      Parameters parameters,
      String kind,
      int sources,
      int targets,
      boolean implicit,
      boolean masked) {
    float[] sigma = parameters.take(kind + TensorNames.SIGMA, sources, targets);
    float[] mu = parameters.take(kind + TensorNames.MU, sources, targets);
    float[] w =
        parameters.take(
            either(parameters, kind + TensorNames.W, kind + TensorNames.CAPITAL_W),
            sources,
            targets);
    float[] erev = parameters.take(kind + TensorNames.EREV, sources, targets);
    float @Nullable [] mask =
        parameters.mask(kind + TensorNames.SPARSITY_MASK, masked, sources, targets);
    List<Synapse> synapses = new ArrayList<>();
    for (int source = 0; source < sources; source++) {
      for (int target = 0; target < targets; target++) {
        int i = source * targets + target;
        double open = mask == null ? 1 : mask[i];
        if (open != 0) {
          synapses.add(
              new Synapse(
                  source, target, sigma[i], mu[i], positive(w[i], implicit) * open, erev[i]));
        }
      }
    }
    return synapses;
  }

  private static double positive(double raw, boolean implicit) {
    return implicit ? LtcParameterLayout.softplus(raw) : raw;
  }
}
