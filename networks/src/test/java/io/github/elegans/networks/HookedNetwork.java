package io.github.elegans.networks;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.math.Accuracy;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A network that does something whenever it allocates a batch, and at the beginning of every run of
 * a share of the rows.
 */
record HookedNetwork(Network network, Runnable allocating, Runnable running) implements Network {

  HookedNetwork(Network network, Runnable running) {
    this(network, () -> {}, running);
  }

  @Override
  public Cell cell() {
    return new HookedCell(network.cell(), allocating, running);
  }

  @Override
  public Kernels kernels() {
    return network.kernels();
  }

  @Override
  public Accuracy accuracy() {
    return network.accuracy();
  }

  @Override
  public Network on(Kernels other) {
    return new HookedNetwork(network.on(other), allocating, running);
  }

  @Override
  public Network with(Accuracy other) {
    return new HookedNetwork(network.with(other), allocating, running);
  }

  @Override
  public long parameterCount() {
    return network.parameterCount();
  }

  private record HookedCell(Cell cell, Runnable allocating, Runnable running) implements Cell {
    @Override
    public int inputSize() {
      return cell.inputSize();
    }

    @Override
    public int outputSize() {
      return cell.outputSize();
    }

    @Override
    public int stateSize() {
      return cell.stateSize();
    }

    @Override
    public int memorySize() {
      return cell.memorySize();
    }

    @Override
    public Batch batch(int rows) {
      return batch(rows, 1);
    }

    @Override
    public Batch batch(int rows, int steps) {
      allocating.run();
      return new HookedBatch(cell.batch(rows, steps), running);
    }
  }

  private record HookedBatch(Cell.Batch batch, Runnable hook) implements Cell.Batch {
    @Override
    public Cell.Batch forOtherRows() {
      return new HookedBatch(batch.forOtherRows(), hook);
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out) {
      hook.run();
      batch.run(firstRow, rows, steps, x, timespans, out);
    }

    @Override
    public void emit(int firstRow, int rows, Series out, int step) {
      batch.emit(firstRow, rows, out, step);
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      batch.store(row, state, at);
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      batch.load(row, state, at);
    }
  }
}
