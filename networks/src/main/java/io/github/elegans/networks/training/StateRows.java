package io.github.elegans.networks.training;

import java.util.List;

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

  /** As many rows of the same sizes, of zeros. */
  StateRows like() {
    return new StateRows(hidden.width(), memory.width());
  }

  /** Memory for what others hold. */
  static List<StateRows> like(List<StateRows> states) {
    return states.stream().map(StateRows::like).toList();
  }

  /** Sets all to zeros; without an iterator, which code that is not compiled yet would allocate. */
  static void clear(List<StateRows> states) {
    for (int i = 0; i < states.size(); i++) {
      states.get(i).clear();
    }
  }

  /** Copies all rows of each to its counterpart. */
  static void copy(List<StateRows> from, List<StateRows> to) {
    for (int i = 0; i < from.size(); i++) {
      for (int row = 0; row < LeafRows.SAMPLES; row++) {
        from.get(i).copyRow(row, to.get(i), row);
      }
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
