package io.github.elegans.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A view of one item per row (sample of a batch) and step (time): the item of row b at step t
 * begins at {@code b * rowStride + t * stepStride}. A stride of 0 repeats the item, so that one
 * timespan can serve a whole batch.
 *
 * @param data floats in native memory
 * @param rowStride floats from a row to the next
 * @param stepStride floats from a step to the next
 */
public record Series(MemorySegment data, long rowStride, long stepStride) {

  /** Index of the item's first float in {@link #data()}. */
  public long offset(int row, int step) {
    return row * rowStride + step * stepStride;
  }
}
