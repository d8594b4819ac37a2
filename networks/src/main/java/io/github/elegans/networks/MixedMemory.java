package io.github.elegans.networks;

import io.github.elegans.backends.Kernels;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mixed memory (ncps's {@code mixed_memory=True}, the paper's CfC-mmRNN): an LSTM beside a cell, on
 * the same input, whose recurrent input is the cell's state.
 *
 * <p>In PyTorch's scheme the LSTM's output takes the place of the cell's previous state, and the
 * cell sees the input: (h̃, c) = LSTM(x, (h, c)); h = Cell(x, h̃, Δ). In TensorFlow's it takes the
 * place of the input: q = LSTM(x, (h, c)); h = Cell(q, h, Δ). The state is h, the memory c.
 */
public final class MixedMemory implements Cell {
  private final CellKernel<LstmWorkspace> lstm;
  private final LstmWeights weights;
  private final Cell cell;
  private final boolean replacesState;
  private final int stateSize;
  private final int outputSize;

  private MixedMemory(
      LstmWeights weights, Cell cell, boolean replacesState, Kernels kernels, Accuracy accuracy) {
    Require.length("the LSTM's units", cell.stateSize(), weights.hiddenSize());
    Require.length("the cell's memory", 0, cell.memorySize());
    this.lstm = kernels.lstm().cell(weights, accuracy);
    this.weights = weights;
    this.cell = cell;
    this.replacesState = replacesState;
    stateSize = cell.stateSize();
    outputSize = cell.outputSize();
  }

  /** The scheme of ncps on PyTorch, and of the CfC repository's PyTorch code. */
  public static Cell torch(LstmWeights weights, Cell cell, Kernels kernels, Accuracy accuracy) {
    requireNonNull(weights, cell, kernels, accuracy);
    Require.length("the cell's inputs", weights.inputSize(), cell.inputSize());
    return new MixedMemory(weights, cell, true, kernels, accuracy);
  }

  /** The scheme of ncps on TensorFlow and Keras, and of the CfC repository's TensorFlow code. */
  public static Cell tensorFlow(
      LstmWeights weights, Cell cell, Kernels kernels, Accuracy accuracy) {
    requireNonNull(weights, cell, kernels, accuracy);
    Require.length("the cell's inputs", weights.hiddenSize(), cell.inputSize());
    return new MixedMemory(weights, cell, false, kernels, accuracy);
  }

  private static void requireNonNull(
      LstmWeights weights, Cell cell, Kernels kernels, Accuracy accuracy) {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(kernels, "kernels");
    Objects.requireNonNull(accuracy, "accuracy");
  }

  /** Trainable parameters of the LSTM. */
  public static long parameterCount(LstmWeights weights) {
    return 4 * (weights.gates().inputs() + 1L) * weights.hiddenSize();
  }

  @Override
  public int inputSize() {
    return weights.inputSize();
  }

  @Override
  public int outputSize() {
    return outputSize;
  }

  @Override
  public int stateSize() {
    return stateSize;
  }

  @Override
  public int memorySize() {
    return weights.hiddenSize();
  }

  @Override
  public Batch batch(int rows) {
    return new MixedBatch(
        this,
        LstmWorkspace.of(weights, rows),
        cell.batch(rows),
        Floats.allocate((long) rows * inputSize()),
        Floats.allocate(rows),
        Floats.allocate((long) rows * outputSize()));
  }

  @Override
  public CellDescription description() {
    return new CellDescription.Mixed(weights, cell, replacesState);
  }

  private static final class MixedBatch implements Batch {
    private final MixedMemory mixed;
    private final LstmWorkspace workspace;
    private final Batch batch;

    // One step of every row, and the LSTM's output.
    private final Series x;
    private final Series timespans;
    private final Series out;
    private final Series q;

    MixedBatch(
        MixedMemory mixed,
        LstmWorkspace workspace,
        Batch batch,
        MemorySegment x,
        MemorySegment timespans,
        MemorySegment out) {
      this.mixed = mixed;
      this.workspace = workspace;
      this.batch = batch;
      this.x = new Series(x, mixed.inputSize(), 0);
      this.timespans = new Series(timespans, 1, 0);
      this.out = new Series(out, mixed.outputSize(), 0);
      q =
          new Series(
              workspace.state().asSlice(workspace.hiddenStateOffset(0) * Float.BYTES),
              workspace.stateStride(),
              0);
    }

    @Override
    public Batch forOtherRows() {
      return new MixedBatch(
          mixed,
          workspace.forOtherRows(),
          batch.forOtherRows(),
          x.data(),
          timespans.data(),
          out.data());
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series xs, Series elapsed, @Nullable Series outs) {
      int end = firstRow + rows;
      for (int row = firstRow; row < end; row += Workspace.CHUNK) {
        int n = Math.min(Workspace.CHUNK, end - row);
        if (steps == 1) {
          step(row, n, xs, elapsed, outs);
          continue;
        }
        for (int step = 0; step < steps; step++) {
          copy(xs, step, x, 0, row, n, mixed.inputSize());
          copy(elapsed, step, timespans, 0, row, n, 1);
          step(row, n, x, timespans, outs == null ? null : out);
          if (outs != null) {
            copy(out, 0, outs, step, row, n, mixed.outputSize());
          }
        }
      }
    }

    private static void copy(
        Series from, int step, Series to, int toStep, int firstRow, int rows, int width) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        FloatSegments.copy(
            from.data(), from.offset(row, step), to.data(), to.offset(row, toStep), width);
      }
    }

    private void step(int firstRow, int rows, Series xs, Series elapsed, @Nullable Series outs) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        batch.store(row, workspace.state(), workspace.hiddenStateOffset(row));
      }
      mixed.lstm.run(workspace, firstRow, rows, 1, xs, null, null);
      if (!mixed.replacesState) {
        batch.run(firstRow, rows, 1, q, elapsed, outs);
        return;
      }
      for (int row = firstRow; row < firstRow + rows; row++) {
        batch.load(row, workspace.state(), workspace.hiddenStateOffset(row));
      }
      batch.run(firstRow, rows, 1, xs, elapsed, outs);
    }

    @Override
    public void emit(int firstRow, int rows, Series outs, int step) {
      batch.emit(firstRow, rows, outs, step);
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      batch.store(row, state, at);
      FloatSegments.copy(
          workspace.memory(), memoryOffset(row), state, at + mixed.stateSize(), size());
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      batch.load(row, state, at);
      FloatSegments.copy(
          state, at + mixed.stateSize(), workspace.memory(), memoryOffset(row), size());
    }

    @Override
    public void gather(Batch from, int[] rows, int first, int n, MemorySegment via) {
      MixedBatch other = (MixedBatch) from;
      batch.gather(other.batch, rows, first, n, via);
      for (int i = 0; i < n; i++) {
        long at = memoryOffset(rows[first + i]);
        FloatSegments.copy(
            other.workspace.memory(), at, workspace.memory(), memoryOffset(i), size());
      }
    }

    @Override
    public void scatter(Batch to, int[] rows, int first, int n, MemorySegment via) {
      MixedBatch other = (MixedBatch) to;
      batch.scatter(other.batch, rows, first, n, via);
      for (int i = 0; i < n; i++) {
        long at = memoryOffset(rows[first + i]);
        FloatSegments.copy(
            workspace.memory(), memoryOffset(i), other.workspace.memory(), at, size());
      }
    }

    private long memoryOffset(int row) {
      return (long) row * workspace.memoryStride();
    }

    private int size() {
      return mixed.weights.hiddenSize();
    }
  }
}
