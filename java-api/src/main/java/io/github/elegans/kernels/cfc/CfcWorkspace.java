package io.github.elegans.kernels.cfc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The memory that a CfC cell runs in: the state of a batch, as rows {@code [x | h]} so that the
 * cell's first layer reads input and state without a copy, and scratch memory for one thread.
 *
 * <p>Rows are processed in chunks of at most {@value Workspace#CHUNK}: so many that weights which
 * no cache keeps are read seldom, and so few that the activations between two layers stay in a
 * cache whatever the batch.
 */
public final class CfcWorkspace extends Workspace<CfcWeights> {
  private final int hiddenRows;
  private final int stateStride;
  private final int hiddenStride;
  private final MemorySegment state;
  private final MemorySegment hidden;
  private final MemorySegment scratch;

  private CfcWorkspace(
      CfcWeights weights, int rows, MemorySegment state, MemorySegment hidden, Arena arena) {
    MemorySegment scratch = arena.allocate(SCRATCH_BYTES, PanelLayout.ALIGNMENT);
    super(weights, rows, weights.inputSize(), weights.hiddenSize(), true, state, hidden, scratch);
    this.hiddenRows = hiddenRows(rows);
    this.stateStride = stateStride(weights);
    this.hiddenStride = hiddenStride(weights);
    this.state = state;
    this.hidden = hidden;
    this.scratch = scratch;
  }

  /** A workspace with a zero state for that many rows. */
  public static CfcWorkspace of(CfcWeights weights, int rows) {
    Require.atLeast("rows", 1, rows);
    Arena arena = Arena.ofAuto();
    MemorySegment state = floats(arena, (long) rows * stateStride(weights));
    return new CfcWorkspace(weights, rows, state, hidden(arena, weights, rows), arena);
  }

  /** A workspace for another thread: the same state, scratch memory of its own. */
  public CfcWorkspace forOtherRows() {
    Arena arena = Arena.ofAuto();
    return new CfcWorkspace(weights(), rows(), state, hidden(arena, weights(), rows()), arena);
  }

  /**
   * A workspace for another thread that shares every layer with this one's: only what is private to
   * a thread is new.
   */
  public CfcWorkspace forOtherPanels() {
    return new CfcWorkspace(weights(), rows(), state, hidden, Arena.ofAuto());
  }

  private static int stateStride(CfcWeights weights) {
    // The last block of 16 units is stored whole.
    return PanelLayout.stride(weights.inputSize() + PanelLayout.roundUp(weights.hiddenSize()));
  }

  /** The chunks of a batch are as large as each other. */
  private static int hiddenRows(int rows) {
    return Math.ceilDiv(rows, Math.ceilDiv(rows, CHUNK));
  }

  private static int hiddenStride(CfcWeights weights) {
    return PanelLayout.stride(weights.heads().inputs());
  }

  private static MemorySegment hidden(Arena arena, CfcWeights weights, int rows) {
    return floats(arena, 2L * hiddenRows(rows) * hiddenStride(weights));
  }

  private static MemorySegment floats(Arena arena, long n) {
    return arena.allocate(Require.bytes("a workspace", n, Float.BYTES), PanelLayout.ALIGNMENT);
  }

  @Override
  protected boolean isInPlace(Series x) {
    return x.data().address() == state.address()
        && x.rowStride() == stateStride
        && x.stepStride() == 0;
  }

  /** Rows {@code [x | h]}, {@link #stateStride} floats apart. */
  public MemorySegment state() {
    return state;
  }

  /** Floats from a row of {@link #state} to the next. */
  public int stateStride() {
    return stateStride;
  }

  /** Index of a row's hidden state in {@link #state}. */
  public long hiddenStateOffset(int row) {
    return (long) row * stateStride + weights().inputSize();
  }

  /**
   * Two buffers of {@link #hiddenRows} rows for the activations between layers, {@link
   * #hiddenStride} floats apart.
   */
  public MemorySegment hidden() {
    return hidden;
  }

  /** Rows that go through all layers of a step together: those of a buffer of {@link #hidden}. */
  public int hiddenRows() {
    return hiddenRows;
  }

  /** Floats from a row of {@link #hidden} to the next. */
  public int hiddenStride() {
    return hiddenStride;
  }

  /**
   * Index in {@link #hidden} of the first row of what layer {@code layer} reads, if that is not the
   * state.
   */
  public long inputOffset(int layer) {
    // Layer l writes buffer l mod 2; a cell without backbone reads a copy of [x | h] in buffer 0.
    return layer == 0 ? 0 : outputOffset(layer - 1);
  }

  /**
   * Index in {@link #hidden} of the first row of what layer {@code layer} writes, if that is not
   * the state.
   */
  public long outputOffset(int layer) {
    return (layer & 1) * (long) hiddenRows * hiddenStride;
  }

  /** Memory for a backend's own use during a call. */
  public MemorySegment scratch() {
    return scratch;
  }

  /**
   * Puts one step's input into the rows: what {@link CfcKernel#layer} expects.
   *
   * @param rows at most {@link #hiddenRows}
   */
  public void begin(int firstRow, int rows, Series x, int step) {
    Objects.checkFromIndexSize(firstRow, rows, rows());
    Require.between("rows", 0, hiddenRows, rows);
    int inputSize = weights().inputSize();
    for (int row = firstRow; row < firstRow + rows; row++) {
      FloatSegments.copy(x.data(), x.offset(row, step), state, (long) row * stateStride, inputSize);
      if (weights().backbone().isEmpty()) {
        // The heads must not read the state that they overwrite.
        FloatSegments.copy(
            state,
            (long) row * stateStride,
            hidden,
            (long) (row - firstRow) * hiddenStride,
            inputSize + weights().hiddenSize());
      }
    }
  }

  /** Copies the rows' hidden states to an output series. */
  public void emit(int firstRow, int rows, Series out, int step) {
    for (int row = firstRow; row < firstRow + rows; row++) {
      FloatSegments.copy(
          state, hiddenStateOffset(row), out.data(), out.offset(row, step), weights().hiddenSize());
    }
  }
}
