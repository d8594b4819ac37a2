package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cell whose output goes through a dense layer; state and memory are those of the cell.
 *
 * @param cell what is projected
 * @param weights [P, O]
 * @param activation of the layer
 * @param accuracy the tier of the activation
 */
public record ProjectedCell(
    Cell cell, DenseWeights weights, DenseKernels dense, Activation activation, Accuracy accuracy)
    implements Cell {

  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if the weights do not take the cell's outputs
   */
  public ProjectedCell {
    Objects.requireNonNull(cell, "cell");
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(dense, "dense");
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(accuracy, "accuracy");
    Require.length("inputs of the projection", cell.outputSize(), weights.inputs());
  }

  /** A linear layer: ncps's {@code proj_size}. */
  public ProjectedCell(Cell cell, DenseWeights weights, DenseKernels dense) {
    this(cell, weights, dense, Activation.LINEAR, Accuracy.ACCURATE);
  }

  @Override
  public int inputSize() {
    return cell.inputSize();
  }

  @Override
  public int outputSize() {
    return weights.outputs();
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
    return new ProjectedBatch(this, cell.batch(rows, steps), rows, steps);
  }

  @Override
  public CellDescription description() {
    return new CellDescription.Projected(cell, weights, activation);
  }

  private static final class ProjectedBatch extends OuterBatch {
    private final DenseWeights weights;
    private final ProjectedCell cell;
    private final int allRows;
    private final int mostSteps;

    /** Outputs of the cell, step after step, each from {@link #firstRow} on. */
    private final MemorySegment memory;

    private final MemorySegment projected;

    // How the memory is used; the same in every call of a session.
    private int firstRow;
    private int rows;
    private Series outputs;
    private MemorySegment firstOutput;

    ProjectedBatch(ProjectedCell cell, Batch batch, int allRows, int mostSteps) {
      this(
          cell,
          batch,
          allRows,
          mostSteps,
          Floats.allocate((long) allRows * mostSteps * cell.weights.inputs()),
          Floats.allocate(
              (long) allRows * mostSteps * PanelLayout.roundUp(cell.weights.outputs())));
    }

    private ProjectedBatch(
        ProjectedCell cell,
        Batch batch,
        int allRows,
        int mostSteps,
        MemorySegment memory,
        MemorySegment projected) {
      super(batch);
      this.cell = cell;
      this.weights = cell.weights;
      this.allRows = allRows;
      this.mostSteps = mostSteps;
      this.memory = memory;
      this.projected = projected;
      outputs = new Series(memory, weights.inputs(), 0);
      firstOutput = memory;
    }

    @Override
    public Batch forOtherRows() {
      return new ProjectedBatch(cell, batch.forOtherRows(), allRows, mostSteps);
    }

    @Override
    public void run(int first, int n, int steps, Series x, Series timespans, @Nullable Series out) {
      if (out == null) {
        batch.run(first, n, steps, x, timespans, null);
        return;
      }
      arrange(first, n, steps);
      batch.run(first, n, steps, x, timespans, outputs);
      project(first, n, steps, out, 0);
    }

    @Override
    public void emit(int first, int n, Series out, int step) {
      arrange(first, n, 1);
      batch.emit(first, n, outputs, 0);
      project(first, n, 1, out, step);
    }

    /** Lays out the memory so that what is projected together stands together. */
    private void arrange(int first, int n, int steps) {
      if (first != firstRow || (steps > 1 && n != rows)) {
        firstRow = first;
        rows = n;
        int size = weights.inputs();
        outputs = new Series(memory, size, (long) n * size);
        firstOutput = memory.asSlice((long) first * size * Float.BYTES);
      }
    }

    private void project(int first, int n, int steps, Series out, int firstStep) {
      int size = weights.outputs();
      int stride = PanelLayout.roundUp(size);
      cell.dense.forward(
          weights,
          cell.activation,
          cell.accuracy,
          firstOutput,
          weights.inputs(),
          projected,
          stride,
          Require.elements("outputs to project", n, steps));
      long at = 0;
      for (int step = firstStep; step < firstStep + steps; step++) {
        for (int row = first; row < first + n; row++) {
          FloatSegments.copy(projected, at, out.data(), out.offset(row, step), size);
          at += stride;
        }
      }
    }

    @Override
    public Batch forOtherPart() {
      return new ProjectedBatch(cell, batch.forOtherPart(), allRows, mostSteps, memory, projected);
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
      if (out == null) {
        batch.runPart(member, members, barrier, steps, x, timespans, null);
        return;
      }
      arrange(0, allRows, steps);
      batch.runPart(member, members, barrier, steps, x, timespans, outputs);
      barrier.run();
      if (member == 0) {
        project(0, allRows, steps, out, 0);
      }
    }
  }
}
