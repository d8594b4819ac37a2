package io.github.elegans.kernels.ltc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The memory that an LTC cell runs in: the neurons' states of a batch, and scratch memory. */
public final class LtcWorkspace extends Workspace<LtcWeights> {
  private final int stateStride;
  private final MemorySegment state;
  private final MemorySegment scratch;

  private LtcWorkspace(LtcWeights weights, int rows, MemorySegment state) {
    MemorySegment scratch =
        Arena.ofAuto().allocate(weights.scratchFloats() * Float.BYTES, PanelLayout.ALIGNMENT);
    super(weights, rows, weights.inputSize(), weights.outputSize(), true, state, scratch);
    this.stateStride = stateStride(weights);
    this.state = state;
    this.scratch = scratch;
  }

  /** A workspace with a zero state for that many rows. */
  public static LtcWorkspace of(LtcWeights weights, int rows) {
    Require.atLeast("rows", 1, rows);
    long bytes = Require.bytes("a workspace", (long) rows * stateStride(weights), Float.BYTES);
    return new LtcWorkspace(weights, rows, Arena.ofAuto().allocate(bytes, PanelLayout.ALIGNMENT));
  }

  /** A workspace for another thread: the same state, scratch memory of its own. */
  public LtcWorkspace forOtherRows() {
    return new LtcWorkspace(weights(), rows(), state);
  }

  private static int stateStride(LtcWeights weights) {
    // Behind the neurons, the state that absent synapses read: always 0.
    return PanelLayout.stride(PanelLayout.roundUp(weights.units()) + PanelLayout.BLOCK);
  }

  /** Rows of N states, {@link #stateStride} floats apart. */
  public MemorySegment state() {
    return state;
  }

  /** Floats from a row of {@link #state} to the next. */
  public int stateStride() {
    return stateStride;
  }

  /** Memory for a backend's own use during a call: {@link LtcWeights#scratchFloats} floats. */
  public MemorySegment scratch() {
    return scratch;
  }

  /** Writes the rows' mapped outputs to the items of a step. */
  public void emit(int firstRow, int rows, Series out, int step) {
    MemorySegment map = weights().outputMap();
    int outputs = weights().outputSize();
    for (int row = firstRow; row < firstRow + rows; row++) {
      long at = (long) row * stateStride;
      long to = out.offset(row, step);
      for (int i = 0; i < outputs; i++) {
        float v = state.get(ValueLayout.JAVA_FLOAT, (at + i) * Float.BYTES);
        float scale = map.get(ValueLayout.JAVA_FLOAT, (long) i * Float.BYTES);
        float shift = map.get(ValueLayout.JAVA_FLOAT, ((long) outputs + i) * Float.BYTES);
        out.data()
            .set(
                ValueLayout.JAVA_FLOAT_UNALIGNED,
                (to + i) * Float.BYTES,
                Math.fma(scale, v, shift));
      }
    }
  }
}
