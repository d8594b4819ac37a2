package io.github.elegans.kernels.ltc;

import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.ltc.LtcWeights.Field;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarFloats;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Liquid time-constant cells, by definition. */
final class ScalarLtc implements LtcKernels {
  /** Substep of the explicit solvers. */
  static final float SUBSTEP = 0.1f;

  static final float HALF_SUBSTEP = 0.05f;
  static final float SIXTH_OF_SUBSTEP = 0.1f / 6;

  @Override
  public CellKernel<LtcWorkspace> cell(LtcWeights weights, Accuracy accuracy) {
    return new ScalarCell(weights, accuracy);
  }

  /** A synapse's activation 1 / (1 + e^y), in the fast tier less ½. */
  static float activation(Accuracy accuracy, float y) {
    return switch (accuracy) {
      case FAST -> ScalarFloats.logisticFast(y);
      case ACCURATE -> ScalarFloats.logistic(y);
      case EXACT -> ScalarMath.apply(Activation.SIGMOID, Accuracy.EXACT, -y);
    };
  }

  private static final class ScalarCell implements CellKernel<LtcWorkspace> {
    private final LtcWeights weights;
    private final Accuracy accuracy;
    private final int units;
    private final MemorySegment capacitance;
    private final MemorySegment leak;
    private final MemorySegment current;

    ScalarCell(LtcWeights weights, Accuracy accuracy) {
      this.weights = weights;
      this.accuracy = accuracy;
      units = weights.units();
      capacitance = weights.neurons(Field.CAPACITANCE);
      boolean fast = accuracy == Accuracy.FAST;
      leak = weights.neurons(fast ? Field.LEAK_FAST : Field.LEAK);
      current = weights.neurons(fast ? Field.CURRENT_FAST : Field.CURRENT);
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
      for (int row = firstRow; row < firstRow + rows; row++) {
        for (int step = 0; step < steps; step++) {
          float rate = weights.rate(get(timespans.data(), timespans.offset(row, step)));
          if (!(rate > LtcWeights.MOST_RATE)) {
            step(workspace, row, x.data(), x.offset(row, step), rate);
          }
          if (out != null) {
            workspace.emit(row, 1, out, step);
          }
        }
      }
    }

    private void step(LtcWorkspace workspace, int row, MemorySegment x, long at, float rate) {
      MemorySegment v = workspace.state();
      long first = (long) row * workspace.stateStride();
      // Per neuron: the sums over the sensory synapses, and those over all.
      MemorySegment sums = workspace.scratch();
      int inputDen = 0;
      int inputNum = units;
      for (int j = 0; j < units; j++) {
        set(sums, inputDen + j, get(leak, j));
        set(sums, inputNum + j, get(current, j));
        accumulate(weights.sensory(), j, x, at, sums, inputDen + j, inputNum + j);
      }
      for (int unfold = 0; unfold < weights.unfolds(); unfold++) {
        switch (weights.solver()) {
          case SEMI_IMPLICIT -> semiImplicit(workspace, first, rate);
          case EXPLICIT -> explicit(workspace, first);
          case RUNGE_KUTTA -> rungeKutta(workspace, first);
        }
      }
      for (int j = 0; j < units; j++) {
        set(v, first + j, PanelLayout.flush(get(v, first + j)));
      }
    }

    private void semiImplicit(LtcWorkspace workspace, long first, float rate) {
      MemorySegment v = workspace.state();
      MemorySegment sums = workspace.scratch();
      int den = 2 * units;
      int num = 3 * units;
      for (int j = 0; j < units; j++) {
        float c = get(capacitance, j) * rate;
        set(sums, den + j, c + get(sums, j));
        set(sums, num + j, Math.fma(c, get(v, first + j), get(sums, units + j)));
        accumulate(weights.recurrent(), j, v, first, sums, den + j, num + j);
      }
      for (int j = 0; j < units; j++) {
        set(v, first + j, get(sums, num + j) / get(sums, den + j));
      }
    }

    private void explicit(LtcWorkspace workspace, long first) {
      MemorySegment v = workspace.state();
      MemorySegment sums = workspace.scratch();
      int num = 3 * units;
      derivative(workspace, first);
      for (int j = 0; j < units; j++) {
        set(v, first + j, Math.fma(SUBSTEP, get(sums, num + j), get(v, first + j)));
      }
    }

    private void rungeKutta(LtcWorkspace workspace, long first) {
      MemorySegment v = workspace.state();
      MemorySegment sums = workspace.scratch();
      int num = 3 * units;
      int k = 4 * units;
      int begin = 5 * units;
      for (int j = 0; j < units; j++) {
        set(sums, begin + j, get(v, first + j));
      }
      derivative(workspace, first);
      for (int j = 0; j < units; j++) {
        set(sums, k + j, get(sums, num + j));
        set(v, first + j, stage(HALF_SUBSTEP, sums, num + j, begin + j));
      }
      for (int twice = 0; twice < 2; twice++) {
        float h = twice == 0 ? HALF_SUBSTEP : SUBSTEP;
        derivative(workspace, first);
        for (int j = 0; j < units; j++) {
          set(sums, k + j, Math.fma(2f, get(sums, num + j), get(sums, k + j)));
          set(v, first + j, stage(h, sums, num + j, begin + j));
        }
      }
      derivative(workspace, first);
      for (int j = 0; j < units; j++) {
        set(sums, k + j, get(sums, k + j) + get(sums, num + j));
        set(v, first + j, stage(SIXTH_OF_SUBSTEP, sums, k + j, begin + j));
      }
    }

    private static float stage(float h, MemorySegment sums, long slope, long begin) {
      return Math.fma(h, get(sums, slope), get(sums, begin));
    }

    /** num := (num - v den) / C, the time derivative, from the sums over all synapses. */
    private void derivative(LtcWorkspace workspace, long first) {
      MemorySegment v = workspace.state();
      MemorySegment sums = workspace.scratch();
      int den = 2 * units;
      int num = 3 * units;
      for (int j = 0; j < units; j++) {
        set(sums, den + j, get(sums, j));
        set(sums, num + j, get(sums, units + j));
        accumulate(weights.recurrent(), j, v, first, sums, den + j, num + j);
        float flow = Math.fma(-get(v, first + j), get(sums, den + j), get(sums, num + j));
        set(sums, num + j, flow / get(capacitance, j));
      }
    }

    /** Adds a target's synapses to its sums. */
    private void accumulate(
        SynapseTable table,
        int target,
        MemorySegment v,
        long first,
        MemorySegment sums,
        int den,
        int num) {
      float denominator = get(sums, den);
      float numerator = get(sums, num);
      for (int i = table.firstSynapse(target); i < table.firstSynapse(target + 1); i++) {
        int source = table.sources().getAtIndex(JAVA_INT, i);
        float y = Math.fma(field(table, i, 0), get(v, first + source), field(table, i, 1));
        float s = activation(accuracy, y);
        denominator = Math.fma(field(table, i, 2), s, denominator);
        numerator = Math.fma(field(table, i, 3), s, numerator);
      }
      set(sums, den, denominator);
      set(sums, num, numerator);
    }

    private static float field(SynapseTable table, int synapse, int field) {
      if (table.storage() == WeightStorage.FLOAT32) {
        return get(table.synapses(), (long) synapse * LtcWeights.FIELDS + field);
      }
      int pair = table.synapses().getAtIndex(JAVA_INT, 2L * synapse + field / 2);
      return Float.intBitsToFloat(field % 2 == 0 ? pair << 16 : pair & 0xffff0000);
    }
  }
}
