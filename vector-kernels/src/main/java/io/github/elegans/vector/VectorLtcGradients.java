package io.github.elegans.vector;

import static io.github.elegans.vector.VectorFloats.EXP_0;
import static io.github.elegans.vector.VectorFloats.EXP_1;
import static io.github.elegans.vector.VectorFloats.EXP_2;
import static io.github.elegans.vector.VectorFloats.EXP_3;
import static io.github.elegans.vector.VectorFloats.EXP_4;
import static io.github.elegans.vector.VectorFloats.LOG2_E;
import static io.github.elegans.vector.VectorFloats.MINUS_LN2_HIGH;
import static io.github.elegans.vector.VectorFloats.MINUS_LN2_LOW;
import static io.github.elegans.vector.VectorFloats.SHIFTER;
import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.VECTOR;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.ltc.LtcGradientKernels;
import io.github.elegans.kernels.ltc.LtcParameterLayout;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.ltc.LtcTrainingWeights;
import io.github.elegans.kernels.ltc.LtcTrainingWeights.Field;
import io.github.elegans.kernels.ltc.LtcWeights;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * Liquid time-constant cells in training, with lanes over the samples of a leaf. Vectors of fewer
 * than 16 lanes take one part of the samples after another. All places are addresses, and all
 * numbers lie in lines of 16, of which a vector takes a part.
 */
final class VectorLtcGradients implements LtcGradientKernels {
  private static final int SAMPLES = LtcTrainingWeights.SAMPLES;
  private static final int LINE = SAMPLES * Float.BYTES;
  private static final int SYNAPSE_BYTES = LtcTrainingWeights.FIELDS * Float.BYTES;
  private static final int SYNAPSE_SUMS = LtcTrainingWeights.SYNAPSE_SUMS * LINE;
  private static final int NEURON_SUMS = LtcTrainingWeights.NEURON_SUMS * LINE;
  private static final int OUTPUT_SUMS = LtcTrainingWeights.OUTPUT_SUMS * LINE;

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static final FloatVector ZERO = constant(0);
  private static final FloatVector ONE = constant(1);
  private static final FloatVector TWO = constant(2);
  private static final FloatVector FLUSH = constant(PanelLayout.FLUSH);
  private static final FloatVector LEAST = constant(-87);
  private static final FloatVector MOST = constant(87);
  private static final FloatVector SUBSTEP = constant(0.1f);
  private static final FloatVector HALF_SUBSTEP = constant(0.05f);
  private static final FloatVector SIXTH_OF_SUBSTEP = constant(0.1f / 6);

  @Override
  public void forward(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment v,
      MemorySegment out,
      MemorySegment kept) {
    Leaf leaf = take();
    for (int lane = 0; lane < SAMPLES; lane += LANES) {
      leaf.of(weights, lane, rows, x, timespans, mask, kept)
          .forward(steps, address(v, lane), address(out, lane));
    }
    giveBack(leaf);
  }

  @Override
  public void backward(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment kept,
      @Nullable MemorySegment outGradients,
      MemorySegment stateGradients,
      MemorySegment sums,
      @Nullable MemorySegment inputGradients,
      @Nullable MemorySegment timespanGradients) {
    Leaf leaf = take();
    for (int lane = 0; lane < SAMPLES; lane += LANES) {
      leaf.of(weights, lane, rows, x, timespans, mask, kept)
          .backward(
              steps,
              address(outGradients, lane),
              address(stateGradients, lane),
              address(sums, lane),
              address(inputGradients, lane),
              address(timespanGradients, lane));
    }
    giveBack(leaf);
  }

  /** Of calls that have ended, so that a call makes no garbage. */
  private final AtomicReferenceArray<@Nullable Leaf> leaves = new AtomicReferenceArray<>(64);

  private static int slot() {
    return (int) Thread.currentThread().threadId() & 63;
  }

  private Leaf take() {
    Leaf leaf = leaves.getAndSet(slot(), null);
    return leaf == null ? new Leaf() : leaf;
  }

  private void giveBack(Leaf leaf) {
    leaves.set(slot(), leaf);
  }

  /** 0 is nothing. */
  private static long address(@Nullable MemorySegment segment, int lane) {
    return segment == null ? 0 : segment.address() + 4L * lane;
  }

  /** As many of the samples as there are lanes. */
  private static final class Leaf {
    private int lane;
    private int rows;
    private LtcSolver solver = LtcSolver.SEMI_IMPLICIT;
    private int unfolds;
    private long recurrentStarts;
    private long recurrentSources;
    private long recurrent;
    private long sensoryStarts;
    private long sensorySources;
    private long sensory;
    private long outputMap;
    private int inputs;
    private int units;
    private int outputs;
    private int evaluations;
    private int recurrentCount;
    private int sensoryCount;
    private boolean elapsedTime;
    private float timespanOffset;
    private long x;
    private long timespans;
    private long mask;
    private long capacitance;
    private long leak;
    private long current;
    private long leakPotential;
    private long stepBytes;
    private long array;

    // Scratch memory: lines of neurons, of inputs, and single ones.
    private long stepN;
    private long stepNv;
    private long stepC;
    private long n;
    private long nv;
    private long gradient;
    private long next;
    private long total;
    private long num;
    private long input;
    private long inputGradient;
    private long present;
    private long moves;
    private long rate;
    private long first;

    // Of a step.
    private long states;
    private long denominators;
    private long slopes;
    private long activations;

    Leaf of(
        LtcTrainingWeights weights,
        int lane,
        int rows,
        MemorySegment x,
        @Nullable MemorySegment timespans,
        @Nullable MemorySegment mask,
        MemorySegment kept) {
      this.lane = lane;
      this.rows = rows;
      LtcParameterLayout layout = weights.layout();
      solver = layout.integration().solver();
      inputs = layout.inputSize();
      units = layout.units();
      outputs = layout.outputSize();
      evaluations = layout.evaluations();
      unfolds = layout.integration().unfolds();
      recurrentStarts = layout.recurrent().starts().address();
      recurrentSources = layout.recurrent().sources().address();
      recurrent = weights.recurrent().address();
      sensoryStarts = layout.sensory().starts().address();
      sensorySources = layout.sensory().sources().address();
      sensory = weights.sensory().address();
      outputMap = weights.outputMap().address();
      recurrentCount = layout.recurrent().count();
      sensoryCount = layout.sensory().count();
      elapsedTime = layout.integration().elapsedTime();
      timespanOffset = layout.integration().timespanOffset();
      this.x = address(x, lane);
      this.timespans = elapsedTime ? address(timespans, lane) : 0;
      this.mask = address(mask, lane);
      long neurons = weights.neurons().address();
      long padded = 4L * weights.paddedUnits();
      capacitance = neurons + Field.CAPACITANCE.ordinal() * padded;
      leak = neurons + Field.LEAK.ordinal() * padded;
      current = neurons + Field.CURRENT.ordinal() * padded;
      leakPotential = neurons + Field.LEAK_POTENTIAL.ordinal() * padded;
      stepBytes = weights.stepLines() * LINE;
      array = (long) units * LINE;
      stepN = address(kept, lane);
      stepNv = stepN + array;
      stepC = stepNv + array;
      n = stepC + array;
      nv = n + array;
      gradient = nv + array;
      next = gradient + array;
      total = next + array;
      num = total + array;
      input = num + array;
      inputGradient = input + (long) inputs * LINE;
      present = inputGradient + (long) inputs * LINE;
      moves = present + LINE;
      rate = moves + LINE;
      first = stepN + weights.scratchLines() * LINE;
      return this;
    }

    /** Where a step's numbers are kept, which samples rest in it, and the others' inputs. */
    private void begin(int step) {
      for (int i = 0; i < LANES; i++) {
        long at = (long) step * LINE + 4L * i;
        boolean there =
            lane + i < rows && (mask == 0 || ALL.get(JAVA_INT_UNALIGNED, mask + at) != 0);
        float r =
            there && elapsedTime ? unfolds / (Vectors.get(timespans + at) + timespanOffset) : 1;
        boolean moving = there && !(r > LtcWeights.MOST_RATE);
        Vectors.set(present + 4L * i, there ? 1f : 0f);
        Vectors.set(moves + 4L * i, moving ? 1f : 0f);
        Vectors.set(rate + 4L * i, moving ? r : 1f);
      }
      states = first + step * stepBytes;
      denominators = states + evaluations * array;
      slopes = denominators + evaluations * array;
      activations = solver == LtcSolver.SEMI_IMPLICIT ? slopes : slopes + evaluations * array;
      chosen(moves, x + (long) step * inputs * LINE, input, inputs);
    }

    private void there() {
      for (int i = 0; i < LANES; i++) {
        Vectors.set(present + 4L * i, lane + i < rows ? 1f : 0f);
      }
    }

    /** The states before an evaluation; of the number of evaluations, those after the step. */
    private long state(int evaluation) {
      return states + (evaluation < evaluations ? evaluation * array : stepBytes);
    }

    private long activation(int evaluation) {
      return activations + (sensoryCount + (long) evaluation * recurrentCount) * LINE;
    }

    void forward(int steps, long v, long out) {
      there();
      chosen(present, v, first, units);
      for (int step = 0; step < steps; step++) {
        begin(step);
        broadcasts(leak, stepN, units);
        broadcasts(current, stepNv, units);
        accumulate(
            input, sensoryStarts, sensorySources, sensory, units, activations, stepN, stepNv);
        for (int evaluation = 0; evaluation < evaluations; evaluation++) {
          evaluate(evaluation);
        }
        emit(outputMap, state(evaluations), out + (long) step * outputs * LINE, outputs);
      }
      copy(first + steps * stepBytes, v, units);
    }

    private void evaluate(int evaluation) {
      long from = state(evaluation);
      long to = state(evaluation + 1);
      long den = denominators + evaluation * array;
      if (solver == LtcSolver.SEMI_IMPLICIT) {
        beginSubstep(capacitance, rate, from, stepN, stepNv, den, num, units);
      } else {
        copy(stepN, den, units);
        copy(stepNv, num, units);
      }
      accumulate(
          from,
          recurrentStarts,
          recurrentSources,
          recurrent,
          units,
          activation(evaluation),
          den,
          num);
      boolean last = evaluation == evaluations - 1;
      if (solver == LtcSolver.SEMI_IMPLICIT) {
        quotient(num, den, from, to, moves, last, units);
        return;
      }
      long slope = slopes + evaluation * array;
      flow(num, den, from, capacitance, rate, slope, units);
      if (solver == LtcSolver.EXPLICIT) {
        multiplyAdd(SUBSTEP, slope, from, to, units);
      } else {
        long begin = state(evaluation & -4);
        switch (evaluation & 3) {
          case 0, 1 -> multiplyAdd(HALF_SUBSTEP, slope, begin, to, units);
          case 2 -> multiplyAdd(SUBSTEP, slope, begin, to, units);
          default -> {
            // In the order of the definition: k + 2 k + 2 k + k.
            multiplyAdd(TWO, slope - 2 * array, slope - 3 * array, num, units);
            multiplyAdd(TWO, slope - array, num, num, units);
            multiplyAdd(ONE, slope, num, num, units);
            multiplyAdd(SIXTH_OF_SUBSTEP, num, begin, to, units);
          }
        }
      }
      hold(to, from, moves, last, units);
    }

    void backward(
        int steps,
        long outGradients,
        long stateGradients,
        long sums,
        long inputGradients,
        long timespanGradients) {
      long sensorySums = sums + (long) recurrentCount * SYNAPSE_SUMS;
      long neuronSums = sensorySums + (long) sensoryCount * SYNAPSE_SUMS;
      long outputSums = neuronSums + (long) units * NEURON_SUMS;
      there();
      chosen(present, stateGradients, stateGradients, units);
      for (int step = steps - 1; step >= 0; step--) {
        begin(step);
        if (outGradients != 0) {
          outputs(
              outGradients + (long) step * outputs * LINE,
              state(evaluations),
              outputMap,
              present,
              outputSums,
              stateGradients,
              outputs);
        }
        copy(stateGradients, gradient, units);
        clear(stepN, 3 * units);
        clear(inputGradient, inputs);
        for (int evaluation = evaluations - 1; evaluation >= 0; evaluation--) {
          switch (solver) {
            case SEMI_IMPLICIT -> {
              shares(
                  gradient,
                  denominators + evaluation * array,
                  state(evaluation),
                  state(evaluation + 1),
                  neuronSums);
              recurrent(evaluation, sums, gradient);
            }
            case EXPLICIT -> {
              scale(SUBSTEP, gradient, n, units);
              slope(evaluation, sums, neuronSums);
              multiplyAdd(ONE, next, gradient, gradient, units);
            }
            case RUNGE_KUTTA -> rungeKutta(evaluation, sums, neuronSums);
          }
        }
        synapses(
            input,
            sensoryStarts,
            sensorySources,
            sensory,
            units,
            activations,
            stepN,
            stepNv,
            sensorySums,
            inputGradient);
        if (inputGradients != 0) {
          chosen(moves, inputGradient, inputGradients + (long) step * inputs * LINE, inputs);
        }
        long elapsed = timespans == 0 ? rate : timespans + (long) step * LINE;
        long ofTimespan = timespanGradients == 0 ? num : timespanGradients + (long) step * LINE;
        end(
            stepN,
            stepC,
            capacitance,
            rate,
            moves,
            gradient,
            stateGradients,
            neuronSums,
            elapsed,
            timespanOffset,
            ofTimespan,
            units);
        if (timespanGradients != 0 && !elapsedTime) {
          clear(ofTimespan, 1);
        }
      }
    }

    private void shares(long of, long den, long before, long after, long neuronSums) {
      semiImplicit(of, den, before, after, capacitance, rate, moves, n, stepN, array, units);
      leaks(n, after, leakPotential, neuronSums, units);
    }

    private void rungeKutta(int evaluation, long sums, long neuronSums) {
      int stage = evaluation & 3;
      if (stage == 3) {
        copy(gradient, total, units);
        scale(SIXTH_OF_SUBSTEP, gradient, n, units);
      }
      slope(evaluation, sums, neuronSums);
      multiplyAdd(ONE, next, total, total, units);
      if (stage == 0) {
        copy(total, gradient, units);
        return;
      }
      scale(SIXTH_OF_SUBSTEP, gradient, n, units);
      if (stage > 1) {
        scale(TWO, n, n, units);
      }
      multiplyAdd(stage == 3 ? SUBSTEP : HALF_SUBSTEP, next, n, n, units);
    }

    /** The way back through a slope, from its gradient in n to that of its state, in next. */
    private void slope(int evaluation, long sums, long neuronSums) {
      explicit(
          n,
          denominators + evaluation * array,
          state(evaluation),
          slopes + evaluation * array,
          capacitance,
          rate,
          moves,
          stepN,
          next,
          array,
          units);
      leaks(n, state(evaluation), leakPotential, neuronSums, units);
      recurrent(evaluation, sums, next);
    }

    private void recurrent(int evaluation, long sums, long to) {
      synapses(
          state(evaluation),
          recurrentStarts,
          recurrentSources,
          recurrent,
          units,
          activation(evaluation),
          n,
          nv,
          sums,
          to);
    }
  }

  private static void accumulate(
      long source,
      long starts,
      long sources,
      long fields,
      int targets,
      long activations,
      long den,
      long num) {
    source &= ADDRESS;
    starts &= ADDRESS;
    sources &= ADDRESS;
    fields &= ADDRESS;
    activations &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    for (int target = 0; target < targets; target++) {
      long j = target & Integer.MAX_VALUE;
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, den + j * LINE, ORDER);
      FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, num + j * LINE, ORDER);
      int end = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j + 4);
      for (int synapse = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j); synapse < end; synapse++) {
        long i = synapse & Integer.MAX_VALUE;
        long from = ALL.get(JAVA_INT_UNALIGNED, sources + 4 * i) & Integer.MAX_VALUE;
        long at = fields + i * SYNAPSE_BYTES;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, source + from * LINE, ORDER);
        FloatVector a = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at));
        FloatVector b = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 4));
        FloatVector y = a.fma(v, b);
        y = y.blend(LEAST, y.compare(LT, LEAST));
        y = y.blend(MOST, y.compare(GT, MOST));
        FloatVector t = y.fma(LOG2_E, SHIFTER);
        FloatVector k = t.sub(SHIFTER);
        FloatVector r = k.fma(MINUS_LN2_LOW, k.fma(MINUS_LN2_HIGH, y));
        FloatVector p = EXP_4.fma(r, EXP_3).fma(r, EXP_2).fma(r, EXP_1).fma(r, EXP_0);
        IntVector e = p.fma(r, ONE).fma(r, ONE).reinterpretAsInts();
        e = e.add(t.reinterpretAsInts().lanewise(LSHL, 23));
        FloatVector s = ONE.div(ONE.add(e.reinterpretAsFloats()));
        s.intoMemorySegment(ALL, activations + i * LINE, ORDER);
        FloatVector w = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 8));
        FloatVector c = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 12));
        d = w.fma(s, d);
        n = c.fma(s, n);
      }
      VECTOR.cast(d).intoMemorySegment(ALL, den + j * LINE, ORDER);
      VECTOR.cast(n).intoMemorySegment(ALL, num + j * LINE, ORDER);
    }
  }

  /** The way back through synapses: to their sums and their sources' gradients. */
  private static void synapses(
      long source,
      long starts,
      long sources,
      long fields,
      int targets,
      long activations,
      long shares,
      long sharesTimesV,
      long sums,
      long gradient) {
    source &= ADDRESS;
    starts &= ADDRESS;
    sources &= ADDRESS;
    fields &= ADDRESS;
    activations &= ADDRESS;
    shares &= ADDRESS;
    sharesTimesV &= ADDRESS;
    sums &= ADDRESS;
    gradient &= ADDRESS;
    for (int target = 0; target < targets; target++) {
      long j = target & Integer.MAX_VALUE;
      FloatVector share = FloatVector.fromMemorySegment(FLOATS, ALL, shares + j * LINE, ORDER);
      FloatVector minusShareV =
          FloatVector.fromMemorySegment(FLOATS, ALL, sharesTimesV + j * LINE, ORDER).neg();
      int end = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j + 4);
      for (int synapse = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j); synapse < end; synapse++) {
        long i = synapse & Integer.MAX_VALUE;
        long from = ALL.get(JAVA_INT_UNALIGNED, sources + 4 * i) & Integer.MAX_VALUE;
        long at = fields + i * SYNAPSE_BYTES;
        long sum = sums + i * SYNAPSE_SUMS;
        FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, activations + i * LINE, ORDER);
        FloatVector e = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 16));
        FloatVector w = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 8));
        FloatVector a = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at));
        FloatVector r = share.fma(e, minusShareV);
        // s² - s: the negated derivative.
        FloatVector y = w.mul(r).mul(s.fma(s, s.neg()));
        r.fma(s, FloatVector.fromMemorySegment(FLOATS, ALL, sum, ORDER))
            .intoMemorySegment(ALL, sum, ORDER);
        share
            .fma(s, FloatVector.fromMemorySegment(FLOATS, ALL, sum + LINE, ORDER))
            .intoMemorySegment(ALL, sum + LINE, ORDER);
        y.fma(
                FloatVector.fromMemorySegment(FLOATS, ALL, source + from * LINE, ORDER),
                FloatVector.fromMemorySegment(FLOATS, ALL, sum + 2 * LINE, ORDER))
            .intoMemorySegment(ALL, sum + 2 * LINE, ORDER);
        FloatVector.fromMemorySegment(FLOATS, ALL, sum + 3 * LINE, ORDER)
            .add(y)
            .intoMemorySegment(ALL, sum + 3 * LINE, ORDER);
        y.fma(a, FloatVector.fromMemorySegment(FLOATS, ALL, gradient + from * LINE, ORDER))
            .intoMemorySegment(ALL, gradient + from * LINE, ORDER);
      }
    }
  }

  /** Lines of the chosen lanes, and zeros in the others. */
  private static void chosen(long lanes, long from, long to, int lines) {
    from &= ADDRESS;
    to &= ADDRESS;
    VectorMask<Float> chosen =
        FloatVector.fromMemorySegment(FLOATS, ALL, lanes & ADDRESS, ORDER).compare(GT, ZERO);
    for (int line = 0; line < lines; line++) {
      long at = (line & Integer.MAX_VALUE) * (long) LINE;
      ZERO.blend(FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER), chosen)
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void broadcasts(long from, long to, int lines) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int line = 0; line < lines; line++) {
      long j = line & Integer.MAX_VALUE;
      FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, from + 4 * j))
          .intoMemorySegment(ALL, to + j * LINE, ORDER);
    }
  }

  private static void copy(long from, long to, int lines) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int line = 0; line < lines; line++) {
      long at = (line & Integer.MAX_VALUE) * (long) LINE;
      FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER)
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  private static void clear(long to, int lines) {
    to &= ADDRESS;
    for (int line = 0; line < lines; line++) {
      ZERO.intoMemorySegment(ALL, to + (line & Integer.MAX_VALUE) * (long) LINE, ORDER);
    }
  }

  /** y = factor x */
  private static void scale(FloatVector factor, long x, long y, int lines) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int line = 0; line < lines; line++) {
      long at = (line & Integer.MAX_VALUE) * (long) LINE;
      factor
          .mul(FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER))
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y = h x + from */
  private static void multiplyAdd(FloatVector h, long x, long from, long y, int lines) {
    x &= ADDRESS;
    from &= ADDRESS;
    y &= ADDRESS;
    for (int line = 0; line < lines; line++) {
      long at = (line & Integer.MAX_VALUE) * (long) LINE;
      h.fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER))
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void beginSubstep(
      long capacitance,
      long rate,
      long v,
      long inputDen,
      long inputNum,
      long den,
      long num,
      int units) {
    capacitance &= ADDRESS;
    v &= ADDRESS;
    inputDen &= ADDRESS;
    inputNum &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    FloatVector rates = FloatVector.fromMemorySegment(FLOATS, ALL, rate & ADDRESS, ORDER);
    for (int unit = 0; unit < units; unit++) {
      long j = unit & Integer.MAX_VALUE;
      long at = j * LINE;
      FloatVector c =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, capacitance + 4 * j))
              .mul(rates);
      c.add(FloatVector.fromMemorySegment(FLOATS, ALL, inputDen + at, ORDER))
          .intoMemorySegment(ALL, den + at, ORDER);
      c.fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, v + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, ALL, inputNum + at, ORDER))
          .intoMemorySegment(ALL, num + at, ORDER);
    }
  }

  private static void quotient(
      long num, long den, long v, long to, long moves, boolean last, int units) {
    num &= ADDRESS;
    den &= ADDRESS;
    v &= ADDRESS;
    to &= ADDRESS;
    FloatVector least = last ? FLUSH : ZERO;
    VectorMask<Float> moving =
        FloatVector.fromMemorySegment(FLOATS, ALL, moves & ADDRESS, ORDER).compare(GT, ZERO);
    for (int unit = 0; unit < units; unit++) {
      long at = (unit & Integer.MAX_VALUE) * (long) LINE;
      FloatVector after =
          FloatVector.fromMemorySegment(FLOATS, ALL, num + at, ORDER)
              .div(FloatVector.fromMemorySegment(FLOATS, ALL, den + at, ORDER));
      after = after.blend(ZERO, after.abs().compare(LT, least));
      FloatVector.fromMemorySegment(FLOATS, ALL, v + at, ORDER)
          .blend(after, moving)
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** States that rest stay; at a step's end, tiny ones become 0. */
  private static void hold(long to, long v, long moves, boolean last, int units) {
    to &= ADDRESS;
    v &= ADDRESS;
    FloatVector least = last ? FLUSH : ZERO;
    VectorMask<Float> moving =
        FloatVector.fromMemorySegment(FLOATS, ALL, moves & ADDRESS, ORDER).compare(GT, ZERO);
    for (int unit = 0; unit < units; unit++) {
      long at = (unit & Integer.MAX_VALUE) * (long) LINE;
      FloatVector after = FloatVector.fromMemorySegment(FLOATS, ALL, to + at, ORDER);
      after = after.blend(ZERO, after.abs().compare(LT, least));
      FloatVector.fromMemorySegment(FLOATS, ALL, v + at, ORDER)
          .blend(after, moving)
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** slope = (num - v den) / C */
  private static void flow(
      long num, long den, long v, long capacitance, long rate, long slope, int units) {
    num &= ADDRESS;
    den &= ADDRESS;
    v &= ADDRESS;
    capacitance &= ADDRESS;
    slope &= ADDRESS;
    FloatVector rates = FloatVector.fromMemorySegment(FLOATS, ALL, rate & ADDRESS, ORDER);
    for (int unit = 0; unit < units; unit++) {
      long j = unit & Integer.MAX_VALUE;
      long at = j * LINE;
      FloatVector c =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, capacitance + 4 * j))
              .mul(rates);
      FloatVector.fromMemorySegment(FLOATS, ALL, v + at, ORDER)
          .neg()
          .fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, den + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, ALL, num + at, ORDER))
          .div(c)
          .intoMemorySegment(ALL, slope + at, ORDER);
    }
  }

  private static void emit(long map, long v, long out, int outputs) {
    map &= ADDRESS;
    v &= ADDRESS;
    out &= ADDRESS;
    for (int output = 0; output < outputs; output++) {
      long i = output & Integer.MAX_VALUE;
      FloatVector scale = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, map + 4 * i));
      float shift = Vectors.get(map + 4L * (outputs + output));
      scale
          .fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, v + i * LINE, ORDER),
              FloatVector.broadcast(FLOATS, shift))
          .intoMemorySegment(ALL, out + i * LINE, ORDER);
    }
  }

  private static void outputs(
      long upstream, long v, long map, long lanes, long sums, long gradients, int outputs) {
    upstream &= ADDRESS;
    v &= ADDRESS;
    map &= ADDRESS;
    sums &= ADDRESS;
    gradients &= ADDRESS;
    VectorMask<Float> present =
        FloatVector.fromMemorySegment(FLOATS, ALL, lanes & ADDRESS, ORDER).compare(GT, ZERO);
    for (int output = 0; output < outputs; output++) {
      long i = output & Integer.MAX_VALUE;
      long sum = sums + i * OUTPUT_SUMS;
      FloatVector dy = FloatVector.fromMemorySegment(FLOATS, ALL, upstream + i * LINE, ORDER);
      FloatVector motor = FloatVector.fromMemorySegment(FLOATS, ALL, v + i * LINE, ORDER);
      FloatVector scale = FloatVector.fromMemorySegment(FLOATS, ALL, sum, ORDER);
      FloatVector shift = FloatVector.fromMemorySegment(FLOATS, ALL, sum + LINE, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, ALL, gradients + i * LINE, ORDER);
      FloatVector w = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, map + 4 * i));
      scale.blend(dy.fma(motor, scale), present).intoMemorySegment(ALL, sum, ORDER);
      shift.blend(shift.add(dy), present).intoMemorySegment(ALL, sum + LINE, ORDER);
      g.blend(dy.fma(w, g), present).intoMemorySegment(ALL, gradients + i * LINE, ORDER);
    }
  }

  /** Shares n and n v', what they add to the step's sums, and n c in place of the gradients. */
  private static void semiImplicit(
      long gradients,
      long den,
      long before,
      long after,
      long capacitance,
      long rate,
      long moves,
      long shares,
      long stepSums,
      long array,
      int units) {
    gradients &= ADDRESS;
    den &= ADDRESS;
    before &= ADDRESS;
    after &= ADDRESS;
    capacitance &= ADDRESS;
    long sharesTimesV = shares + array & ADDRESS;
    shares &= ADDRESS;
    long stepNv = stepSums + array & ADDRESS;
    long stepC = stepSums + 2 * array & ADDRESS;
    stepSums &= ADDRESS;
    FloatVector rates = FloatVector.fromMemorySegment(FLOATS, ALL, rate & ADDRESS, ORDER);
    VectorMask<Float> moving =
        FloatVector.fromMemorySegment(FLOATS, ALL, moves & ADDRESS, ORDER).compare(GT, ZERO);
    for (int unit = 0; unit < units; unit++) {
      long j = unit & Integer.MAX_VALUE;
      long at = j * LINE;
      FloatVector quotient =
          FloatVector.fromMemorySegment(FLOATS, ALL, gradients + at, ORDER)
              .div(FloatVector.fromMemorySegment(FLOATS, ALL, den + at, ORDER));
      FloatVector share = ZERO.blend(quotient, moving);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, after + at, ORDER);
      FloatVector way = FloatVector.fromMemorySegment(FLOATS, ALL, before + at, ORDER).sub(v);
      share.intoMemorySegment(ALL, shares + at, ORDER);
      share.mul(v).intoMemorySegment(ALL, sharesTimesV + at, ORDER);
      FloatVector.fromMemorySegment(FLOATS, ALL, stepSums + at, ORDER)
          .add(share)
          .intoMemorySegment(ALL, stepSums + at, ORDER);
      share
          .fma(v, FloatVector.fromMemorySegment(FLOATS, ALL, stepNv + at, ORDER))
          .intoMemorySegment(ALL, stepNv + at, ORDER);
      share
          .fma(way, FloatVector.fromMemorySegment(FLOATS, ALL, stepC + at, ORDER))
          .intoMemorySegment(ALL, stepC + at, ORDER);
      FloatVector c =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, capacitance + 4 * j))
              .mul(rates);
      share.mul(c).intoMemorySegment(ALL, gradients + at, ORDER);
    }
  }

  /** The same of a slope, whose gradients stand where the shares go, and -n den in next. */
  private static void explicit(
      long shares,
      long den,
      long before,
      long slopes,
      long capacitance,
      long rate,
      long moves,
      long stepSums,
      long next,
      long array,
      int units) {
    den &= ADDRESS;
    before &= ADDRESS;
    slopes &= ADDRESS;
    capacitance &= ADDRESS;
    next &= ADDRESS;
    long sharesTimesV = shares + array & ADDRESS;
    shares &= ADDRESS;
    long stepNv = stepSums + array & ADDRESS;
    long stepC = stepSums + 2 * array & ADDRESS;
    stepSums &= ADDRESS;
    FloatVector rates = FloatVector.fromMemorySegment(FLOATS, ALL, rate & ADDRESS, ORDER);
    VectorMask<Float> moving =
        FloatVector.fromMemorySegment(FLOATS, ALL, moves & ADDRESS, ORDER).compare(GT, ZERO);
    for (int unit = 0; unit < units; unit++) {
      long j = unit & Integer.MAX_VALUE;
      long at = j * LINE;
      FloatVector c =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, capacitance + 4 * j))
              .mul(rates);
      FloatVector quotient = FloatVector.fromMemorySegment(FLOATS, ALL, shares + at, ORDER).div(c);
      FloatVector share = ZERO.blend(quotient, moving);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, before + at, ORDER);
      share.intoMemorySegment(ALL, shares + at, ORDER);
      share.mul(v).intoMemorySegment(ALL, sharesTimesV + at, ORDER);
      FloatVector.fromMemorySegment(FLOATS, ALL, stepSums + at, ORDER)
          .add(share)
          .intoMemorySegment(ALL, stepSums + at, ORDER);
      share
          .fma(v, FloatVector.fromMemorySegment(FLOATS, ALL, stepNv + at, ORDER))
          .intoMemorySegment(ALL, stepNv + at, ORDER);
      share
          .neg()
          .fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, slopes + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, ALL, stepC + at, ORDER))
          .intoMemorySegment(ALL, stepC + at, ORDER);
      share
          .mul(FloatVector.fromMemorySegment(FLOATS, ALL, den + at, ORDER))
          .neg()
          .intoMemorySegment(ALL, next + at, ORDER);
    }
  }

  /** The leaks' gradients. */
  private static void leaks(long shares, long states, long leakPotential, long sums, int units) {
    shares &= ADDRESS;
    states &= ADDRESS;
    leakPotential &= ADDRESS;
    sums &= ADDRESS;
    for (int unit = 0; unit < units; unit++) {
      long j = unit & Integer.MAX_VALUE;
      long at = j * LINE;
      long sum = sums + j * NEURON_SUMS;
      FloatVector distance =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, leakPotential + 4 * j))
              .sub(FloatVector.fromMemorySegment(FLOATS, ALL, states + at, ORDER));
      FloatVector.fromMemorySegment(FLOATS, ALL, shares + at, ORDER)
          .fma(distance, FloatVector.fromMemorySegment(FLOATS, ALL, sum, ORDER))
          .intoMemorySegment(ALL, sum, ORDER);
    }
  }

  /** What a step's sums lead to. */
  private static void end(
      long stepN,
      long stepC,
      long capacitance,
      long rate,
      long moves,
      long gradient,
      long stateGradients,
      long sums,
      long timespans,
      float offset,
      long timespanGradients,
      int units) {
    stepN &= ADDRESS;
    stepC &= ADDRESS;
    capacitance &= ADDRESS;
    gradient &= ADDRESS;
    stateGradients &= ADDRESS;
    sums &= ADDRESS;
    FloatVector rates = FloatVector.fromMemorySegment(FLOATS, ALL, rate & ADDRESS, ORDER);
    VectorMask<Float> moving =
        FloatVector.fromMemorySegment(FLOATS, ALL, moves & ADDRESS, ORDER).compare(GT, ZERO);
    FloatVector ofRate = FloatVector.zero(FLOATS);
    for (int unit = 0; unit < units; unit++) {
      long j = unit & Integer.MAX_VALUE;
      long at = j * LINE;
      long sum = sums + j * NEURON_SUMS;
      FloatVector c = FloatVector.fromMemorySegment(FLOATS, ALL, stepC + at, ORDER);
      FloatVector.fromMemorySegment(FLOATS, ALL, sum + LINE, ORDER)
          .add(FloatVector.fromMemorySegment(FLOATS, ALL, stepN + at, ORDER))
          .intoMemorySegment(ALL, sum + LINE, ORDER);
      c.fma(rates, FloatVector.fromMemorySegment(FLOATS, ALL, sum + 2 * LINE, ORDER))
          .intoMemorySegment(ALL, sum + 2 * LINE, ORDER);
      FloatVector scaled =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, capacitance + 4 * j))
              .mul(rates);
      ofRate = c.fma(scaled, ofRate);
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, ALL, gradient + at, ORDER);
      g = g.blend(ZERO, g.abs().compare(LT, FLUSH));
      FloatVector.fromMemorySegment(FLOATS, ALL, stateGradients + at, ORDER)
          .blend(g, moving)
          .intoMemorySegment(ALL, stateGradients + at, ORDER);
    }
    FloatVector elapsed =
        FloatVector.fromMemorySegment(FLOATS, ALL, timespans & ADDRESS, ORDER).add(offset);
    FloatVector ofTimespan = ZERO.blend(VECTOR.cast(ofRate).div(elapsed).neg(), moving);
    ofTimespan.intoMemorySegment(ALL, timespanGradients & ADDRESS, ORDER);
  }
}
