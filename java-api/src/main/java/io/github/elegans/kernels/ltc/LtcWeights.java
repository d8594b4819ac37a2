package io.github.elegans.kernels.ltc;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.memory.Packed;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Packed parameters of an LTC cell.
 *
 * <p>Only synapses that exist are stored, in the two orders of {@link SynapseTable}: lanes over
 * targets for few rows, and by target for lanes over rows. Which one a backend takes changes no
 * bit.
 */
public final class LtcWeights {
  /** Floats of a synapse: -σ, σ μ, w and w E. */
  public static final int FIELDS = 4;

  private static final int BLOCK = PanelLayout.BLOCK;

  /** A timespan that takes the rate above this leaves the state as it is. */
  public static final float MOST_RATE = 0x1p64f;

  private final int inputSize;
  private final int units;
  private final int outputSize;
  private final int unfolds;
  private final LtcSolver solver;
  private final boolean elapsedTime;
  private final float timespanOffset;
  private final SynapseTable sensory;
  private final SynapseTable recurrent;
  private final MemorySegment neurons;
  private final MemorySegment outputMap;
  private final Function<WeightStorage, LtcWeights> packer;

  /**
   * A synapse; its current into the target is w s(σ (v - μ)) (E - v_target), with the logistic
   * function s.
   *
   * @param source the neuron (or, of a sensory synapse, the input) it comes from
   * @param target the neuron it goes to
   * @param sigma σ, steepness
   * @param mu μ, half-activation state
   * @param w conductance
   * @param erev E, reversal potential
   */
  public record Synapse(int source, int target, double sigma, double mu, double w, double erev) {}

  /**
   * What a neuron has without synapses.
   *
   * @param gleak leak conductance
   * @param vleak leak potential
   * @param cm membrane capacitance
   */
  public record Neuron(double gleak, double vleak, double cm) {}

  /**
   * An affine map of one value, {@code w x + b}.
   *
   * @param w scale
   * @param b shift
   */
  public record Affine(double w, double b) {
    /** No map. */
    public static final Affine IDENTITY = new Affine(1, 0);
  }

  /**
   * How a step is integrated.
   *
   * @param unfolds substeps, at least 1
   * @param epsilon added to the denominator of the semi-implicit solver
   * @param elapsedTime whether capacitances are those of a unit of time and the timespans count; if
   *     not, capacitances are those of a substep
   * @param timespanOffset added to every timespan
   */
  public record Integration(
      LtcSolver solver, int unfolds, double epsilon, boolean elapsedTime, float timespanOffset) {
    /**
     * Checks its components.
     *
     * @throws IllegalArgumentException if unfolds is not from 1 to 2²⁰, epsilon or the offset is
     *     negative or not finite, or timespans are to count in another solver than the
     *     semi-implicit one
     */
    public Integration {
      Require.between("ode_unfolds", 1, 1 << 20, unfolds);
      if (!(epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "epsilon must be finite and not negative, but is " + epsilon);
      }
      if (!(timespanOffset >= 0 && timespanOffset < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "the offset of timespans must be finite and not negative, but is " + timespanOffset);
      }
      if (elapsedTime && solver != LtcSolver.SEMI_IMPLICIT) {
        throw new IllegalArgumentException(
            "timespans count in the semi-implicit solver only, but the solver is " + solver);
      }
    }

    /** ncps's solver: six substeps, ε = 1e-8. */
    public static Integration ncps() {
      return new Integration(LtcSolver.SEMI_IMPLICIT, 6, 1e-8, true, 0);
    }
  }

  /**
   * Packs a cell.
   *
   * @param inputs maps of the I inputs, folded into the sensory synapses
   * @param neurons the N neurons
   * @param sensorySynapses from inputs to neurons, at most one for a pair
   * @param synapses from neurons to neurons, at most one for a pair
   * @param outputs maps of the first O neurons' states to the outputs, O ≤ N
   * @param storage how the synapses are stored
   * @throws IllegalArgumentException if a number is out of range or not finite
   */
  public LtcWeights(
      List<Affine> inputs,
      List<Neuron> neurons,
      List<Synapse> sensorySynapses,
      List<Synapse> synapses,
      List<Affine> outputs,
      Integration integration,
      WeightStorage storage) {
    this(new Cell(inputs, neurons, sensorySynapses, synapses, outputs, integration), storage);
  }

  /** What a cell is made of, as it was when it was given: lists may change while they are read. */
  private record Cell(
      List<Affine> inputs,
      List<Neuron> neurons,
      List<Synapse> sensorySynapses,
      List<Synapse> synapses,
      List<Affine> outputs,
      Integration integration) {
    Cell {
      inputs = List.copyOf(inputs);
      neurons = List.copyOf(neurons);
      sensorySynapses = List.copyOf(sensorySynapses);
      synapses = List.copyOf(synapses);
      outputs = List.copyOf(outputs);
    }
  }

  private LtcWeights(Cell cell, WeightStorage storage) {
    FloatingPoint.check();
    List<Affine> inputs = cell.inputs;
    List<Neuron> neurons = cell.neurons;
    List<Affine> outputs = cell.outputs;
    Integration integration = cell.integration;
    Require.atLeast("inputs", 1, inputs.size());
    Require.atLeast("neurons", 1, neurons.size());
    Require.between("outputs", 1, neurons.size(), outputs.size());
    inputSize = inputs.size();
    units = neurons.size();
    outputSize = outputs.size();
    unfolds = integration.unfolds;
    solver = integration.solver;
    elapsedTime = integration.elapsedTime;
    timespanOffset = integration.timespanOffset;
    sensory =
        SynapseTable.of("sensory synapse", inputs, inputSize, units, cell.sensorySynapses, storage);
    List<Affine> unmapped = Collections.nCopies(units, Affine.IDENTITY);
    recurrent = SynapseTable.of("synapse", unmapped, paddedUnits(), units, cell.synapses, storage);
    double epsilon = solver == LtcSolver.SEMI_IMPLICIT ? integration.epsilon : 0;
    this.neurons = packNeurons(neurons, epsilon);
    float[] map = new float[2 * outputSize];
    for (int i = 0; i < outputSize; i++) {
      map[i] = Packed.finite("output map", i, "w", outputs.get(i).w);
      map[outputSize + i] = Packed.finite("output map", i, "b", outputs.get(i).b);
    }
    outputMap = Packed.floats(map);
    packer = other -> new LtcWeights(cell, other);
  }

  /** The constants of the neurons, in the order of {@link Field}, each padded to whole blocks. */
  private MemorySegment packNeurons(List<Neuron> neurons, double epsilon) {
    int padded = PanelLayout.roundUp(units);
    float[] values = new float[Field.values().length * padded];
    for (int j = 0; j < padded; j++) {
      // Lanes beyond the last neuron compute, too: harmless numbers.
      Neuron neuron = j < units ? neurons.get(j) : new Neuron(1, 0, 1);
      double leak = neuron.gleak + epsilon;
      double current = neuron.gleak * neuron.vleak;
      double halfW = j < units ? sensory.halfW(j) + recurrent.halfW(j) : 0;
      double halfWE = j < units ? sensory.halfWE(j) + recurrent.halfWE(j) : 0;
      set(values, padded, Field.CAPACITANCE, j, neuron.cm);
      set(values, padded, Field.LEAK, j, leak);
      set(values, padded, Field.CURRENT, j, current);
      set(values, padded, Field.LEAK_FAST, j, leak + halfW);
      set(values, padded, Field.CURRENT_FAST, j, current + halfWE);
    }
    return Packed.floats(values);
  }

  private static void set(float[] values, int padded, Field field, int j, double value) {
    values[field.ordinal() * padded + j] = Packed.finite("neuron", j, field.name(), value);
  }

  /** Constants of a neuron. */
  public enum Field {
    /** C. */
    CAPACITANCE,
    /** g + ε: where the denominator's sum begins. */
    LEAK,
    /** g v_leak: where the numerator's sum begins. */
    CURRENT,
    /** The same of the fast tier, with half of all synapses' w in it. */
    LEAK_FAST,
    /** The same of the fast tier, with half of all synapses' w E in it. */
    CURRENT_FAST
  }

  /** The same cell with its synapses in another storage. */
  public LtcWeights withStorage(WeightStorage storage) {
    return Objects.requireNonNull(storage, "storage") == recurrent.storage()
        ? this
        : packer.apply(storage);
  }

  /** I. */
  public int inputSize() {
    return inputSize;
  }

  /** N: neurons, the states of a row. */
  public int units() {
    return units;
  }

  /** N rounded up to whole blocks. */
  public int paddedUnits() {
    return PanelLayout.roundUp(units);
  }

  /** O: the first neurons are the motor neurons. */
  public int outputSize() {
    return outputSize;
  }

  /** Substeps of a step. */
  public int unfolds() {
    return unfolds;
  }

  /** The method of integration. */
  public LtcSolver solver() {
    return solver;
  }

  /** Whether timespans count. */
  public boolean elapsedTime() {
    return elapsedTime;
  }

  /** Added to every timespan. */
  public float timespanOffset() {
    return timespanOffset;
  }

  /** Synapses from the inputs; the inputs' maps are folded in. */
  public SynapseTable sensory() {
    return sensory;
  }

  /** Synapses from neuron to neuron. */
  public SynapseTable recurrent() {
    return recurrent;
  }

  /** A constant of all neurons, {@link #paddedUnits} floats. */
  public MemorySegment neurons(Field field) {
    long bytes = (long) paddedUnits() * Float.BYTES;
    return neurons.asSlice(field.ordinal() * bytes, bytes);
  }

  /** Output maps: O scales and then O shifts. */
  public MemorySegment outputMap() {
    return outputMap;
  }

  /**
   * Substeps per unit of time, by which capacitances are multiplied; 1 if timespans do not count.
   */
  public float rate(float timespan) {
    return elapsedTime ? unfolds / (timespan + timespanOffset) : 1f;
  }

  /** Most slots of a block. */
  public int mostSlots() {
    return Math.max(sensory.mostSlots(), recurrent.mostSlots());
  }

  /** Synapses that a step evaluates. */
  public long synapseWork() {
    return sensory.count() + evaluations() * recurrent.count();
  }

  /** Slots that a step evaluates. */
  public long slotWork() {
    return sensory.slotCount() + evaluations() * recurrent.slotCount();
  }

  private long evaluations() {
    return (long) unfolds * (solver == LtcSolver.RUNGE_KUTTA ? 4 : 1);
  }

  /**
   * Whether that many rows, at most {@code lanes}, are less work with lanes over rows, where each
   * synapse is evaluated once for all of them, than one by one with lanes over targets, where each
   * slot is.
   */
  public boolean lanesOverRows(int rows, int lanes) {
    return synapseWork() <= (long) rows * (BLOCK / lanes) * slotWork();
  }

  /** Floats of scratch memory that a backend's kernel may use. */
  public long scratchFloats() {
    // Eight values per neuron, the inputs and a rate, for as many rows as there are lanes; what a
    // block's synapses read, their activations, and the synapses widened.
    return (long) BLOCK * (8L * paddedUnits() + inputSize + 2 + (FIELDS + 2L) * mostSlots());
  }
}
