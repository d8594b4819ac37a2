package io.github.elegans.networks.cfc;

import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cfc.CfcKernel;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.CellDescription;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A CfC cell on a backend; its output is its state. */
record CfcCell(CfcKernel kernel, CfcWeights weights) implements Cell {

  @Override
  public int inputSize() {
    return weights.inputSize();
  }

  @Override
  public int outputSize() {
    return weights.hiddenSize();
  }

  @Override
  public int stateSize() {
    return weights.hiddenSize();
  }

  @Override
  public Batch batch(int rows) {
    return new CfcBatch(kernel, CfcWorkspace.of(weights, rows));
  }

  @Override
  public CellDescription description() {
    return new CellDescription.Cfc(weights);
  }

  private record CfcBatch(CfcKernel kernel, CfcWorkspace workspace) implements Batch {

    @Override
    public Batch forOtherRows() {
      return new CfcBatch(kernel, workspace.forOtherRows());
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
      copyState(workspace.state(), workspace.hiddenStateOffset(row), state, at);
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      copyState(state, at, workspace.state(), workspace.hiddenStateOffset(row));
    }

    @Override
    public void gather(Batch from, int[] rows, int first, int n, MemorySegment via) {
      CfcWorkspace other = ((CfcBatch) from).workspace;
      for (int i = 0; i < n; i++) {
        copyState(
            other.state(),
            other.hiddenStateOffset(rows[first + i]),
            workspace.state(),
            workspace.hiddenStateOffset(i));
      }
    }

    @Override
    public void scatter(Batch to, int[] rows, int first, int n, MemorySegment via) {
      CfcWorkspace other = ((CfcBatch) to).workspace;
      for (int i = 0; i < n; i++) {
        copyState(
            workspace.state(),
            workspace.hiddenStateOffset(i),
            other.state(),
            other.hiddenStateOffset(rows[first + i]));
      }
    }

    private void copyState(MemorySegment from, long at, MemorySegment to, long toAt) {
      FloatSegments.copy(from, at, to, toAt, workspace.weights().hiddenSize());
    }

    @Override
    public boolean sharesSteps() {
      return workspace.rows() == workspace.hiddenRows();
    }

    @Override
    public Batch forOtherPart() {
      return new CfcBatch(kernel, workspace.forOtherPanels());
    }

    @Override
    public void runPart(
        int member,
        int members,
        Runnable barrier,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      int rows = workspace.rows();
      for (int step = 0; step < steps; step++) {
        if (member == 0) {
          workspace.begin(0, rows, x, step);
        }
        barrier.run();
        for (int layer = 0; layer < workspace.weights().layerCount(); layer++) {
          int panels = workspace.weights().layer(layer).panelCount();
          int first = panels * member / members;
          int end = panels * (member + 1) / members;
          kernel.layer(workspace, 0, rows, layer, first, end - first, timespans, step);
          barrier.run();
        }
        if (member == 0 && out != null) {
          workspace.emit(0, rows, out, step);
        }
      }
    }
  }
}
