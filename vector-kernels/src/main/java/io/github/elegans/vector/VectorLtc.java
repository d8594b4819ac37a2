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
import static io.github.elegans.vector.Vectors.BYTES;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.INTS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.VECTOR;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.ltc.LtcKernels;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWeights.Field;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.kernels.ltc.SynapseTable;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import org.jspecify.annotations.Nullable;

/**
 * Liquid time-constant cells. A single row has its lanes over targets; as many rows as there are
 * lanes have them over rows, where every synapse that exists is evaluated once and nothing else.
 * Whichever is less work is taken. The passes over neurons see arrays of as many elements and do
 * not know the difference.
 */
final class VectorLtc implements LtcKernels {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  private static final int FIELDS = LtcWeights.FIELDS;
  private static final int SLOT_BYTES = FIELDS * BLOCK_BYTES;
  private static final int SYNAPSE_BYTES = FIELDS * Float.BYTES;

  @Override
  public CellKernel<LtcWorkspace> cell(LtcWeights weights, Accuracy accuracy) {
    return new VectorCell(weights, accuracy);
  }

  private static final class VectorCell implements CellKernel<LtcWorkspace> {
    private final LtcWeights weights;
    private final Accuracy accuracy;
    private final int units;
    private final int paddedUnits;
    private final int inputSize;
    private final long capacitance;
    private final long leak;
    private final long current;

    // Where arrays lie in the scratch memory, in bytes: of a value per neuron and lane ...
    private final long inputDen = 0;
    private final long inputNum;
    private final long den;
    private final long num;
    private final long slope;
    private final long begin;
    private final long scaled;
    private final long states;
    // ... of inputs, of a value per lane, and of a block's synapses.
    private final long inputs;
    private final long rates;
    private final long gathered;
    private final long arguments;
    private final long widened;

    VectorCell(LtcWeights weights, Accuracy accuracy) {
      this.weights = weights;
      this.accuracy = accuracy;
      units = weights.units();
      paddedUnits = weights.paddedUnits();
      inputSize = weights.inputSize();
      boolean fast = accuracy == Accuracy.FAST;
      capacitance = weights.neurons(Field.CAPACITANCE).address();
      leak = weights.neurons(fast ? Field.LEAK_FAST : Field.LEAK).address();
      current = weights.neurons(fast ? Field.CURRENT_FAST : Field.CURRENT).address();
      long array = (long) paddedUnits * BLOCK_BYTES;
      inputNum = array;
      den = 2 * array;
      num = 3 * array;
      slope = 4 * array;
      begin = 5 * array;
      scaled = 6 * array;
      states = 7 * array;
      inputs = 8 * array;
      rates = inputs + (inputSize + 1L) * BLOCK_BYTES;
      gathered = rates + BLOCK_BYTES;
      arguments = gathered + (long) weights.mostSlots() * BLOCK_BYTES;
      widened = arguments + (long) weights.mostSlots() * BLOCK_BYTES;
    }

    @Override
    public void run(
        LtcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      int end = firstRow + rows;
      for (int row = firstRow; row < end; row += LANES) {
        int n = Math.min(LANES, end - row);
        if (weights.lanesOverRows(n, LANES)) {
          group(workspace, row, n, steps, x, timespans, out);
        } else {
          for (int r = row; r < row + n; r++) {
            single(workspace, r, steps, x, timespans, out);
          }
        }
      }
    }

    private void single(
        LtcWorkspace workspace,
        int row,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      long scratch = workspace.scratch().address();
      long v = address(workspace.state().address(), (long) row * workspace.stateStride());
      Vectors.set(address(scratch + inputs, inputSize), 0f);
      for (int step = 0; step < steps; step++) {
        float timespan =
            Vectors.get(address(timespans.data().address(), timespans.offset(row, step)));
        float rate = weights.rate(timespan);
        if (!(rate > LtcWeights.MOST_RATE)) {
          long input = address(x.data().address(), x.offset(row, step));
          Vectors.copy(input, scratch + inputs, inputSize);
          scale(capacitance, rate, scratch + scaled, paddedUnits);
          Vectors.copy(leak, scratch + inputDen, paddedUnits);
          Vectors.copy(current, scratch + inputNum, paddedUnits);
          overTargets(weights.sensory(), scratch + inputs, scratch, inputDen, inputNum);
          integrate(scratch, v, paddedUnits, false);
        }
        if (out != null) {
          workspace.emit(row, 1, out, step);
        }
      }
    }

    private void overTargets(
        SynapseTable table, long source, long scratch, long denominators, long numerators) {
      long sources = table.slotSources().address();
      long v = scratch + gathered;
      if (table.uniform()) {
        spread(source, sources, v, table.mostSlots());
      }
      for (int block = 0; block * BLOCK < units; block++) {
        int first = table.firstSlot(block);
        int slots = table.firstSlot(block + 1) - first;
        if (slots == 0) {
          continue;
        }
        if (!table.uniform()) {
          gather(source, sources + (long) first * BLOCK_BYTES, v, slots * BLOCK);
        }
        long fields = table.slots().address();
        if (table.storage() == WeightStorage.BFLOAT16) {
          widenBlocks(
              fields + (long) first * (SLOT_BYTES / 2), scratch + widened, slots * FIELDS / 2);
          fields = scratch + widened;
        } else {
          fields += (long) first * SLOT_BYTES;
        }
        long d = scratch + denominators + (long) block * BLOCK_BYTES;
        long n = scratch + numerators + (long) block * BLOCK_BYTES;
        switch (accuracy) {
          case FAST -> slotsFast(v, fields, slots, d, n);
          case ACCURATE -> slotsAccurate(v, fields, slots, d, n);
          case EXACT -> {
            long s = scratch + arguments;
            slotArguments(v, fields, slots, s);
            VectorMath.activate(Activation.SIGMOID, Accuracy.EXACT, s, 0, 1, slots * BLOCK);
            slotSums(s, fields, slots, d, n);
          }
        }
      }
    }

    private void group(
        LtcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      long scratch = workspace.scratch().address();
      long v = scratch + states;
      long state = address(workspace.state().address(), (long) firstRow * workspace.stateStride());
      clear(v, units);
      clear(scratch + inputs, inputSize);
      transpose(state, workspace.stateStride(), rows, v, units);
      for (int step = 0; step < steps; step++) {
        int resting = rates(timespans, firstRow, rows, step, scratch + rates);
        if (resting < rows) {
          long input = address(x.data().address(), x.offset(firstRow, step));
          transpose(input, x.rowStride(), rows, scratch + inputs, inputSize);
          constants(
              capacitance,
              leak,
              current,
              scratch + rates,
              scratch + scaled,
              scratch + inputDen,
              scratch + inputNum,
              units);
          overRows(weights.sensory(), scratch + inputs, scratch, inputDen, inputNum);
          if (resting > 0) {
            // Their lanes compute as the others do, and are then put back.
            transposeBack(v, units, rows, state, workspace.stateStride());
          }
          integrate(scratch, v, units * LANES, true);
          if (resting > 0) {
            restore(scratch + rates, state, workspace.stateStride(), rows, v, units);
          }
        }
        if (out != null) {
          emit(v, rows, firstRow, out, step);
        }
      }
      transposeBack(v, units, rows, state, workspace.stateStride());
    }

    private void overRows(
        SynapseTable table, long source, long scratch, long denominators, long numerators) {
      long starts = table.synapseStarts().address();
      long sources = table.sources().address();
      long d = scratch + denominators;
      long n = scratch + numerators;
      if (accuracy != Accuracy.EXACT && table.storage() == WeightStorage.FLOAT32) {
        long fields = table.synapses().address();
        if (accuracy == Accuracy.FAST) {
          synapsesFast(source, starts, sources, fields, 0, units, d, n);
        } else {
          synapsesAccurate(source, starts, sources, fields, 0, units, d, n);
        }
        return;
      }
      for (int j = 0; j < units; j++) {
        int first = table.firstSynapse(j);
        int count = table.firstSynapse(j + 1) - first;
        long fields = table.synapses().address();
        if (table.storage() == WeightStorage.BFLOAT16) {
          // One behind the other, as if they were the only ones.
          fields += (long) first * (SYNAPSE_BYTES / 2);
          widenPairs(fields, scratch + widened, count * FIELDS / 2);
          fields = scratch + widened - (long) first * SYNAPSE_BYTES;
        }
        switch (accuracy) {
          case FAST -> synapsesFast(source, starts, sources, fields, j, j + 1, d, n);
          case ACCURATE -> synapsesAccurate(source, starts, sources, fields, j, j + 1, d, n);
          case EXACT -> {
            long s = scratch + arguments;
            long own = fields + (long) first * SYNAPSE_BYTES;
            synapseArguments(source, sources + 4L * first, own, count, s);
            VectorMath.activate(Activation.SIGMOID, Accuracy.EXACT, s, 0, 1, count * LANES);
            synapseSums(s, own, count, d + (long) j * BYTES, n + (long) j * BYTES);
          }
        }
      }
    }

    /** Writes the rows' rates and returns how many rest: their timespan is too short to count. */
    private int rates(Series timespans, int firstRow, int rows, int step, long to) {
      int resting = 0;
      for (int r = 0; r < LANES; r++) {
        float rate = 1;
        if (r < rows) {
          long at = timespans.offset(firstRow + r, step);
          rate = weights.rate(Vectors.get(address(timespans.data().address(), at)));
          resting += rate > LtcWeights.MOST_RATE ? 1 : 0;
        }
        Vectors.set(address(to, r), rate);
      }
      return resting;
    }

    private void emit(long v, int rows, int firstRow, Series out, int step) {
      long map = weights.outputMap().address();
      int outputs = weights.outputSize();
      for (int r = 0; r < rows; r++) {
        long to = address(out.data().address(), out.offset(firstRow + r, step));
        for (int i = 0; i < outputs; i++) {
          float scale = Vectors.get(address(map, i));
          float shift = Vectors.get(address(map, outputs + i));
          float state = Vectors.get(address(v, (long) i * LANES + r));
          Vectors.set(address(to, i), Math.fma(scale, state, shift));
        }
      }
    }

    private void integrate(long scratch, long v, int n, boolean overRows) {
      for (int unfold = 0; unfold < weights.unfolds(); unfold++) {
        switch (weights.solver()) {
          case SEMI_IMPLICIT -> {
            beginSubstep(
                scratch + scaled,
                v,
                scratch + inputDen,
                scratch + inputNum,
                scratch + den,
                scratch + num,
                n);
            recurrent(scratch, v, overRows);
            quotient(scratch + num, scratch + den, v, n);
          }
          case EXPLICIT -> {
            derivative(scratch, v, n, overRows);
            multiplyAdd(0.1f, scratch + num, v, v, n);
          }
          case RUNGE_KUTTA -> {
            Vectors.copy(v, scratch + begin, n);
            derivative(scratch, v, n, overRows);
            Vectors.copy(scratch + num, scratch + slope, n);
            multiplyAdd(0.05f, scratch + num, scratch + begin, v, n);
            derivative(scratch, v, n, overRows);
            multiplyAdd(2f, scratch + num, scratch + slope, scratch + slope, n);
            multiplyAdd(0.05f, scratch + num, scratch + begin, v, n);
            derivative(scratch, v, n, overRows);
            multiplyAdd(2f, scratch + num, scratch + slope, scratch + slope, n);
            multiplyAdd(0.1f, scratch + num, scratch + begin, v, n);
            derivative(scratch, v, n, overRows);
            multiplyAdd(1f, scratch + num, scratch + slope, scratch + slope, n);
            multiplyAdd(0.1f / 6, scratch + slope, scratch + begin, v, n);
          }
        }
      }
      flush(v, n);
    }

    private void recurrent(long scratch, long v, boolean overRows) {
      if (overRows) {
        overRows(weights.recurrent(), v, scratch, den, num);
      } else {
        overTargets(weights.recurrent(), v, scratch, den, num);
      }
    }

    private void derivative(long scratch, long v, int n, boolean overRows) {
      Vectors.copy(scratch + inputDen, scratch + den, n);
      Vectors.copy(scratch + inputNum, scratch + num, n);
      recurrent(scratch, v, overRows);
      flow(scratch + num, scratch + den, v, scratch + scaled, n);
    }
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  private static final FloatVector ZERO = constant(0);
  private static final FloatVector ONE = constant(1);
  private static final FloatVector FLUSH = constant(PanelLayout.FLUSH);
  private static final FloatVector LEAST = constant(-87);
  private static final FloatVector MOST = constant(87);
  private static final FloatVector FAST_LEAST = constant(-2 * 7.9807181358f);
  private static final FloatVector FAST_MOST = constant(2 * 7.9807181358f);
  private static final FloatVector P_9 = constant(-1.4248920266e-8f / 1024);
  private static final FloatVector P_7 = constant(-2.1235626264e-5f / 256);
  private static final FloatVector P_5 = constant(-3.5330520477e-3f / 64);
  private static final FloatVector P_3 = constant(-1.3412411511e-1f / 16);
  private static final FloatVector P_1 = constant(-0.25f);
  private static final FloatVector Q_8 = constant(8.1365948290e-7f / 256);
  private static final FloatVector Q_6 = constant(3.3472978976e-4f / 64);
  private static final FloatVector Q_4 = constant(2.6018999517e-2f / 16);
  private static final FloatVector Q_2 = constant(4.6745735407e-1f / 4);

  private static void slotsAccurate(long source, long fields, int slots, long den, long num) {
    source &= ADDRESS;
    fields &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    for (int lane = 0; lane < BLOCK_BYTES; lane += BYTES) {
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, den + lane, ORDER);
      FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, num + lane, ORDER);
      for (int slot = 0; slot < slots; slot++) {
        long i = slot & Integer.MAX_VALUE;
        long at = fields + i * SLOT_BYTES + lane;
        FloatVector v =
            FloatVector.fromMemorySegment(FLOATS, ALL, source + i * BLOCK_BYTES + lane, ORDER);
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
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
        d = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER).fma(s, d);
        n = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER).fma(s, n);
      }
      VECTOR.cast(d).intoMemorySegment(ALL, den + lane, ORDER);
      VECTOR.cast(n).intoMemorySegment(ALL, num + lane, ORDER);
    }
  }

  private static void slotsFast(long source, long fields, int slots, long den, long num) {
    source &= ADDRESS;
    fields &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    for (int lane = 0; lane < BLOCK_BYTES; lane += BYTES) {
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, den + lane, ORDER);
      FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, num + lane, ORDER);
      for (int slot = 0; slot < slots; slot++) {
        long i = slot & Integer.MAX_VALUE;
        long at = fields + i * SLOT_BYTES + lane;
        FloatVector v =
            FloatVector.fromMemorySegment(FLOATS, ALL, source + i * BLOCK_BYTES + lane, ORDER);
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector y = a.fma(v, b);
        y = y.blend(FAST_LEAST, y.compare(LT, FAST_LEAST));
        y = y.blend(FAST_MOST, y.compare(GT, FAST_MOST));
        FloatVector u = y.mul(y);
        FloatVector p = y.mul(P_9.fma(u, P_7).fma(u, P_5).fma(u, P_3).fma(u, P_1));
        FloatVector s = p.div(Q_8.fma(u, Q_6).fma(u, Q_4).fma(u, Q_2).fma(u, ONE));
        d = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER).fma(s, d);
        n = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER).fma(s, n);
      }
      VECTOR.cast(d).intoMemorySegment(ALL, den + lane, ORDER);
      VECTOR.cast(n).intoMemorySegment(ALL, num + lane, ORDER);
    }
  }

  private static void synapsesAccurate(
      long source,
      long starts,
      long sources,
      long fields,
      int firstTarget,
      int endTarget,
      long den,
      long num) {
    source &= ADDRESS;
    starts &= ADDRESS;
    sources &= ADDRESS;
    fields &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    for (int target = firstTarget; target < endTarget; target++) {
      long j = target & Integer.MAX_VALUE;
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, den + j * BYTES, ORDER);
      FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, num + j * BYTES, ORDER);
      int end = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j + 4);
      for (int synapse = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j); synapse < end; synapse++) {
        long i = synapse & Integer.MAX_VALUE;
        long from = ALL.get(JAVA_INT_UNALIGNED, sources + 4 * i) & Integer.MAX_VALUE;
        long at = fields + i * SYNAPSE_BYTES;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, source + from * BYTES, ORDER);
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
        FloatVector w = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 8));
        FloatVector c = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 12));
        d = w.fma(s, d);
        n = c.fma(s, n);
      }
      VECTOR.cast(d).intoMemorySegment(ALL, den + j * BYTES, ORDER);
      VECTOR.cast(n).intoMemorySegment(ALL, num + j * BYTES, ORDER);
    }
  }

  private static void synapsesFast(
      long source,
      long starts,
      long sources,
      long fields,
      int firstTarget,
      int endTarget,
      long den,
      long num) {
    source &= ADDRESS;
    starts &= ADDRESS;
    sources &= ADDRESS;
    fields &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    for (int target = firstTarget; target < endTarget; target++) {
      long j = target & Integer.MAX_VALUE;
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, den + j * BYTES, ORDER);
      FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, num + j * BYTES, ORDER);
      int end = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j + 4);
      for (int synapse = ALL.get(JAVA_INT_UNALIGNED, starts + 4 * j); synapse < end; synapse++) {
        long i = synapse & Integer.MAX_VALUE;
        long from = ALL.get(JAVA_INT_UNALIGNED, sources + 4 * i) & Integer.MAX_VALUE;
        long at = fields + i * SYNAPSE_BYTES;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, source + from * BYTES, ORDER);
        FloatVector a = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at));
        FloatVector b = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 4));
        FloatVector y = a.fma(v, b);
        y = y.blend(FAST_LEAST, y.compare(LT, FAST_LEAST));
        y = y.blend(FAST_MOST, y.compare(GT, FAST_MOST));
        FloatVector u = y.mul(y);
        FloatVector p = y.mul(P_9.fma(u, P_7).fma(u, P_5).fma(u, P_3).fma(u, P_1));
        FloatVector s = p.div(Q_8.fma(u, Q_6).fma(u, Q_4).fma(u, Q_2).fma(u, ONE));
        FloatVector w = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 8));
        FloatVector c = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 12));
        d = w.fma(s, d);
        n = c.fma(s, n);
      }
      VECTOR.cast(d).intoMemorySegment(ALL, den + j * BYTES, ORDER);
      VECTOR.cast(n).intoMemorySegment(ALL, num + j * BYTES, ORDER);
    }
  }

  /** Arguments of the exact tier's sigmoid: -y. */
  private static void slotArguments(long source, long fields, int slots, long to) {
    source &= ADDRESS;
    fields &= ADDRESS;
    to &= ADDRESS;
    for (int lane = 0; lane < BLOCK_BYTES; lane += BYTES) {
      for (int slot = 0; slot < slots; slot++) {
        long i = slot & Integer.MAX_VALUE;
        long at = fields + i * SLOT_BYTES + lane;
        long line = i * BLOCK_BYTES + lane;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, source + line, ORDER);
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        a.fma(v, b).neg().intoMemorySegment(ALL, to + line, ORDER);
      }
    }
  }

  private static void slotSums(long activations, long fields, int slots, long den, long num) {
    activations &= ADDRESS;
    fields &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    for (int lane = 0; lane < BLOCK_BYTES; lane += BYTES) {
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, den + lane, ORDER);
      FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, num + lane, ORDER);
      for (int slot = 0; slot < slots; slot++) {
        long i = slot & Integer.MAX_VALUE;
        long at = fields + i * SLOT_BYTES + lane;
        FloatVector s =
            FloatVector.fromMemorySegment(FLOATS, ALL, activations + i * BLOCK_BYTES + lane, ORDER);
        d = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER).fma(s, d);
        n = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER).fma(s, n);
      }
      VECTOR.cast(d).intoMemorySegment(ALL, den + lane, ORDER);
      VECTOR.cast(n).intoMemorySegment(ALL, num + lane, ORDER);
    }
  }

  private static void synapseArguments(long source, long sources, long fields, int count, long to) {
    source &= ADDRESS;
    sources &= ADDRESS;
    fields &= ADDRESS;
    to &= ADDRESS;
    for (int synapse = 0; synapse < count; synapse++) {
      long i = synapse & Integer.MAX_VALUE;
      long from = ALL.get(JAVA_INT_UNALIGNED, sources + 4 * i) & Integer.MAX_VALUE;
      long at = fields + i * SYNAPSE_BYTES;
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ALL, source + from * BYTES, ORDER);
      FloatVector a = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at));
      FloatVector b = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 4));
      a.fma(v, b).neg().intoMemorySegment(ALL, to + i * BYTES, ORDER);
    }
  }

  private static void synapseSums(long activations, long fields, int count, long den, long num) {
    activations &= ADDRESS;
    fields &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, den, ORDER);
    FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, num, ORDER);
    for (int synapse = 0; synapse < count; synapse++) {
      long i = synapse & Integer.MAX_VALUE;
      long at = fields + i * SYNAPSE_BYTES;
      FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, activations + i * BYTES, ORDER);
      FloatVector w = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 8));
      FloatVector c = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, at + 12));
      d = w.fma(s, d);
      n = c.fma(s, n);
    }
    VECTOR.cast(d).intoMemorySegment(ALL, den, ORDER);
    VECTOR.cast(n).intoMemorySegment(ALL, num, ORDER);
  }

  /** Puts what every slot reads into a line of its own: one source for all lanes. */
  private static void spread(long source, long sources, long to, int slots) {
    source &= ADDRESS;
    sources &= ADDRESS;
    to &= ADDRESS;
    for (int slot = 0; slot < slots; slot++) {
      long i = slot & Integer.MAX_VALUE;
      long from = ALL.get(JAVA_INT_UNALIGNED, sources + i * BLOCK_BYTES) & Integer.MAX_VALUE;
      FloatVector v =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, source + 4 * from));
      for (int lane = 0; lane < BLOCK_BYTES; lane += BYTES) {
        v.intoMemorySegment(ALL, to + i * BLOCK_BYTES + lane, ORDER);
      }
    }
  }

  /** Puts what every slot reads into a line of its own: a source for each lane. */
  private static void gather(long source, long sources, long to, int n) {
    source &= ADDRESS;
    sources &= ADDRESS;
    to &= ADDRESS;
    for (int lane = 0; lane < n; lane++) {
      long i = lane & Integer.MAX_VALUE;
      long from = ALL.get(JAVA_INT_UNALIGNED, sources + 4 * i) & Integer.MAX_VALUE;
      ALL.set(JAVA_FLOAT_UNALIGNED, to + 4 * i, ALL.get(JAVA_FLOAT_UNALIGNED, source + 4 * from));
    }
  }

  /** Blocks of pairs of bfloat16 to twice as many blocks: the low halves, then the high ones. */
  private static void widenBlocks(long from, long to, int blocks) {
    from &= ADDRESS;
    to &= ADDRESS;
    for (int block = 0; block < blocks; block++) {
      long i = block & Integer.MAX_VALUE;
      for (int lane = 0; lane < BLOCK_BYTES; lane += BYTES) {
        IntVector pair =
            IntVector.fromMemorySegment(INTS, ALL, from + i * BLOCK_BYTES + lane, ORDER);
        long at = to + 2 * i * BLOCK_BYTES + lane;
        pair.lanewise(LSHL, 16).intoMemorySegment(ALL, at, ORDER);
        pair.and(HIGH).intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
      }
    }
  }

  private static final IntVector HIGH = IntVector.broadcast(INTS, 0xffff0000);

  /** Pairs of bfloat16 to floats, the low half before the high one. */
  private static void widenPairs(long from, long to, int pairs) {
    for (int i = 0; i < pairs; i++) {
      int pair = ALL.get(JAVA_INT_UNALIGNED, from + 4L * i);
      ALL.set(JAVA_INT_UNALIGNED, to + 8L * i, pair << 16);
      ALL.set(JAVA_INT_UNALIGNED, to + 8L * i + 4, pair & 0xffff0000);
    }
  }

  private static long address(long base, long index) {
    return base + index * Float.BYTES;
  }

  private static void clear(long to, int lines) {
    to &= ADDRESS;
    for (int j = 0; j < lines; j++) {
      ZERO.intoMemorySegment(ALL, to + (j & Integer.MAX_VALUE) * (long) BYTES, ORDER);
    }
  }

  /** to[j][r] = from[r][j]. */
  private static void transpose(long from, long stride, int rows, long to, int columns) {
    for (int r = 0; r < rows; r++) {
      long row = address(from, r * stride);
      for (int j = 0; j < columns; j++) {
        Vectors.set(address(to, (long) j * LANES + r), Vectors.get(address(row, j)));
      }
    }
  }

  /** to[r][j] = from[j][r]. */
  private static void transposeBack(long from, int columns, int rows, long to, long stride) {
    for (int r = 0; r < rows; r++) {
      long row = address(to, r * stride);
      for (int j = 0; j < columns; j++) {
        Vectors.set(address(row, j), Vectors.get(address(from, (long) j * LANES + r)));
      }
    }
  }

  /** Puts back the states of the rows that rest. */
  private static void restore(long rates, long state, long stride, int rows, long v, int columns) {
    for (int r = 0; r < rows; r++) {
      if (Vectors.get(address(rates, r)) > LtcWeights.MOST_RATE) {
        transpose(address(state, r * stride), stride, 1, address(v, r), columns);
      }
    }
  }

  /** What a step begins with, of neurons times rows. */
  private static void constants(
      long capacitance,
      long leak,
      long current,
      long rates,
      long scaled,
      long den,
      long num,
      int units) {
    capacitance &= ADDRESS;
    leak &= ADDRESS;
    current &= ADDRESS;
    scaled &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    FloatVector rate = FloatVector.fromMemorySegment(FLOATS, ALL, rates & ADDRESS, ORDER);
    for (int unit = 0; unit < units; unit++) {
      long j = unit & Integer.MAX_VALUE;
      float c = ALL.get(JAVA_FLOAT_UNALIGNED, capacitance + 4 * j);
      FloatVector.broadcast(FLOATS, c).mul(rate).intoMemorySegment(ALL, scaled + j * BYTES, ORDER);
      FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, leak + 4 * j))
          .intoMemorySegment(ALL, den + j * BYTES, ORDER);
      FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, current + 4 * j))
          .intoMemorySegment(ALL, num + j * BYTES, ORDER);
    }
  }

  private static void scale(long x, float factor, long y, int n) {
    x &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER)
          .mul(FloatVector.broadcast(FLOATS, factor))
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y = h x + from. */
  private static void multiplyAdd(float h, long x, long from, long y, int n) {
    x &= ADDRESS;
    from &= ADDRESS;
    y &= ADDRESS;
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector.broadcast(FLOATS, h)
          .fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, x + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER))
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  private static void beginSubstep(
      long scaled, long v, long inputDen, long inputNum, long den, long num, int n) {
    scaled &= ADDRESS;
    v &= ADDRESS;
    inputDen &= ADDRESS;
    inputNum &= ADDRESS;
    den &= ADDRESS;
    num &= ADDRESS;
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector c = FloatVector.fromMemorySegment(FLOATS, ALL, scaled + at, ORDER);
      c.add(FloatVector.fromMemorySegment(FLOATS, ALL, inputDen + at, ORDER))
          .intoMemorySegment(ALL, den + at, ORDER);
      c.fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, v + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, ALL, inputNum + at, ORDER))
          .intoMemorySegment(ALL, num + at, ORDER);
    }
  }

  private static void quotient(long num, long den, long v, int n) {
    num &= ADDRESS;
    den &= ADDRESS;
    v &= ADDRESS;
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector.fromMemorySegment(FLOATS, ALL, num + at, ORDER)
          .div(FloatVector.fromMemorySegment(FLOATS, ALL, den + at, ORDER))
          .intoMemorySegment(ALL, v + at, ORDER);
    }
  }

  /** num := (num - v den) / C. */
  private static void flow(long num, long den, long v, long capacitance, int n) {
    num &= ADDRESS;
    den &= ADDRESS;
    v &= ADDRESS;
    capacitance &= ADDRESS;
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector.fromMemorySegment(FLOATS, ALL, v + at, ORDER)
          .neg()
          .fma(
              FloatVector.fromMemorySegment(FLOATS, ALL, den + at, ORDER),
              FloatVector.fromMemorySegment(FLOATS, ALL, num + at, ORDER))
          .div(FloatVector.fromMemorySegment(FLOATS, ALL, capacitance + at, ORDER))
          .intoMemorySegment(ALL, num + at, ORDER);
    }
  }

  /** Magnitudes below 2⁻¹⁰⁰ become 0. */
  private static void flush(long v, int n) {
    v &= ADDRESS;
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, v + at, ORDER);
      x.blend(ZERO, x.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, v + at, ORDER);
    }
  }
}
