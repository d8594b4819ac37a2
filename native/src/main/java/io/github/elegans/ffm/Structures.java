package io.github.elegans.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.ffm.bindings.elegans_dense;
import io.github.elegans.ffm.bindings.elegans_series;
import io.github.elegans.kernels.DenseWeights;
import io.github.elegans.kernels.Series;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What the C structures of several families share. */
final class Structures {
  private Structures() {}

  /** Describes a dense layer, which must stay reachable. */
  static void describe(DenseWeights weights, MemorySegment dense) {
    elegans_dense.panels(dense, weights.panels());
    elegans_dense.inputs(dense, weights.inputs());
    elegans_dense.outputs(dense, weights.outputs());
    elegans_dense.storage(dense, weights.storage().ordinal());
  }

  /**
   * Writes a series, or null as no data, into a structure; by offsets, because a slice for each
   * would be allocated.
   */
  static void set(MemorySegment structure, long offset, @Nullable Series value) {
    if (value == null) {
      structure.set(Elegans.C_POINTER, offset + elegans_series.data$offset(), MemorySegment.NULL);
      return;
    }
    structure.set(Elegans.C_POINTER, offset + elegans_series.data$offset(), value.data());
    structure.set(JAVA_LONG, offset + elegans_series.row_stride$offset(), value.rowStride());
    structure.set(JAVA_LONG, offset + elegans_series.step_stride$offset(), value.stepStride());
  }
}
