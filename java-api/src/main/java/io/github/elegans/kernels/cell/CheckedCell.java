package io.github.elegans.kernels.cell;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.Series;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The checks before every cell. Keeps what a cell works on reachable, because backends work on raw
 * addresses of memory that is freed with its last reference.
 */
public class CheckedCell<W extends Workspace<?>> implements CellKernel<W> {
  private final Object weights;
  private final CellKernel<W> unchecked;

  /**
   * A checked cell.
   *
   * @param weights the cell's
   */
  public CheckedCell(Object weights, CellKernel<W> unchecked) {
    this.weights = weights;
    this.unchecked = unchecked;
  }

  @Override
  public final void run(
      W workspace,
      int firstRow,
      int rows,
      int steps,
      Series x,
      @Nullable Series timespans,
      @Nullable Series out) {
    FloatingPoint.check();
    checkRows(workspace, firstRow, rows);
    Require.atLeast("steps", 0, steps);
    WorkspaceBorder border = workspace.border;
    MemoryChecks.checkItems("x", x, firstRow, rows, steps, workspace.inputSize);
    // What the cell does not read, nobody has checked.
    Series times = workspace.isTimed ? Objects.requireNonNull(timespans, "timespans") : null;
    if (times != null) {
      MemoryChecks.checkItems("timespans", times, firstRow, rows, steps, 1);
    }
    if (out != null) {
      MemoryChecks.checkItems("out", out, firstRow, rows, steps, workspace.outputSize);
      MemoryChecks.checkOut(out, x, times);
    }
    if (!workspace.isInPlace(x)) {
      border.check("x", x);
    }
    border.check("timespans", times);
    border.check("out", out);
    try {
      if (lasts(x) && lasts(times) && lasts(out)) {
        unchecked.run(workspace, firstRow, rows, steps, x, times, out);
      } else {
        StagedSteps staged = workspace.stagedSteps();
        for (int done = 0, n; done < steps; done += n) {
          n = staged.bring(x, times, firstRow, rows, done, steps);
          unchecked.run(
              workspace,
              firstRow,
              rows,
              n,
              staged.x(),
              times == null ? null : staged.timespans(),
              staged.out(out));
          staged.take(out, firstRow, rows, done, n);
        }
      }
    } finally {
      Reference.reachabilityFence(this);
      Reference.reachabilityFence(workspace);
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(timespans);
      Reference.reachabilityFence(out);
    }
  }

  private static boolean lasts(@Nullable Series series) {
    return series == null || Staging.lasts(series.data());
  }

  /** Throws unless the workspace is of this cell and has the rows. */
  @SuppressWarnings("ReferenceEquality") // A workspace is of one cell, not of an equal one.
  protected final void checkRows(Workspace<?> workspace, int firstRow, int rows) {
    if (workspace.weights() != weights) {
      throw new IllegalArgumentException("the workspace was made for another cell");
    }
    Objects.checkFromIndexSize(firstRow, rows, workspace.rows());
  }

  /**
   * Checks the timespans of one step.
   *
   * @return the timespans for the kernel: those, or a copy of the step's as step 0
   */
  protected final Series checkTimespans(
      Workspace<?> workspace, int firstRow, int rows, Series timespans, int step) {
    MemoryChecks.checkItems("timespans", timespans, firstRow, rows, step + 1, 1);
    workspace.border.check("timespans", timespans);
    if (lasts(timespans)) {
      return timespans;
    }
    StagedSteps staged = workspace.stagedSteps();
    staged.bringTimespans(timespans, firstRow, rows, step);
    return staged.timespans();
  }
}
