package io.github.elegans.networks.ltc;

import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.ltc.LtcWeights;
import io.github.elegans.kernels.ltc.LtcWorkspace;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.CellDescription;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An LTC cell on a backend; its output are the mapped states of the motor neurons. */
record LtcCell(CellKernel<LtcWorkspace> kernel, LtcWeights weights) implements Cell {

  @Override
  public int inputSize() {
    return weights.inputSize();
  }

  @Override
  public int outputSize() {
    return weights.outputSize();
  }

  @Override
  public int stateSize() {
    return weights.units();
  }

  @Override
  public Batch batch(int rows) {
    return new LtcBatch(kernel, LtcWorkspace.of(weights, rows));
  }

  @Override
  public CellDescription description() {
    return new CellDescription.Ltc(weights);
  }

  private record LtcBatch(CellKernel<LtcWorkspace> kernel, LtcWorkspace workspace)
      implements Batch {

    @Override
    public Batch forOtherRows() {
      return new LtcBatch(kernel, workspace.forOtherRows());
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out) {
      kernel.run(workspace, firstRow, rows, steps, x, timespans, out);
    }

    @Override
    public void emit(int firstRow, int rows, Series out, int step) {
      workspace.emit(firstRow, rows, out, step);
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      copy(workspace.state(), (long) row * workspace.stateStride(), state, at);
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      copy(state, at, workspace.state(), (long) row * workspace.stateStride());
    }

    private void copy(MemorySegment from, long at, MemorySegment to, long toAt) {
      FloatSegments.copy(from, at, to, toAt, workspace.weights().units());
    }
  }
}
