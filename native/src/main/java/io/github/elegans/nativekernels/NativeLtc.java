package io.github.elegans.nativekernels;

import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.ltc.LtcKernels;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWeights.Field;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.kernels.ltc.SynapseTable;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.bindings.elegans_ltc_call;
import io.github.elegans.nativekernels.bindings.elegans_ltc_cell;
import io.github.elegans.nativekernels.bindings.elegans_synapses;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Liquid time-constant cells: {@code ltc.c}. */
record NativeLtc(int tier) implements LtcKernels {

  @Override
  public CellKernel<LtcWorkspace> cell(LtcWeights weights, Accuracy accuracy) {
    return new NativeCell(tier, weights, describe(weights, accuracy));
  }

  /** The C structure of a cell. */
  private static MemorySegment describe(LtcWeights weights, Accuracy accuracy) {
    boolean fast = accuracy == Accuracy.FAST;
    MemorySegment cell = elegans_ltc_cell.allocate(Arena.ofAuto());
    describe(weights.sensory(), elegans_ltc_cell.sensory(cell));
    describe(weights.recurrent(), elegans_ltc_cell.recurrent(cell));
    elegans_ltc_cell.capacitance(cell, weights.neurons(Field.CAPACITANCE));
    elegans_ltc_cell.leak(cell, weights.neurons(fast ? Field.LEAK_FAST : Field.LEAK));
    elegans_ltc_cell.current(cell, weights.neurons(fast ? Field.CURRENT_FAST : Field.CURRENT));
    elegans_ltc_cell.output_map(cell, weights.outputMap());
    elegans_ltc_cell.input_size(cell, weights.inputSize());
    elegans_ltc_cell.units(cell, weights.units());
    elegans_ltc_cell.output_size(cell, weights.outputSize());
    elegans_ltc_cell.synapse_work(cell, weights.synapseWork());
    elegans_ltc_cell.slot_work(cell, weights.slotWork());
    elegans_ltc_cell.unfolds(cell, weights.unfolds());
    elegans_ltc_cell.solver(cell, weights.solver().ordinal());
    elegans_ltc_cell.accuracy(cell, accuracy.ordinal());
    elegans_ltc_cell.elapsed_time(cell, weights.elapsedTime() ? 1 : 0);
    elegans_ltc_cell.timespan_offset(cell, weights.timespanOffset());
    return cell;
  }

  private static void describe(SynapseTable table, MemorySegment synapses) {
    elegans_synapses.slots(synapses, table.slots());
    elegans_synapses.slot_starts(synapses, table.slotStarts());
    elegans_synapses.slot_sources(synapses, table.slotSources());
    elegans_synapses.synapses(synapses, table.synapses());
    elegans_synapses.starts(synapses, table.synapseStarts());
    elegans_synapses.sources(synapses, table.sources());
    elegans_synapses.most_slots(synapses, table.mostSlots());
    elegans_synapses.uniform(synapses, table.uniform() ? 1 : 0);
    elegans_synapses.bfloat16(synapses, table.storage() == WeightStorage.BFLOAT16 ? 1 : 0);
  }

  /** Keeps the weights reachable, which the C structure only points to. */
  private record NativeCell(int tier, LtcWeights weights, MemorySegment cell)
      implements CellKernel<LtcWorkspace> {

    @Override
    public void run(
        LtcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      MemorySegment call = Structures.call();
      long at = call.address();
      Structures.set(at + elegans_ltc_call.state$offset(), workspace.state());
      Structures.set(at + elegans_ltc_call.state_stride$offset(), workspace.stateStride());
      Structures.set(at + elegans_ltc_call.scratch$offset(), workspace.scratch());
      Structures.set(at + elegans_ltc_call.first_row$offset(), firstRow);
      Structures.set(at + elegans_ltc_call.rows$offset(), rows);
      Structures.set(at + elegans_ltc_call.steps$offset(), steps);
      Structures.set(at + elegans_ltc_call.x$offset(), x);
      Structures.set(at + elegans_ltc_call.timespans$offset(), timespans);
      Structures.set(at + elegans_ltc_call.out$offset(), out);
      NativeProvider.check(Elegans.elegans_ltc_run(tier, cell, call));
    }
  }
}
