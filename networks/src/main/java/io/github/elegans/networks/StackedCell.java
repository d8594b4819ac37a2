package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Cells of which each reads the output of the one before. */
record StackedCell(List<Cell> cells) implements Cell {

  @Override
  public int inputSize() {
    return cells.getFirst().inputSize();
  }

  @Override
  public int outputSize() {
    return cells.getLast().outputSize();
  }

  @Override
  public int stateSize() {
    return cells.stream()
        .mapToInt(Cell::stateSize)
        .reduce(0, (a, b) -> Require.sum("the state of a stack", a, b));
  }

  @Override
  public int memorySize() {
    return cells.stream()
        .mapToInt(Cell::memorySize)
        .reduce(0, (a, b) -> Require.sum("the memory of a stack", a, b));
  }

  @Override
  public Batch batch(int rows) {
    return batch(rows, 1);
  }

  @Override
  public Batch batch(int rows, int steps) {
    Batch[] batches = cells.stream().map(cell -> cell.batch(rows, steps)).toArray(Batch[]::new);
    Series[] between =
        cells.stream()
            .limit(batches.length - 1)
            .mapToInt(Cell::outputSize)
            .mapToObj(size -> series(rows, steps, size))
            .toArray(Series[]::new);
    return new StackedBatch(this, batches, between);
  }

  @Override
  public CellDescription description() {
    return new CellDescription.Stacked(cells);
  }

  private static Series series(int rows, int steps, int size) {
    long perRow = (long) steps * size;
    return new Series(Floats.allocate(rows * perRow), perRow, size);
  }

  private static final class StackedBatch implements Batch {
    private final StackedCell cell;
    private final Batch[] batches;

    /** Outputs of all layers but the last; threads share them, each with rows of its own. */
    private final Series[] between;

    private final int stateSize;

    /** State and memory of a row of one layer on their way. */
    private final MemorySegment rowState;

    StackedBatch(StackedCell cell, Batch[] batches, Series[] between) {
      this.cell = cell;
      this.batches = batches;
      this.between = between;
      stateSize = cell.stateSize();
      rowState = Floats.allocate((long) stateSize + cell.memorySize());
    }

    private StackedBatch map(UnaryOperator<Batch> change) {
      Batch[] changed = Arrays.stream(batches).map(change).toArray(Batch[]::new);
      return new StackedBatch(cell, changed, between);
    }

    @Override
    public Batch forOtherRows() {
      return map(Batch::forOtherRows);
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out) {
      Series input = x;
      for (int i = 0; i < batches.length; i++) {
        Series output = i < between.length ? between[i] : out;
        batches[i].run(firstRow, rows, steps, input, timespans, output);
        input = i < between.length ? between[i] : input;
      }
    }

    @Override
    public void emit(int firstRow, int rows, Series out, int step) {
      batches[batches.length - 1].emit(firstRow, rows, out, step);
    }

    @Override
    public void store(int row, MemorySegment state, long at) {
      long h = at;
      long c = at + stateSize;
      for (int i = 0; i < batches.length; i++) {
        Cell layer = cell.cells.get(i);
        batches[i].store(row, rowState, 0);
        FloatSegments.copy(rowState, 0, state, h, layer.stateSize());
        FloatSegments.copy(rowState, layer.stateSize(), state, c, layer.memorySize());
        h += layer.stateSize();
        c += layer.memorySize();
      }
    }

    @Override
    public void load(int row, MemorySegment state, long at) {
      long h = at;
      long c = at + stateSize;
      for (int i = 0; i < batches.length; i++) {
        Cell layer = cell.cells.get(i);
        FloatSegments.copy(state, h, rowState, 0, layer.stateSize());
        FloatSegments.copy(state, c, rowState, layer.stateSize(), layer.memorySize());
        batches[i].load(row, rowState, 0);
        h += layer.stateSize();
        c += layer.memorySize();
      }
    }

    @Override
    public void gather(Batch from, int[] rows, int first, int n, MemorySegment via) {
      for (int i = 0; i < batches.length; i++) {
        batches[i].gather(((StackedBatch) from).batches[i], rows, first, n, via);
      }
    }

    @Override
    public void scatter(Batch to, int[] rows, int first, int n, MemorySegment via) {
      for (int i = 0; i < batches.length; i++) {
        batches[i].scatter(((StackedBatch) to).batches[i], rows, first, n, via);
      }
    }

    @Override
    public boolean sharesSteps() {
      return Arrays.stream(batches).allMatch(Batch::sharesSteps);
    }

    @Override
    public Batch forOtherPart() {
      return map(Batch::forOtherPart);
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
      Series input = x;
      for (int i = 0; i < batches.length; i++) {
        Series output = i < between.length ? between[i] : out;
        batches[i].runPart(member, members, barrier, steps, input, timespans, output);
        barrier.run();
        input = i < between.length ? between[i] : input;
      }
    }
  }
}
