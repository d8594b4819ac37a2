package io.github.elegans.networks.recurrent;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.CellDescription;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * An LSTM, which has a kernel of its own.
 *
 * @param timespanIsInput whether the timespan is the last input; otherwise it does not matter
 */
record Lstm(LstmWeights weights, boolean timespanIsInput) implements Layer {

  @Override
  public int outputSize() {
    return weights.hiddenSize();
  }

  @Override
  public Lstm with(WeightStorage storage) {
    return new Lstm(weights.withStorage(storage), timespanIsInput);
  }

  @Override
  public Cell cell(Kernels kernels, Accuracy accuracy) {
    return new LstmCell(weights, timespanIsInput, kernels.lstm().cell(weights, accuracy));
  }

  private record LstmCell(
      LstmWeights weights, boolean timespanIsInput, CellKernel<LstmWorkspace> kernel)
      implements Cell {

    @Override
    public int inputSize() {
      return weights.inputSize() - (timespanIsInput ? 1 : 0);
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
    public int memorySize() {
      return weights.hiddenSize();
    }

    @Override
    public Batch batch(int rows) {
      return LstmBatch.of(kernel, LstmWorkspace.of(weights, rows), timespanIsInput);
    }

    @Override
    public CellDescription description() {
      return new CellDescription.Lstm(weights, timespanIsInput);
    }
  }

  /**
   * A batch.
   *
   * @param inputs one step of every row, at the x of the workspace's [x | h]: where [x | timespan]
   *     is put together
   */
  private record LstmBatch(
      CellKernel<LstmWorkspace> kernel,
      LstmWorkspace workspace,
      boolean timespanIsInput,
      Series inputs)
      implements Cell.Batch {

    static LstmBatch of(
        CellKernel<LstmWorkspace> kernel, LstmWorkspace workspace, boolean timespanIsInput) {
      Series inputs = new Series(workspace.state(), workspace.stateStride(), 0);
      return new LstmBatch(kernel, workspace, timespanIsInput, inputs);
    }

    @Override
    public Cell.Batch forOtherRows() {
      return of(kernel, workspace.forOtherRows(), timespanIsInput);
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out) {
      if (!timespanIsInput) {
        kernel.run(workspace, firstRow, rows, steps, x, null, out);
        return;
      }
      int size = workspace.weights().inputSize() - 1;
      int end = firstRow + rows;
      for (int first = firstRow; first < end; first += Workspace.CHUNK) {
        int n = Math.min(Workspace.CHUNK, end - first);
        for (int step = 0; step < steps; step++) {
          for (int row = first; row < first + n; row++) {
            long to = inputs.offset(row, 0);
            FloatSegments.copy(x.data(), x.offset(row, step), inputs.data(), to, size);
            FloatSegments.copy(
                timespans.data(), timespans.offset(row, step), inputs.data(), to + size, 1);
          }
          kernel.run(workspace, first, n, 1, inputs, null, null);
          if (out != null) {
            emit(first, n, out, step);
          }
        }
      }
    }

    @Override
    public void emit(int firstRow, int rows, Series out, int step) {
      workspace.emit(firstRow, rows, out, step);
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      FloatSegments.copy(workspace.state(), workspace.hiddenStateOffset(row), state, at, units());
      FloatSegments.copy(workspace.memory(), memoryOffset(row), state, at + units(), units());
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      FloatSegments.copy(state, at, workspace.state(), workspace.hiddenStateOffset(row), units());
      FloatSegments.copy(state, at + units(), workspace.memory(), memoryOffset(row), units());
    }

    private long memoryOffset(int row) {
      return (long) row * workspace.memoryStride();
    }

    private int units() {
      return workspace.weights().hiddenSize();
    }
  }
}
