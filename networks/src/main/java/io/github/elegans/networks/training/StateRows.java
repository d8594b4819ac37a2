package io.github.elegans.networks.training;

/** A row for each sample of a leaf: hidden state and memory, or the gradients of both. */
final class StateRows {
  private final RowBuffer hidden;
  private final RowBuffer memory;

  /**
   * Zeros.
   *
   * @param memorySize 0 for a cell without memory
   */
  StateRows(int stateSize, int memorySize) {
    hidden = RowBuffer.of(stateSize, LeafRows.SAMPLES);
    memory = RowBuffer.of(memorySize, LeafRows.SAMPLES);
  }

  private StateRows(RowBuffer hidden, RowBuffer memory) {
    this.hidden = hidden;
    this.memory = memory;
  }

  /** The same memory beside another hidden state. */
  StateRows withHidden(RowBuffer other) {
    return new StateRows(other, memory);
  }

  RowBuffer hidden() {
    return hidden;
  }

  RowBuffer memory() {
    return memory;
  }

  void clear() {
    hidden.clear(LeafRows.SAMPLES);
    if (memory.width() > 0) {
      memory.clear(LeafRows.SAMPLES);
    }
  }

  /** Copies a row. */
  void copyRow(int row, StateRows to, int toRow) {
    hidden.copyRow(row, 0, to.hidden, toRow, 0, hidden.width());
    if (memory.width() > 0) {
      memory.copyRow(row, 0, to.memory, toRow, 0, memory.width());
    }
  }

  /** Sets a row from S floats and then M, or writes it there. */
  void load(int row, float[] from, int at) {
    for (int i = 0; i < hidden.width(); i++) {
      hidden.set(row, i, from[at + i]);
    }
    for (int i = 0; i < memory.width(); i++) {
      memory.set(row, i, from[at + hidden.width() + i]);
    }
  }

  /** Writes a row to S floats and then M. */
  void store(int row, float[] to, int at) {
    for (int i = 0; i < hidden.width(); i++) {
      to[at + i] = hidden.get(row, i);
    }
    for (int i = 0; i < memory.width(); i++) {
      to[at + hidden.width() + i] = memory.get(row, i);
    }
  }
}
