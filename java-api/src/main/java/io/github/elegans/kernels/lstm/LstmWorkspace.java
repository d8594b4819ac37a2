package io.github.elegans.kernels.lstm;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory that an LSTM runs in: the state of a batch, h as rows {@code [x | h]} and c, and
 * scratch memory for one thread.
 */
public final class LstmWorkspace extends Workspace<LstmWeights> {
  private final int stateStride;
  private final int memoryStride;
  private final MemorySegment state;
  private final MemorySegment memory;
  private final MemorySegment inputs;
  private final MemorySegment scratch;

  private LstmWorkspace(
      LstmWeights weights, int rows, MemorySegment state, MemorySegment memory, Arena arena) {
    MemorySegment inputs = floats(arena, (long) Math.min(rows, CHUNK) * stateStride(weights));
    MemorySegment scratch = arena.allocate(SCRATCH_BYTES, PanelLayout.ALIGNMENT);
    super(
        weights,
        rows,
        weights.inputSize(),
        weights.hiddenSize(),
        false,
        state,
        memory,
        inputs,
        scratch);
    stateStride = stateStride(weights);
    memoryStride = memoryStride(weights);
    this.state = state;
    this.memory = memory;
    this.inputs = inputs;
    this.scratch = scratch;
  }

  /** A workspace with a zero state for that many rows. */
  public static LstmWorkspace of(LstmWeights weights, int rows) {
    Require.atLeast("rows", 1, rows);
    Arena arena = Arena.ofAuto();
    MemorySegment state = floats(arena, (long) rows * stateStride(weights));
    MemorySegment memory = floats(arena, (long) rows * memoryStride(weights));
    return new LstmWorkspace(weights, rows, state, memory, arena);
  }

  /** A workspace for another thread: the same state, scratch memory of its own. */
  public LstmWorkspace forOtherRows() {
    return new LstmWorkspace(weights(), rows(), state, memory, Arena.ofAuto());
  }

  private static int stateStride(LstmWeights weights) {
    // The last block of 16 units is stored whole.
    return PanelLayout.stride(weights.inputSize() + PanelLayout.roundUp(weights.hiddenSize()));
  }

  private static int memoryStride(LstmWeights weights) {
    return PanelLayout.stride(weights.hiddenSize());
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

  /** Index of a row's h in {@link #state}. */
  public long hiddenStateOffset(int row) {
    return (long) row * stateStride + weights().inputSize();
  }

  /** Copies the rows' hidden states to an output series. */
  public void emit(int firstRow, int rows, Series out, int step) {
    for (int row = firstRow; row < firstRow + rows; row++) {
      FloatSegments.copy(
          state, hiddenStateOffset(row), out.data(), out.offset(row, step), weights().hiddenSize());
    }
  }

  /** Rows of c, {@link #memoryStride} floats apart. */
  public MemorySegment memory() {
    return memory;
  }

  /** Floats from a row of {@link #memory} to the next. */
  public int memoryStride() {
    return memoryStride;
  }

  /**
   * Up to {@value Workspace#CHUNK} rows {@code [x | h]} as they were before a step, {@link
   * #stateStride} floats apart: the gates must not read the state that they overwrite.
   */
  public MemorySegment inputs() {
    return inputs;
  }

  /** Memory for a backend's own use during a call. */
  public MemorySegment scratch() {
    return scratch;
  }
}
