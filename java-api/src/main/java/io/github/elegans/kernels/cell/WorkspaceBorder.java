package io.github.elegans.kernels.cell;

import io.github.elegans.kernels.Series;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What stands between a workspace and the series that it is used with: they share no memory. */
final class WorkspaceBorder {
  // As numbers, because three series are compared with them in every call.
  private final long from0;
  private final long end0;
  private final long from1;
  private final long end1;
  private final long from2;
  private final long end2;
  private final long from3;
  private final long end3;

  /**
   * A border.
   *
   * @param own at most four pieces of memory that a call writes
   */
  WorkspaceBorder(MemorySegment... own) {
    long[] bounds = new long[8];
    for (int i = 0; i < own.length; i++) {
      bounds[2 * i] = own[i].address();
      bounds[2 * i + 1] = own[i].address() + own[i].byteSize();
    }
    from0 = bounds[0];
    end0 = bounds[1];
    from1 = bounds[2];
    end1 = bounds[3];
    from2 = bounds[4];
    end2 = bounds[5];
    from3 = bounds[6];
    end3 = bounds[7];
  }

  /** Throws if a series lies in memory that a call on the workspace writes. */
  void check(String name, @Nullable Series series) {
    if (series == null) {
      return;
    }
    long at = series.data().address();
    long size = series.data().byteSize();
    if ((at < end0 && from0 - at < size)
        || (at < end1 && from1 - at < size)
        || (at < end2 && from2 - at < size)
        || (at < end3 && from3 - at < size)) {
      throw new IllegalArgumentException(
          name + " must not overlap the memory of the workspace that it is used with");
    }
  }
}
