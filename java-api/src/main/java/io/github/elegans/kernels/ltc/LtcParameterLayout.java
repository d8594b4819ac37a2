package io.github.elegans.kernels.ltc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.ltc.LtcWeights.Affine;
import io.github.elegans.kernels.ltc.LtcWeights.Integration;
import io.github.elegans.kernels.ltc.LtcWeights.Neuron;
import io.github.elegans.kernels.ltc.LtcWeights.Synapse;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Packed;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The parameters of an LTC cell as training sees them: one array of float32 numbers, the raw
 * parameters, of which an optimiser changes all alike. The blocks of {@link Block} follow each
 * other in that order, each padded to a multiple of 16; the padding is 0 in parameters and
 * gradients. Only synapses that exist have parameters, by target and then by source. Gradients of
 * the raw parameters lie in the same way.
 */
public final class LtcParameterLayout {
  private final int inputSize;
  private final int units;
  private final int outputSize;
  private final Maps maps;
  private final Integration integration;
  private final boolean softplus;
  private final Table recurrent;
  private final Table sensory;
  private final int[] lengths = new int[Block.values().length];
  private final int[] offsets = new int[Block.values().length + 1];

  /** A part of the array, named as in a state dict. */
  public enum Block {
    /** Leak conductances of the neurons. */
    GLEAK,
    /** Leak potentials. */
    VLEAK,
    /** Membrane capacitances. */
    CM,
    /** Steepness of the synapses between neurons. */
    SIGMA,
    /** Half-activation states. */
    MU,
    /** Conductances. */
    W,
    /** Reversal potentials. */
    EREV,
    /** Steepness of the synapses from inputs. */
    SENSORY_SIGMA,
    /** Half-activation inputs. */
    SENSORY_MU,
    /** Conductances. */
    SENSORY_W,
    /** Reversal potentials. */
    SENSORY_EREV,
    /** Scales of the inputs. */
    INPUT_W,
    /** Shifts of the inputs. */
    INPUT_B,
    /** Scales of the outputs. */
    OUTPUT_W,
    /** Shifts of the outputs. */
    OUTPUT_B;

    /** The name in a state dict, without a prefix. */
    public String fieldName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A synapse that exists, from a neuron or an input to a neuron. */
  public record Connection(int source, int target) {}

  /** Which maps are parameters: those that are not are 1 (scales) and 0 (shifts). */
  public record Maps(
      boolean inputScale, boolean inputShift, boolean outputScale, boolean outputShift) {
    /** All. */
    public static final Maps AFFINE = new Maps(true, true, true, true);
  }

  /** Synapses by target and then by source. */
  public static final class Table {
    private final int[] firstSynapses;
    private final int[] sources;
    private final int[] targets;
    private final MemorySegment starts;
    private final MemorySegment sourceMemory;

    private Table(String what, int sourceCount, int targetCount, List<Connection> connections) {
      List<Connection> sorted = new ArrayList<>(connections);
      sorted.sort(Comparator.comparingInt(Connection::target).thenComparingInt(Connection::source));
      firstSynapses = new int[targetCount + 1];
      sources = new int[sorted.size()];
      targets = new int[sorted.size()];
      Connection previous = null;
      for (int i = 0; i < sources.length; i++) {
        Connection c = sorted.get(i);
        if (c.source < 0 || c.source >= sourceCount || c.target < 0 || c.target >= targetCount) {
          throw new IllegalArgumentException(
              "%s %d → %d: expected a source below %d and a target below %d"
                  .formatted(what, c.source, c.target, sourceCount, targetCount));
        }
        if (c.equals(previous)) {
          throw new IllegalArgumentException(
              "%s %d → %d is there twice".formatted(what, c.source, c.target));
        }
        sources[i] = c.source;
        targets[i] = c.target;
        firstSynapses[c.target + 1]++;
        previous = c;
      }
      Arrays.parallelPrefix(firstSynapses, Integer::sum);
      starts = Packed.ints(firstSynapses);
      sourceMemory = Packed.ints(sources);
    }

    /** Number of synapses. */
    public int count() {
      return sources.length;
    }

    /** First synapse of a target; of the number of targets, the number of synapses. */
    public int firstSynapse(int target) {
      return firstSynapses[target];
    }

    /** Where a synapse comes from. */
    public int source(int synapse) {
      return sources[synapse];
    }

    /** Where a synapse goes to. */
    public int target(int synapse) {
      return targets[synapse];
    }

    /** int32 [targets + 1]: what {@link #firstSynapse} tells. */
    public MemorySegment starts() {
      return starts;
    }

    /** int32 [synapses]: what {@link #source} tells. */
    public MemorySegment sources() {
      return sourceMemory;
    }
  }

  /**
   * A layout.
   *
   * @param inputSize I
   * @param units N, the neurons
   * @param outputSize O ≤ N: the first neurons are the motor neurons
   * @param sensory synapses from inputs to neurons, at most one for a pair
   * @param recurrent synapses from neurons to neurons, at most one for a pair
   * @param softplus whether w, sensory_w, gleak and cm are softplus of the raw parameters (ncps's
   *     implicit constraints; linear above 20, as PyTorch's)
   * @throws IllegalArgumentException if a number is out of range
   */
  public LtcParameterLayout(
      int inputSize,
      int units,
      int outputSize,
      Maps maps,
      List<Connection> sensory,
      List<Connection> recurrent,
      Integration integration,
      boolean softplus) {
    Require.between("inputs", 1, 1 << 20, inputSize);
    Require.between("neurons", 1, 1 << 20, units);
    Require.between("outputs", 1, units, outputSize);
    this.inputSize = inputSize;
    this.units = units;
    this.outputSize = outputSize;
    this.maps = Objects.requireNonNull(maps, "maps");
    this.integration = Objects.requireNonNull(integration, "integration");
    this.softplus = softplus;
    this.sensory = new Table("sensory synapse", inputSize, units, sensory);
    this.recurrent = new Table("synapse", units, units, recurrent);
    int longest = 1 << 26;
    Require.between("synapses", 0, longest, this.recurrent.count());
    Require.between("sensory synapses", 0, longest, this.sensory.count());
    for (Block block : Block.values()) {
      int i = block.ordinal();
      lengths[i] = lengthOf(block);
      offsets[i + 1] = Require.sum("parameters", offsets[i], PanelLayout.roundUp(lengths[i]));
    }
  }

  private int lengthOf(Block block) {
    return switch (block) {
      case GLEAK, VLEAK, CM -> units;
      case SIGMA, MU, W, EREV -> recurrent.count();
      case SENSORY_SIGMA, SENSORY_MU, SENSORY_W, SENSORY_EREV -> sensory.count();
      case INPUT_W -> maps.inputScale ? inputSize : 0;
      case INPUT_B -> maps.inputShift ? inputSize : 0;
      case OUTPUT_W -> maps.outputScale ? outputSize : 0;
      case OUTPUT_B -> maps.outputShift ? outputSize : 0;
    };
  }

  /** I. */
  public int inputSize() {
    return inputSize;
  }

  /** N: neurons. */
  public int units() {
    return units;
  }

  /** O: the first neurons are the motor neurons. */
  public int outputSize() {
    return outputSize;
  }

  /** Which maps are parameters. */
  public Maps maps() {
    return maps;
  }

  /** How a step is integrated. */
  public Integration integration() {
    return integration;
  }

  /** Whether conductances and capacitances are softplus of the raw parameters. */
  public boolean softplus() {
    return softplus;
  }

  /** Synapses from neuron to neuron. */
  public Table recurrent() {
    return recurrent;
  }

  /** Synapses from the inputs. */
  public Table sensory() {
    return sensory;
  }

  /** Parameters of a block, without the padding; 0 for maps that are no parameters. */
  public int length(Block block) {
    return lengths[block.ordinal()];
  }

  /** The first float of a block. */
  public int offset(Block block) {
    return offsets[block.ordinal()];
  }

  /** Floats of the array: a multiple of 16. */
  public int floats() {
    return offsets[offsets.length - 1];
  }

  /** How often the recurrent synapses are evaluated in a step. */
  public int evaluations() {
    return integration.unfolds() * (integration.solver() == LtcSolver.RUNGE_KUTTA ? 4 : 1);
  }

  /**
   * The cell for inference with these parameters, each derived from the raw ones in double
   * precision and rounded once.
   *
   * @param parameters {@link #floats} floats
   * @throws IllegalArgumentException if a number is not finite
   */
  public LtcWeights weights(MemorySegment parameters, WeightStorage storage) {
    check("parameters", parameters);
    List<Affine> inputs = new ArrayList<>();
    for (int i = 0; i < inputSize; i++) {
      inputs.add(
          new Affine(
              maps.inputScale ? raw(parameters, Block.INPUT_W, i) : 1,
              maps.inputShift ? raw(parameters, Block.INPUT_B, i) : 0));
    }
    List<Affine> outputs = new ArrayList<>();
    for (int i = 0; i < outputSize; i++) {
      outputs.add(
          new Affine(
              maps.outputScale ? raw(parameters, Block.OUTPUT_W, i) : 1,
              maps.outputShift ? raw(parameters, Block.OUTPUT_B, i) : 0));
    }
    List<Neuron> neurons = new ArrayList<>();
    for (int j = 0; j < units; j++) {
      neurons.add(
          new Neuron(
              constrained(raw(parameters, Block.GLEAK, j)),
              raw(parameters, Block.VLEAK, j),
              constrained(raw(parameters, Block.CM, j))));
    }
    return new LtcWeights(
        inputs,
        neurons,
        synapses(parameters, sensory, Block.SENSORY_SIGMA),
        synapses(parameters, recurrent, Block.SIGMA),
        outputs,
        integration,
        storage);
  }

  private List<Synapse> synapses(MemorySegment parameters, Table table, Block sigma) {
    Block[] blocks = Block.values();
    List<Synapse> synapses = new ArrayList<>();
    for (int i = 0; i < table.count(); i++) {
      synapses.add(
          new Synapse(
              table.source(i),
              table.target(i),
              raw(parameters, sigma, i),
              raw(parameters, blocks[sigma.ordinal() + 1], i),
              constrained(raw(parameters, blocks[sigma.ordinal() + 2], i)),
              raw(parameters, blocks[sigma.ordinal() + 3], i)));
    }
    return synapses;
  }

  /** A parameter that may not be negative, from the raw one. */
  double constrained(double raw) {
    return softplus ? softplus(raw) : raw;
  }

  /** PyTorch's softplus, which is linear above 20. */
  public static double softplus(double raw) {
    return raw > SOFTPLUS_LINEAR ? raw : StrictMath.log1p(StrictMath.exp(raw));
  }

  /** The derivative of {@link #constrained}. */
  double constrainedSlope(double raw) {
    return !softplus || raw > SOFTPLUS_LINEAR ? 1 : 1 / (1 + StrictMath.exp(-raw));
  }

  /** From here on PyTorch's softplus is its argument. */
  private static final int SOFTPLUS_LINEAR = 20;

  private double raw(MemorySegment parameters, Block block, int i) {
    return FloatSegments.get(parameters, (long) offset(block) + i);
  }

  void check(String name, MemorySegment array) {
    MemoryChecks.check(name, array, floats(), Float.BYTES);
  }
}
