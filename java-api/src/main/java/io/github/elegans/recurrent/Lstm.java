package io.github.elegans.recurrent;

import io.github.elegans.files.OnnxGraph;
import io.github.elegans.files.OnnxGraph.Value;
import io.github.elegans.kernels.Accuracy;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.kernels.LstmKernels;
import io.github.elegans.kernels.LstmWeights;
import io.github.elegans.kernels.LstmWorkspace;
import io.github.elegans.kernels.Series;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.MixedMemory;
import io.github.elegans.networks.OnnxGates;
import io.github.elegans.networks.OnnxStep;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** An LSTM, which has a kernel of its own; timespans do not matter to it. */
record Lstm(LstmWeights weights) implements Layer {

  @Override
  public int outputSize() {
    return weights.hiddenSize();
  }

  @Override
  public long parameterCount() {
    return MixedMemory.parameterCount(weights);
  }

  @Override
  public Cell cell(Kernels kernels, Accuracy accuracy) {
    return new LstmCell(weights, kernels.lstm().cell(weights, accuracy));
  }

  private record LstmCell(LstmWeights weights, LstmKernels.Cell kernel) implements Cell {

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
    public int memorySize() {
      return weights.hiddenSize();
    }

    @Override
    public Batch batch(int rows) {
      return new LstmBatch(kernel, LstmWorkspace.of(weights, rows));
    }

    @Override
    public OnnxStep onnx(OnnxGraph graph, Value x, Value timespans, OnnxStep before) {
      return OnnxGates.lstm(weights).step(graph, x, before);
    }

    @Override
    public OnnxStep onnxSequence(OnnxGraph graph, Value x, Value timespans, OnnxStep before) {
      return OnnxGates.lstm(weights).sequence(graph, x, before);
    }
  }

  private record LstmBatch(LstmKernels.Cell kernel, LstmWorkspace workspace) implements Cell.Batch {

    @Override
    public Cell.Batch forOtherRows() {
      return new LstmBatch(kernel, workspace.forOtherRows());
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out) {
      kernel.run(workspace, firstRow, rows, steps, x, out);
    }

    @Override
    public void emit(int firstRow, int rows, Series out, int step) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        copy(
            workspace.state(), workspace.hiddenStateOffset(row), out.data(), out.offset(row, step));
      }
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      copy(workspace.state(), workspace.hiddenStateOffset(row), state, at);
      copy(workspace.memory(), memoryOffset(row), state, at + units());
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      copy(state, at, workspace.state(), workspace.hiddenStateOffset(row));
      copy(state, at + units(), workspace.memory(), memoryOffset(row));
    }

    private long memoryOffset(int row) {
      return (long) row * workspace.memoryStride();
    }

    private int units() {
      return workspace.weights().hiddenSize();
    }

    private void copy(MemorySegment from, long at, MemorySegment to, long toAt) {
      long bytes = (long) units() * Float.BYTES;
      MemorySegment.copy(from, at * Float.BYTES, to, toAt * Float.BYTES, bytes);
    }
  }
}
