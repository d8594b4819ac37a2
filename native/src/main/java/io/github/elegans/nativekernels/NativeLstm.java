package io.github.elegans.nativekernels;

import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.lstm.LstmKernels;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.bindings.elegans_dense;
import io.github.elegans.nativekernels.bindings.elegans_lstm_call;
import io.github.elegans.nativekernels.bindings.elegans_lstm_cell;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Long short-term memory: {@code lstm.c}. */
record NativeLstm(int tier) implements LstmKernels {

  @Override
  public CellKernel<LstmWorkspace> cell(LstmWeights weights, Accuracy accuracy) {
    Arena arena = Arena.ofAuto();
    MemorySegment gates = elegans_dense.allocate(arena);
    Structures.describe(weights.gates(), gates);
    MemorySegment cell = elegans_lstm_cell.allocate(arena);
    elegans_lstm_cell.gates(cell, gates);
    elegans_lstm_cell.input_size(cell, weights.inputSize());
    elegans_lstm_cell.hidden_size(cell, weights.hiddenSize());
    elegans_lstm_cell.accuracy(cell, accuracy.ordinal());
    return new NativeCell(tier, weights, cell);
  }

  /**
   * Keeps the weights reachable, which the C structure only points to; both structures are of one
   * arena.
   */
  private record NativeCell(int tier, LstmWeights weights, MemorySegment cell)
      implements CellKernel<LstmWorkspace> {

    @Override
    public void run(
        LstmWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        @Nullable Series timespans,
        @Nullable Series out) {
      MemorySegment call = Structures.call();
      long at = call.address();
      Structures.set(at + elegans_lstm_call.state$offset(), workspace.state());
      Structures.set(at + elegans_lstm_call.state_stride$offset(), workspace.stateStride());
      Structures.set(at + elegans_lstm_call.memory$offset(), workspace.memory());
      Structures.set(at + elegans_lstm_call.memory_stride$offset(), workspace.memoryStride());
      Structures.set(at + elegans_lstm_call.inputs$offset(), workspace.inputs());
      Structures.set(at + elegans_lstm_call.first_row$offset(), firstRow);
      Structures.set(at + elegans_lstm_call.rows$offset(), rows);
      Structures.set(at + elegans_lstm_call.steps$offset(), steps);
      Structures.set(at + elegans_lstm_call.x$offset(), x);
      Structures.set(at + elegans_lstm_call.out$offset(), out);
      NativeProvider.check(Elegans.elegans_lstm_run(tier, cell, call));
    }
  }
}
