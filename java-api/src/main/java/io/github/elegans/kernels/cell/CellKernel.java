package io.github.elegans.kernels.cell;

import io.github.elegans.kernels.Series;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent cell ready to run. Immutable; may run in many threads at once as long as each has its
 * own workspace or its own rows of a shared one.
 *
 * @param <W> the memory that it runs in
 */
public interface CellKernel<W extends Workspace<?>> {

  /**
   * Advances rows {@code firstRow .. firstRow + rows - 1} of the workspace by {@code steps} steps.
   *
   * @param x input items of I floats, for every row of the workspace and the steps 0 .. steps - 1;
   *     for a single step they may be the x of the workspace's own rows [x | h], if it has such
   * @param timespans items of one float, finite and not negative; null for cells that know no time
   * @param out receives the output, items of O floats, after every step; null to keep the state
   *     only
   */
  void run(
      W workspace,
      int firstRow,
      int rows,
      int steps,
      Series x,
      @Nullable Series timespans,
      @Nullable Series out);
}
