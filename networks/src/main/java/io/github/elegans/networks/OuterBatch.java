package io.github.elegans.networks;

import java.lang.foreign.MemorySegment;

/** A batch whose state is that of another, which it does something before or behind. */
abstract class OuterBatch implements Cell.Batch {
  final Cell.Batch batch;

  OuterBatch(Cell.Batch batch) {
    this.batch = batch;
  }

  @Override
  public void store(int row, MemorySegment state, long at) {
    batch.store(row, state, at);
  }

  @Override
  public void load(int row, MemorySegment state, long at) {
    batch.load(row, state, at);
  }

  @Override
  public void gather(Cell.Batch from, int[] rows, int first, int n, MemorySegment via) {
    batch.gather(((OuterBatch) from).batch, rows, first, n, via);
  }

  @Override
  public void scatter(Cell.Batch to, int[] rows, int first, int n, MemorySegment via) {
    batch.scatter(((OuterBatch) to).batch, rows, first, n, via);
  }

  @Override
  public boolean sharesSteps() {
    return batch.sharesSteps();
  }
}
