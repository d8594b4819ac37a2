package io.github.elegans.networks.statedict;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of tensors in state dicts of ncps on PyTorch, each once: for those who take them, and
 * for who asks whether a tensor is one of them.
 */
public final class TensorNames {
  // Linear layers, with .weight and .bias.

  /** Layers of the backbone, with a number. */
  public static final String BACKBONE = "backbone";

  /** The head ff1 of a CfC. */
  public static final String FF1 = "ff1";

  /** The head ff2. */
  public static final String FF2 = "ff2";

  /** The head of what is multiplied with the timespan. */
  public static final String TIME_A = "time_a";

  /** The head of what is added to it. */
  public static final String TIME_B = "time_b";

  /** The output projection. */
  public static final String PROJECTION = "fc";

  /** The LSTM's gates on the input. */
  public static final String INPUT_MAP = "lstm.input_map";

  /** The LSTM's gates on the state, without a bias. */
  public static final String RECURRENT_MAP = "lstm.recurrent_map";

  // Of a CfC in mode pure.

  /** The least rate of decay. */
  public static final String W_TAU = "w_tau";

  /** The level to which states decay. */
  public static final String A = "A";

  // Of the neurons of an LTC; some dialects have the second name.

  /** Leak conductance. */
  public static final String GLEAK = "gleak";

  /** Leak potential. */
  public static final String VLEAK = "vleak";

  /** Capacitance. */
  public static final String CM = "cm";

  /** Capacitance, where it is not ncps's. */
  public static final String CM_T = "cm_t";

  // Of its synapses; those from inputs have the prefix.

  /** Before the names of synapses from inputs. */
  public static final String SENSORY = "sensory_";

  /** Steepness. */
  public static final String SIGMA = "sigma";

  /** Threshold. */
  public static final String MU = "mu";

  /** Conductance. */
  public static final String W = "w";

  /** Conductance, where it is not ncps's. */
  public static final String CAPITAL_W = "W";

  /** Reversal potential. */
  public static final String EREV = "erev";

  /** Which synapses there are; of wired CfCs, too. */
  public static final String SPARSITY_MASK = "sparsity_mask";

  // Of its maps, with _w and _b.

  /** The map of the inputs. */
  public static final String INPUT = "input";

  /** The map of the outputs. */
  public static final String OUTPUT = "output";

  private static final Pattern BACKBONE_LAYER =
      Pattern.compile(BACKBONE + "\\.(\\d{1,6})\\.(weight|bias)");

  private static final Pattern ALL =
      Pattern.compile(
          "(?:rnn_cell\\.)?(?:layer_\\d+\\.)?(?:"
              + either(BACKBONE + "\\.\\d+", FF1, FF2, TIME_A, TIME_B)
              + "\\.(?:weight|bias)|"
              + either(W_TAU, A, GLEAK, VLEAK, CM, CM_T)
              + "|(?:"
              + SENSORY
              + ")?"
              + either(SIGMA, MU, W, CAPITAL_W, EREV, SPARSITY_MASK)
              + "|"
              + either(INPUT, OUTPUT)
              + "_[wb])|"
              + either(Pattern.quote(INPUT_MAP), Pattern.quote(RECURRENT_MAP), PROJECTION)
              + "\\.(?:weight|bias)");

  private TensorNames() {}

  private static String either(String... names) {
    return "(?:" + String.join("|", names) + ")";
  }

  /** The numbers of a backbone's layers, ascending, of which there are weights or biases. */
  public static List<Integer> backboneIndices(Collection<String> names) {
    TreeSet<Integer> found = new TreeSet<>();
    for (String name : names) {
      Matcher matcher = BACKBONE_LAYER.matcher(name);
      if (matcher.matches()) {
        found.add(Integer.valueOf(matcher.group(1)));
      }
    }
    return List.copyOf(found);
  }

  /** Whether a tensor is one of a CfC, of an LTC, or of what may be around them. */
  public static boolean has(String name) {
    return ALL.matcher(name).matches();
  }
}
