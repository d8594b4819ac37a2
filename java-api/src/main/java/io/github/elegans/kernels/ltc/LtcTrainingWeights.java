package io.github.elegans.kernels.ltc;

import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Block;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Table;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;

/**
 * What the kernels compute with while a cell is trained: the numbers that follow from the raw
 * parameters, in memory that is written anew after every step of the optimiser; and the way back,
 * from sums over the samples to gradients of the raw parameters.
 *
 * <p>Kernels may run in any number of threads, but not during {@link #update}.
 */
public final class LtcTrainingWeights {
  /** Floats of a synapse: a = -σ, b = σ μ, with the input's map folded in, w, w E and E. */
  public static final int FIELDS = 5;

  /**
   * Sums of a synapse, over samples and evaluations: the gradient of w, Σ n̄ s (which is that of E
   * but for w), and the gradients of a and b.
   */
  public static final int SYNAPSE_SUMS = 4;

  /** Sums of a neuron: the gradient of g, Σ n̄ (which is that of v_leak but for g), that of C. */
  public static final int NEURON_SUMS = 3;

  /** Sums of an output: the gradients of scale and shift. */
  public static final int OUTPUT_SUMS = 2;

  /** Samples of a leaf, and lanes of all arrays that a kernel works on. */
  public static final int SAMPLES = 16;

  /** Lines of a kernel's own behind those that are kept: see {@link #keptFloats}. */
  static final int SCRATCH_ARRAYS = 9;

  private static final int SCRATCH_LINES = 4;

  /** Constants of a neuron. */
  public enum Field {
    /** C. */
    CAPACITANCE,
    /** g + ε: where the denominator's sum begins. */
    LEAK,
    /** g v_leak: where the numerator's sum begins. */
    CURRENT,
    /** v_leak. */
    LEAK_POTENTIAL
  }

  private final LtcParameterLayout layout;
  private final int paddedUnits;
  private final double epsilon;
  private final MemorySegment recurrent;
  private final MemorySegment sensory;
  private final MemorySegment neurons;
  private final MemorySegment outputMap;
  private final MemorySegment readableRecurrent;
  private final MemorySegment readableSensory;
  private final MemorySegment readableNeurons;
  private final MemorySegment readableOutputMap;

  // Of the last update, in double precision: what sums are multiplied by.
  private final double[] parameters;
  private final double[] effective;
  private final double[] slope;

  /** Weights that are all those of raw parameters 0; {@link #update} comes next. */
  public LtcTrainingWeights(LtcParameterLayout layout) {
    this.layout = layout;
    Require.between("lines that a step keeps", 1, 1 << 30, stepLines());
    paddedUnits = PanelLayout.roundUp(layout.units());
    epsilon =
        layout.integration().solver() == LtcSolver.SEMI_IMPLICIT
            ? layout.integration().epsilon()
            : 0;
    recurrent = floats((long) layout.recurrent().count() * FIELDS);
    sensory = floats((long) layout.sensory().count() * FIELDS);
    neurons = floats((long) Field.values().length * paddedUnits);
    outputMap = floats(2L * layout.outputSize());
    readableRecurrent = recurrent.asReadOnly();
    readableSensory = sensory.asReadOnly();
    readableNeurons = neurons.asReadOnly();
    readableOutputMap = outputMap.asReadOnly();
    parameters = new double[layout.floats()];
    effective = new double[layout.floats()];
    slope = new double[layout.floats()];
    derive();
  }

  private static MemorySegment floats(long n) {
    return Staging.allocate(Math.max(n * Float.BYTES, PanelLayout.ALIGNMENT));
  }

  /** Where the parameters lie. */
  public LtcParameterLayout layout() {
    return layout;
  }

  /**
   * Derives all numbers from raw parameters, in double precision, each rounded once: those of
   * {@link LtcParameterLayout#weights}. Numbers that are not finite are taken as they are.
   *
   * @param raw {@link LtcParameterLayout#floats} floats
   */
  public void update(MemorySegment raw) {
    layout.check("parameters", raw);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = get(raw, i);
    }
    derive();
  }

  private void derive() {
    constrain(Block.GLEAK);
    constrain(Block.CM);
    constrain(Block.W);
    constrain(Block.SENSORY_W);
    int g = layout.offset(Block.GLEAK);
    int vleak = layout.offset(Block.VLEAK);
    int cm = layout.offset(Block.CM);
    for (int j = 0; j < paddedUnits; j++) {
      // Behind the last neuron, harmless numbers, should a kernel read them.
      boolean real = j < layout.units();
      double conductance = real ? effective[g + j] : 1;
      double potential = real ? parameters[vleak + j] : 0;
      setNeuron(Field.CAPACITANCE, j, real ? effective[cm + j] : 1);
      setNeuron(Field.LEAK, j, conductance + epsilon);
      setNeuron(Field.CURRENT, j, conductance * potential);
      setNeuron(Field.LEAK_POTENTIAL, j, potential);
    }
    deriveSynapses(layout.recurrent(), Block.SIGMA, false, recurrent);
    deriveSynapses(layout.sensory(), Block.SENSORY_SIGMA, true, sensory);
    for (int i = 0; i < layout.outputSize(); i++) {
      set(outputMap, i, rounded(mapped(Block.OUTPUT_W, i, 1)));
      set(outputMap, (long) layout.outputSize() + i, rounded(mapped(Block.OUTPUT_B, i, 0)));
    }
  }

  private void constrain(Block block) {
    int end = layout.offset(block) + layout.length(block);
    for (int i = layout.offset(block); i < end; i++) {
      effective[i] = layout.constrained(parameters[i]);
      slope[i] = layout.constrainedSlope(parameters[i]);
    }
  }

  private void deriveSynapses(Table table, Block block, boolean mapped, MemorySegment to) {
    int sigma = layout.offset(block);
    int mu = sigma + PanelLayout.roundUp(table.count());
    int w = mu + PanelLayout.roundUp(table.count());
    int e = w + PanelLayout.roundUp(table.count());
    for (int i = 0; i < table.count(); i++) {
      double scale = mapped ? mapped(Block.INPUT_W, table.source(i), 1) : 1;
      double shift = mapped ? mapped(Block.INPUT_B, table.source(i), 0) : 0;
      long at = (long) i * FIELDS;
      set(to, at, rounded(-parameters[sigma + i] * scale));
      set(to, at + 1, rounded(parameters[sigma + i] * (parameters[mu + i] - shift)));
      set(to, at + 2, rounded(effective[w + i]));
      set(to, at + 3, rounded(effective[w + i] * parameters[e + i]));
      set(to, at + 4, rounded(parameters[e + i]));
    }
  }

  private double mapped(Block block, int i, double otherwise) {
    return layout.length(block) == 0 ? otherwise : parameters[layout.offset(block) + i];
  }

  private void setNeuron(Field field, int j, double value) {
    set(neurons, (long) field.ordinal() * paddedUnits + j, rounded(value));
  }

  /** As {@code Packed.finite}, but for numbers that are not finite. */
  private static float rounded(double value) {
    return PanelLayout.flush((float) value);
  }

  /** [synapses][a, b, w, w E, E], from neuron to neuron. */
  public MemorySegment recurrent() {
    return readableRecurrent;
  }

  /** [synapses][a, b, w, w E, E], from the inputs. */
  public MemorySegment sensory() {
    return readableSensory;
  }

  /** The constants of {@link Field}, each N floats padded to a multiple of 16. */
  public MemorySegment neurons() {
    return readableNeurons;
  }

  /** Output maps: O scales and then O shifts. */
  public MemorySegment outputMap() {
    return readableOutputMap;
  }

  /** N rounded up to whole blocks. */
  public int paddedUnits() {
    return paddedUnits;
  }

  /**
   * Substeps per unit of time, by which capacitances are multiplied; 1 if timespans do not count.
   */
  public float rate(float timespan) {
    LtcWeights.Integration integration = layout.integration();
    return integration.elapsedTime()
        ? integration.unfolds() / (timespan + integration.timespanOffset())
        : 1f;
  }

  /**
   * Lines of 16 floats that a step keeps: for each evaluation of the recurrent synapses the states
   * before it, the denominators and, of the explicit solvers, the slopes, N lines each; then the
   * activations of the sensory synapses, and those of the recurrent ones of each evaluation.
   */
  public long stepLines() {
    boolean slopes = layout.integration().solver() != LtcSolver.SEMI_IMPLICIT;
    return layout.evaluations() * (layout.units() * (slopes ? 3L : 2L) + layout.recurrent().count())
        + layout.sensory().count();
  }

  /** Lines of 16 floats at the begin of what is kept that are a kernel's own during a call. */
  public long scratchLines() {
    return (long) SCRATCH_ARRAYS * layout.units() + 2L * layout.inputSize() + SCRATCH_LINES;
  }

  /**
   * Floats that {@link LtcGradientKernels#forward} keeps for the way back: 16 for each of {@link
   * #scratchLines}, of {@link #stepLines} for every step, and of the N last states.
   */
  public long keptFloats(int steps) {
    return SAMPLES * (scratchLines() + steps * stepLines() + layout.units());
  }

  /**
   * Sums that {@link LtcGradientKernels#backward} adds to, of 16 samples each: {@link
   * #SYNAPSE_SUMS} for each recurrent synapse and then for each sensory one, {@link #NEURON_SUMS}
   * for each neuron, {@link #OUTPUT_SUMS} for each output.
   */
  public int sums() {
    return SYNAPSE_SUMS * (layout.recurrent().count() + layout.sensory().count())
        + NEURON_SUMS * layout.units()
        + OUTPUT_SUMS * layout.outputSize();
  }

  /** Floats of the sums' memory, 16 for each. */
  public long sumFloats() {
    return (long) sums() * SAMPLES;
  }

  /**
   * Turns a leaf's sums into gradients of the raw parameters: adds the 16 samples by adjacent
   * pairs, ((0 + 1) + (2 + 3)) + …, in float32, and multiplies by what the kernels left out, in
   * double precision, rounded once; those of the input maps are sums over the synapses of an input,
   * rounded at each. The parameters are those of the last {@link #update}.
   *
   * @param sums {@link #sumFloats} floats
   * @param gradients {@link LtcParameterLayout#floats} floats, which are replaced; the padding
   *     becomes 0
   */
  public void gradients(MemorySegment sums, MemorySegment gradients) {
    MemoryChecks.check("sums", sums, sumFloats(), Float.BYTES);
    MemoryChecks.checkWritable("gradients", gradients, layout.floats(), Float.BYTES);
    MemoryChecks.checkDisjoint("sums", sums, "gradients", gradients);
    for (int i = 0; i < layout.floats(); i++) {
      set(gradients, i, 0);
    }
    long at = synapses(layout.recurrent(), Block.SIGMA, false, sums, 0, gradients);
    at = synapses(layout.sensory(), Block.SENSORY_SIGMA, true, sums, at, gradients);
    for (int j = 0; j < layout.units(); j++, at += NEURON_SUMS) {
      int g = layout.offset(Block.GLEAK) + j;
      int c = layout.offset(Block.CM) + j;
      set(gradients, g, (float) (folded(sums, at) * slope[g]));
      set(gradients, layout.offset(Block.VLEAK) + j, (float) (folded(sums, at + 1) * effective[g]));
      set(gradients, c, (float) (folded(sums, at + 2) * slope[c]));
    }
    for (int i = 0; i < layout.outputSize(); i++, at += OUTPUT_SUMS) {
      if (layout.length(Block.OUTPUT_W) > 0) {
        set(gradients, layout.offset(Block.OUTPUT_W) + i, folded(sums, at));
      }
      if (layout.length(Block.OUTPUT_B) > 0) {
        set(gradients, layout.offset(Block.OUTPUT_B) + i, folded(sums, at + 1));
      }
    }
  }

  private long synapses(
      Table table,
      Block block,
      boolean mapped,
      MemorySegment sums,
      long at,
      MemorySegment gradients) {
    int sigma = layout.offset(block);
    int mu = sigma + PanelLayout.roundUp(table.count());
    int w = mu + PanelLayout.roundUp(table.count());
    int e = w + PanelLayout.roundUp(table.count());
    boolean scaled = mapped && layout.length(Block.INPUT_W) > 0;
    boolean shifted = mapped && layout.length(Block.INPUT_B) > 0;
    int scales = layout.offset(Block.INPUT_W);
    int shifts = layout.offset(Block.INPUT_B);
    for (int i = 0; i < table.count(); i++, at += SYNAPSE_SUMS) {
      double a = folded(sums, at + 2);
      double b = folded(sums, at + 3);
      int source = table.source(i);
      double scale = mapped ? mapped(Block.INPUT_W, source, 1) : 1;
      double shift = mapped ? mapped(Block.INPUT_B, source, 0) : 0;
      // a = -σ scale, b = σ (μ - shift)
      double steepness = parameters[sigma + i];
      set(gradients, sigma + i, (float) (b * (parameters[mu + i] - shift) - a * scale));
      set(gradients, mu + i, (float) (b * steepness));
      set(gradients, w + i, (float) (folded(sums, at) * slope[w + i]));
      set(gradients, e + i, (float) (folded(sums, at + 1) * effective[w + i]));
      if (scaled) {
        int to = scales + source;
        set(gradients, to, (float) (get(gradients, to) - a * steepness));
      }
      if (shifted) {
        int to = shifts + source;
        set(gradients, to, (float) (get(gradients, to) - b * steepness));
      }
    }
    return at;
  }

  /** ((0 + 1) + (2 + 3)) + … of a sum's 16 samples. */
  private static float folded(MemorySegment sums, long sum) {
    long i = sum * SAMPLES;
    return (quarter(sums, i) + quarter(sums, i + 4))
        + (quarter(sums, i + 8) + quarter(sums, i + 12));
  }

  private static float quarter(MemorySegment sums, long i) {
    return (get(sums, i) + get(sums, i + 1)) + (get(sums, i + 2) + get(sums, i + 3));
  }
}
