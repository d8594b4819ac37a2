package io.github.elegans.networks.recurrent;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.CellDescription;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Any dynamics as a cell: chunks of rows are copied to where they work, and back. */
record DynamicsCell(Dynamics dynamics, Rows.Functions functions) implements Cell {

  @Override
  public int inputSize() {
    return dynamics.inputSize();
  }

  @Override
  public int outputSize() {
    return dynamics.outputSize();
  }

  @Override
  public int stateSize() {
    return dynamics.stateSize();
  }

  @Override
  public int memorySize() {
    return dynamics.memorySize();
  }

  @Override
  public Batch batch(int rows) {
    int stride = PanelLayout.roundUp(stateSize() + memorySize());
    long bytes = Require.bytes("the state of all rows", (long) rows * stride, Float.BYTES);
    MemorySegment states = Arena.ofAuto().allocate(bytes, PanelLayout.ALIGNMENT);
    return new DynamicsBatch(this, states, stride);
  }

  @Override
  public CellDescription description() {
    return dynamics.description();
  }

  private static final class DynamicsBatch implements Batch {
    private final DynamicsCell cell;
    private final Dynamics dynamics;
    private final MemorySegment states;
    private final int stride;
    private final int inputs;
    private final int width;
    private final Rows rows;
    private final Rows timespans;
    private final Dynamics.Step step;

    DynamicsBatch(DynamicsCell cell, MemorySegment states, int stride) {
      this.cell = cell;
      this.dynamics = cell.dynamics;
      this.states = states;
      this.stride = stride;
      inputs = dynamics.inputSize();
      width = dynamics.stateSize() + dynamics.memorySize();
      rows = Rows.of(inputs + width);
      timespans = Rows.of(1);
      step = dynamics.step(cell.functions);
    }

    @Override
    public Batch forOtherRows() {
      return new DynamicsBatch(cell, states, stride);
    }

    @Override
    public void run(
        int firstRow, int count, int steps, Series x, Series elapsed, @Nullable Series out) {
      int end = firstRow + count;
      for (int first = firstRow; first < end; first += Rows.CHUNK) {
        int n = Math.min(Rows.CHUNK, end - first);
        begin(first, n);
        for (int t = 0; t < steps; t++) {
          for (int r = 0; r < n; r++) {
            FloatSegments.copy(
                x.data(), x.offset(first + r, t), rows.data(), rows.index(r), inputs);
            float timespan =
                elapsed
                    .data()
                    .get(
                        ValueLayout.JAVA_FLOAT_UNALIGNED,
                        elapsed.offset(first + r, t) * Float.BYTES);
            timespans.set(r, 0, timespan);
          }
          step.advance(rows, timespans, n);
          if (out != null) {
            output(first, n, out, t);
          }
        }
        for (int r = 0; r < n; r++) {
          FloatSegments.copy(
              rows.data(), rows.index(r) + inputs, states, (long) (first + r) * stride, width);
        }
      }
    }

    private void begin(int first, int n) {
      for (int r = 0; r < n; r++) {
        FloatSegments.copy(
            states, (long) (first + r) * stride, rows.data(), rows.index(r) + inputs, width);
      }
    }

    private void output(int first, int n, Series out, int t) {
      for (int r = 0; r < n; r++) {
        long to = out.offset(first + r, t);
        for (int i = 0; i < dynamics.outputSize(); i++) {
          out.data()
              .set(
                  ValueLayout.JAVA_FLOAT_UNALIGNED,
                  (to + i) * Float.BYTES,
                  step.output(rows, r, i, inputs));
        }
      }
    }

    @Override
    public void emit(int firstRow, int count, Series out, int t) {
      int end = firstRow + count;
      for (int first = firstRow; first < end; first += Rows.CHUNK) {
        int n = Math.min(Rows.CHUNK, end - first);
        begin(first, n);
        output(first, n, out, t);
      }
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      FloatSegments.copy(states, (long) row * stride, state, at, width);
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      FloatSegments.copy(state, at, states, (long) row * stride, width);
    }
  }
}
