package io.github.elegans.networks;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.math.Accuracy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A network with state and memory that implements no more than it must: with I = S = O = M, h' = h
 * / 2 + x + Δ and c' = c + h'. The output is h' + c'.
 */
record PairNetwork(int size, Kernels kernels, Accuracy accuracy) implements Network {

  PairNetwork(int size) {
    this(size, Backends.get(), Accuracy.ACCURATE);
  }

  @Override
  public Cell cell() {
    return new PairCell(size);
  }

  @Override
  public Network on(Kernels other) {
    return new PairNetwork(size, other, accuracy);
  }

  @Override
  public Network with(Accuracy other) {
    return new PairNetwork(size, kernels, other);
  }

  @Override
  public long parameterCount() {
    return 0;
  }

  private record PairCell(int size) implements Cell {
    @Override
    public int inputSize() {
      return size;
    }

    @Override
    public int outputSize() {
      return size;
    }

    @Override
    public int stateSize() {
      return size;
    }

    @Override
    public int memorySize() {
      return size;
    }

    @Override
    public Batch batch(int rows) {
      return new PairBatch(size, new float[rows][2 * size]);
    }
  }

  private record PairBatch(int size, float[][] pairs) implements Cell.Batch {
    @Override
    public Cell.Batch forOtherRows() {
      return this;
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        float[] pair = pairs[row];
        for (int step = 0; step < steps; step++) {
          float timespan = get(timespans.data(), timespans.offset(row, step));
          for (int i = 0; i < size; i++) {
            pair[i] = pair[i] / 2 + get(x.data(), x.offset(row, step) + i) + timespan;
            pair[size + i] += pair[i];
          }
          if (out != null) {
            emit(row, 1, out, step);
          }
        }
      }
    }

    @Override
    public void emit(int firstRow, int rows, Series out, int step) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        for (int i = 0; i < size; i++) {
          float output = pairs[row][i] + pairs[row][size + i];
          out.data().setAtIndex(ValueLayout.JAVA_FLOAT, out.offset(row, step) + i, output);
        }
      }
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      for (int i = 0; i < 2 * size; i++) {
        state.setAtIndex(ValueLayout.JAVA_FLOAT, at + i, pairs[row][i]);
      }
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      for (int i = 0; i < 2 * size; i++) {
        pairs[row][i] = get(state, at + i);
      }
    }

    private static float get(MemorySegment memory, long at) {
      return memory.getAtIndex(ValueLayout.JAVA_FLOAT, at);
    }
  }
}
