package io.github.elegans.nativekernels;

import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cfc.CfcKernel;
import io.github.elegans.kernels.cfc.CfcKernels;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.bindings.elegans_cfc_call;
import io.github.elegans.nativekernels.bindings.elegans_cfc_cell;
import io.github.elegans.nativekernels.bindings.elegans_dense;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Closed-form continuous-time cells: {@code cfc.c}. */
record NativeCfc(int tier) implements CfcKernels {

  @Override
  public CfcKernel cell(CfcWeights weights, Accuracy accuracy) {
    return new NativeCell(tier, weights, describe(weights, accuracy));
  }

  /** The C structure of a cell. */
  private static MemorySegment describe(CfcWeights weights, Accuracy accuracy) {
    Arena arena = Arena.ofAuto();
    MemorySegment layers = elegans_dense.allocateArray(weights.layerCount(), arena);
    for (int i = 0; i < weights.layerCount(); i++) {
      Structures.describe(weights.layer(i), elegans_dense.asSlice(layers, i));
    }
    MemorySegment cell = elegans_cfc_cell.allocate(arena);
    elegans_cfc_cell.layers(cell, layers);
    elegans_cfc_cell.decay(cell, weights.decay());
    elegans_cfc_cell.input_size(cell, weights.inputSize());
    elegans_cfc_cell.hidden_size(cell, weights.hiddenSize());
    elegans_cfc_cell.backbone_layers(cell, weights.backbone().size());
    elegans_cfc_cell.mode(cell, weights.mode().ordinal());
    elegans_cfc_cell.activation(cell, weights.activation().ordinal());
    elegans_cfc_cell.head_activation(cell, weights.headActivation().ordinal());
    elegans_cfc_cell.accuracy(cell, accuracy.ordinal());
    return cell;
  }

  /**
   * Keeps the weights reachable, which the C structure only points to; both structures are of one
   * arena.
   */
  private record NativeCell(int tier, CfcWeights weights, MemorySegment cell) implements CfcKernel {

    @Override
    public void run(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      MemorySegment call = call(workspace, firstRow, rows, steps, timespans);
      long at = call.address();
      Structures.set(at + elegans_cfc_call.x$offset(), x);
      Structures.set(at + elegans_cfc_call.out$offset(), out);
      NativeProvider.check(Elegans.elegans_cfc_run(tier, cell, call));
    }

    @Override
    public void layer(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int layer,
        int firstPanel,
        int panels,
        Series timespans,
        int step) {
      MemorySegment call = call(workspace, firstRow, rows, step, timespans);
      NativeProvider.check(Elegans.elegans_cfc_layer(tier, cell, call, layer, firstPanel, panels));
    }

    private static MemorySegment call(
        CfcWorkspace workspace, int firstRow, int rows, int steps, Series timespans) {
      MemorySegment call = Structures.call();
      long at = call.address();
      Structures.set(at + elegans_cfc_call.state$offset(), workspace.state());
      Structures.set(at + elegans_cfc_call.state_stride$offset(), workspace.stateStride());
      Structures.set(at + elegans_cfc_call.hidden$offset(), workspace.hidden());
      Structures.set(at + elegans_cfc_call.hidden_stride$offset(), workspace.hiddenStride());
      Structures.set(at + elegans_cfc_call.hidden_rows$offset(), workspace.hiddenRows());
      Structures.set(at + elegans_cfc_call.first_row$offset(), firstRow);
      Structures.set(at + elegans_cfc_call.rows$offset(), rows);
      Structures.set(at + elegans_cfc_call.steps$offset(), steps);
      Structures.set(at + elegans_cfc_call.timespans$offset(), timespans);
      return call;
    }
  }
}
