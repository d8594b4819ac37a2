package io.github.elegans.kernels.ltc;

import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.ltc.LtcParameterLayout.Table;
import io.github.elegans.kernels.ltc.LtcTrainingWeights.Field;
import io.github.elegans.kernels.math.ScalarFloats;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Liquid time-constant cells in training, by definition: one sample after another. */
final class ScalarLtcGradients implements LtcGradientKernels {
  private static final int SAMPLES = LtcTrainingWeights.SAMPLES;
  private static final int FIELDS = LtcTrainingWeights.FIELDS;
  private static final float SUBSTEP = ScalarLtc.SUBSTEP;
  private static final float HALF_SUBSTEP = ScalarLtc.HALF_SUBSTEP;
  private static final float SIXTH_OF_SUBSTEP = ScalarLtc.SIXTH_OF_SUBSTEP;

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
    for (int lane = 0; lane < SAMPLES; lane++) {
      Sample sample = new Sample(weights, lane, lane < rows, x, timespans, mask, kept);
      sample.forward(steps, v, out);
    }
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
    for (int lane = 0; lane < SAMPLES; lane++) {
      Sample sample = new Sample(weights, lane, lane < rows, x, timespans, mask, kept);
      sample.backward(steps, outGradients, stateGradients, sums, inputGradients, timespanGradients);
    }
  }

  /** One of the 16. Places in memory are lines of 16 floats. */
  private static final class Sample {
    private final LtcTrainingWeights weights;
    private final int lane;
    private final boolean there;
    private final MemorySegment x;
    private final @Nullable MemorySegment timespans;
    private final @Nullable MemorySegment mask;
    private final MemorySegment kept;
    private final LtcSolver solver;
    private final int inputs;
    private final int units;
    private final int outputs;
    private final int evaluations;
    private final Table sensory;
    private final Table recurrent;

    // In the scratch memory; the way forward needs the first two for other sums.
    private final long stepN;
    private final long stepNv;
    private final long stepC;
    private final long n;
    private final long nv;
    private final long gradient;
    private final long next;
    private final long total;
    private final long num;
    private final long input;
    private final long inputGradient;

    // Of a step.
    private boolean present;
    private boolean moves;
    private float rate;
    private long states;
    private long denominators;
    private long slopes;
    private long activations;

    Sample(
        LtcTrainingWeights weights,
        int lane,
        boolean there,
        MemorySegment x,
        @Nullable MemorySegment timespans,
        @Nullable MemorySegment mask,
        MemorySegment kept) {
      this.weights = weights;
      this.lane = lane;
      this.there = there;
      this.x = x;
      this.timespans = timespans;
      this.mask = mask;
      this.kept = kept;
      LtcParameterLayout layout = weights.layout();
      solver = layout.integration().solver();
      inputs = layout.inputSize();
      units = layout.units();
      outputs = layout.outputSize();
      evaluations = layout.evaluations();
      sensory = layout.sensory();
      recurrent = layout.recurrent();
      stepN = 0;
      stepNv = units;
      stepC = 2L * units;
      n = 3L * units;
      nv = 4L * units;
      gradient = 5L * units;
      next = 6L * units;
      total = 7L * units;
      num = 8L * units;
      input = 9L * units;
      inputGradient = input + inputs;
    }

    private float at(MemorySegment memory, long line) {
      return get(memory, line * SAMPLES + lane);
    }

    private void put(MemorySegment memory, long line, float value) {
      set(memory, line * SAMPLES + lane, value);
    }

    private float neuron(Field field, int j) {
      return get(weights.neurons(), (long) field.ordinal() * weights.paddedUnits() + j);
    }

    private float capacitance(int j) {
      return neuron(Field.CAPACITANCE, j) * rate;
    }

    /** Where a step's numbers are kept, and whether the sample rests in it. */
    private void step(int step) {
      present =
          there
              && (mask == null
                  || mask.get(JAVA_INT_UNALIGNED, 4L * ((long) step * SAMPLES + lane)) != 0);
      rate = present && timespans != null ? weights.rate(at(timespans, step)) : 1;
      moves = present && !(rate > LtcWeights.MOST_RATE);
      if (!moves) {
        rate = 1;
      }
      states = weights.scratchLines() + step * weights.stepLines();
      denominators = states + (long) evaluations * units;
      slopes = denominators + (long) evaluations * units;
      activations =
          solver == LtcSolver.SEMI_IMPLICIT ? slopes : slopes + (long) evaluations * units;
      for (int i = 0; i < inputs; i++) {
        put(kept, input + i, moves ? at(x, (long) step * inputs + i) : 0);
      }
    }

    /** The states before an evaluation; of the number of evaluations, those after the step. */
    private long state(int evaluation) {
      return evaluation < evaluations
          ? states + (long) evaluation * units
          : states + weights.stepLines();
    }

    private long activation(int evaluation) {
      return activations + sensory.count() + (long) evaluation * recurrent.count();
    }

    void forward(int steps, MemorySegment v, MemorySegment out) {
      for (int j = 0; j < units; j++) {
        put(kept, weights.scratchLines() + j, there ? at(v, j) : 0);
      }
      for (int step = 0; step < steps; step++) {
        step(step);
        long inputDen = stepN;
        long inputNum = stepNv;
        for (int j = 0; j < units; j++) {
          put(kept, inputDen + j, neuron(Field.LEAK, j));
          put(kept, inputNum + j, neuron(Field.CURRENT, j));
        }
        accumulate(sensory, weights.sensory(), input, activations, inputDen, inputNum);
        for (int evaluation = 0; evaluation < evaluations; evaluation++) {
          evaluate(evaluation, inputDen, inputNum);
        }
        for (int i = 0; i < outputs; i++) {
          float scale = get(weights.outputMap(), i);
          float shift = get(weights.outputMap(), (long) outputs + i);
          float motor = at(kept, state(evaluations) + i);
          put(out, (long) step * outputs + i, Math.fma(scale, motor, shift));
        }
      }
      long last = weights.scratchLines() + steps * weights.stepLines();
      for (int j = 0; j < units; j++) {
        put(v, j, at(kept, last + j));
      }
    }

    /** Adds all targets' synapses to their sums. */
    private void accumulate(
        Table table, MemorySegment fields, long source, long to, long den, long numerators) {
      for (int i = 0; i < table.count(); i++) {
        int j = table.target(i);
        long at = (long) i * FIELDS;
        float v = at(kept, source + table.source(i));
        float s = ScalarFloats.logistic(Math.fma(get(fields, at), v, get(fields, at + 1)));
        put(kept, to + i, s);
        put(kept, den + j, Math.fma(get(fields, at + 2), s, at(kept, den + j)));
        put(kept, numerators + j, Math.fma(get(fields, at + 3), s, at(kept, numerators + j)));
      }
    }

    private void evaluate(int evaluation, long inputDen, long inputNum) {
      boolean implicit = solver == LtcSolver.SEMI_IMPLICIT;
      long from = state(evaluation);
      long den = denominators + (long) evaluation * units;
      for (int j = 0; j < units; j++) {
        float c = capacitance(j);
        float d = at(kept, inputDen + j);
        float current = at(kept, inputNum + j);
        put(kept, den + j, implicit ? c + d : d);
        put(kept, num + j, implicit ? Math.fma(c, at(kept, from + j), current) : current);
      }
      accumulate(recurrent, weights.recurrent(), from, activation(evaluation), den, num);
      for (int j = 0; j < units; j++) {
        float v = at(kept, from + j);
        float d = at(kept, den + j);
        if (!implicit) {
          float slope = Math.fma(-v, d, at(kept, num + j)) / capacitance(j);
          put(kept, slopes + (long) evaluation * units + j, slope);
        }
        float after =
            switch (solver) {
              case SEMI_IMPLICIT -> at(kept, num + j) / d;
              case EXPLICIT -> Math.fma(SUBSTEP, slope(evaluation, j), v);
              case RUNGE_KUTTA -> stage(evaluation, j);
            };
        if (evaluation == evaluations - 1) {
          after = PanelLayout.flush(after);
        }
        put(kept, state(evaluation + 1) + j, moves ? after : v);
      }
    }

    private float slope(int evaluation, int j) {
      return at(kept, slopes + (long) evaluation * units + j);
    }

    /** Where the next slope is taken, or the state after the substep. */
    private float stage(int evaluation, int j) {
      int first = evaluation & -4;
      float begin = at(kept, state(first) + j);
      if (evaluation - first < 3) {
        float h = evaluation - first < 2 ? HALF_SUBSTEP : SUBSTEP;
        return Math.fma(h, slope(evaluation, j), begin);
      }
      float sum = Math.fma(2f, slope(first + 1, j), slope(first, j));
      sum = Math.fma(2f, slope(first + 2, j), sum) + slope(first + 3, j);
      return Math.fma(SIXTH_OF_SUBSTEP, sum, begin);
    }

    void backward(
        int steps,
        @Nullable MemorySegment outGradients,
        MemorySegment stateGradients,
        MemorySegment sums,
        @Nullable MemorySegment inputGradients,
        @Nullable MemorySegment timespanGradients) {
      long sensorySums = (long) LtcTrainingWeights.SYNAPSE_SUMS * recurrent.count();
      long neuronSums = sensorySums + (long) LtcTrainingWeights.SYNAPSE_SUMS * sensory.count();
      long outputSums = neuronSums + (long) LtcTrainingWeights.NEURON_SUMS * units;
      for (int j = 0; j < units && !there; j++) {
        put(stateGradients, j, 0);
      }
      for (int step = steps - 1; step >= 0; step--) {
        step(step);
        if (outGradients != null && present) {
          for (int i = 0; i < outputs; i++) {
            float dy = at(outGradients, (long) step * outputs + i);
            long sum = outputSums + (long) LtcTrainingWeights.OUTPUT_SUMS * i;
            put(sums, sum, Math.fma(dy, at(kept, state(evaluations) + i), at(sums, sum)));
            put(sums, sum + 1, at(sums, sum + 1) + dy);
            float scale = get(weights.outputMap(), i);
            put(stateGradients, i, Math.fma(dy, scale, at(stateGradients, i)));
          }
        }
        for (int j = 0; j < units; j++) {
          put(kept, gradient + j, at(stateGradients, j));
          put(kept, stepN + j, 0);
          put(kept, stepNv + j, 0);
          put(kept, stepC + j, 0);
        }
        for (int evaluation = evaluations - 1; evaluation >= 0; evaluation--) {
          switch (solver) {
            case SEMI_IMPLICIT -> semiImplicit(evaluation, sums, neuronSums);
            case EXPLICIT -> explicit(evaluation, sums, neuronSums);
            case RUNGE_KUTTA -> rungeKutta(evaluation, sums, neuronSums);
          }
        }
        for (int i = 0; i < inputs; i++) {
          put(kept, inputGradient + i, 0);
        }
        synapses(
            sensory,
            weights.sensory(),
            input,
            activations,
            stepN,
            stepNv,
            sums,
            sensorySums,
            inputGradient);
        for (int i = 0; i < inputs && inputGradients != null; i++) {
          put(inputGradients, (long) step * inputs + i, moves ? at(kept, inputGradient + i) : 0);
        }
        float ofRate = 0;
        for (int j = 0; j < units; j++) {
          long sum = neuronSums + (long) LtcTrainingWeights.NEURON_SUMS * j;
          float c = at(kept, stepC + j);
          put(sums, sum + 1, at(sums, sum + 1) + at(kept, stepN + j));
          put(sums, sum + 2, Math.fma(c, rate, at(sums, sum + 2)));
          ofRate = Math.fma(c, capacitance(j), ofRate);
          if (moves) {
            put(stateGradients, j, PanelLayout.flush(at(kept, gradient + j)));
          }
        }
        if (timespanGradients != null) {
          boolean counts = weights.layout().integration().elapsedTime();
          float elapsed =
              counts && moves && timespans != null
                  ? at(timespans, step) + weights.layout().integration().timespanOffset()
                  : 1;
          put(timespanGradients, step, counts && moves ? -(ofRate / elapsed) : 0);
        }
      }
    }

    private void semiImplicit(int evaluation, MemorySegment sums, long neuronSums) {
      long before = state(evaluation);
      long after = state(evaluation + 1);
      for (int j = 0; j < units; j++) {
        float d = at(kept, denominators + (long) evaluation * units + j);
        float share = moves ? at(kept, gradient + j) / d : 0;
        float v = at(kept, after + j);
        neuron(j, share, v, share, at(kept, before + j) - v, sums, neuronSums);
        put(kept, gradient + j, share * capacitance(j));
      }
      recurrent(evaluation, sums, gradient);
    }

    private void explicit(int evaluation, MemorySegment sums, long neuronSums) {
      for (int j = 0; j < units; j++) {
        put(kept, n + j, SUBSTEP * at(kept, gradient + j));
      }
      slope(evaluation, sums, neuronSums);
      for (int j = 0; j < units; j++) {
        put(kept, gradient + j, at(kept, gradient + j) + at(kept, next + j));
      }
    }

    private void rungeKutta(int evaluation, MemorySegment sums, long neuronSums) {
      int stage = evaluation & 3;
      if (stage == 3) {
        for (int j = 0; j < units; j++) {
          put(kept, total + j, at(kept, gradient + j));
          put(kept, n + j, SIXTH_OF_SUBSTEP * at(kept, gradient + j));
        }
      }
      slope(evaluation, sums, neuronSums);
      for (int j = 0; j < units; j++) {
        float v = at(kept, next + j);
        put(kept, total + j, at(kept, total + j) + v);
        float sixth = SIXTH_OF_SUBSTEP * at(kept, gradient + j);
        switch (stage) {
          case 0 -> put(kept, gradient + j, at(kept, total + j));
          case 1 -> put(kept, n + j, Math.fma(HALF_SUBSTEP, v, sixth));
          case 2 -> put(kept, n + j, Math.fma(HALF_SUBSTEP, v, 2 * sixth));
          default -> put(kept, n + j, Math.fma(SUBSTEP, v, 2 * sixth));
        }
      }
    }

    /** The way back through a slope, from its gradient in n to that of its state, in next. */
    private void slope(int evaluation, MemorySegment sums, long neuronSums) {
      for (int j = 0; j < units; j++) {
        float share = moves ? at(kept, n + j) / capacitance(j) : 0;
        float d = at(kept, denominators + (long) evaluation * units + j);
        float v = at(kept, state(evaluation) + j);
        neuron(j, share, v, -share, slope(evaluation, j), sums, neuronSums);
        put(kept, next + j, -(share * d));
      }
      recurrent(evaluation, sums, next);
    }

    /** What a neuron's share of an evaluation adds to its sums; c is added to as a product. */
    private void neuron(
        int j, float share, float v, float c, float times, MemorySegment sums, long neuronSums) {
      put(kept, n + j, share);
      put(kept, nv + j, share * v);
      put(kept, stepN + j, at(kept, stepN + j) + share);
      put(kept, stepNv + j, Math.fma(share, v, at(kept, stepNv + j)));
      put(kept, stepC + j, Math.fma(c, times, at(kept, stepC + j)));
      long sum = neuronSums + (long) LtcTrainingWeights.NEURON_SUMS * j;
      float distance = neuron(Field.LEAK_POTENTIAL, j) - v;
      put(sums, sum, Math.fma(share, distance, at(sums, sum)));
    }

    private void recurrent(int evaluation, MemorySegment sums, long to) {
      synapses(
          recurrent,
          weights.recurrent(),
          state(evaluation),
          activation(evaluation),
          n,
          nv,
          sums,
          0,
          to);
    }

    /** The way back through synapses: to their sums and their sources' gradients. */
    private void synapses(
        Table table,
        MemorySegment fields,
        long source,
        long activation,
        long shares,
        long sharesTimesV,
        MemorySegment sums,
        long firstSum,
        long to) {
      for (int i = 0; i < table.count(); i++) {
        long at = (long) i * FIELDS;
        int from = table.source(i);
        float share = at(kept, shares + table.target(i));
        float shareV = at(kept, sharesTimesV + table.target(i));
        float s = at(kept, activation + i);
        float r = Math.fma(share, get(fields, at + 4), -shareV);
        float y = get(fields, at + 2) * r * Math.fma(-s, s, s);
        long sum = firstSum + (long) LtcTrainingWeights.SYNAPSE_SUMS * i;
        put(sums, sum, Math.fma(r, s, at(sums, sum)));
        put(sums, sum + 1, Math.fma(share, s, at(sums, sum + 1)));
        put(sums, sum + 2, Math.fma(-y, at(kept, source + from), at(sums, sum + 2)));
        put(sums, sum + 3, at(sums, sum + 3) - y);
        put(kept, to + from, Math.fma(-y, get(fields, at), at(kept, to + from)));
      }
    }
  }
}
