package io.github.elegans.kernels.cell;

import io.github.elegans.kernels.Series;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a cell runs in: the state of a batch, and scratch memory for one thread.
 *
 * @param <S> the cell's weights
 */
public abstract class Workspace<S> {
  /** Most rows that go through a step together. */
  public static final int CHUNK = 128;

  /** Bytes of scratch memory for a backend's own use during a call. */
  public static final long SCRATCH_BYTES = 4096;

  private final S weights;
  private final int rows;

  /** Whether the cell takes timespans. */
  final boolean isTimed;

  final int inputSize;
  final int outputSize;
  final WorkspaceBorder border;
  private @Nullable StagedSteps stagedSteps;

  /**
   * A workspace.
   *
   * @param inputSize floats of an input item
   * @param outputSize floats of an output item
   * @param isTimed whether the cell takes timespans
   * @param own at most four pieces of memory that a call writes
   */
  protected Workspace(
      S weights, int rows, int inputSize, int outputSize, boolean isTimed, MemorySegment... own) {
    this.weights = weights;
    this.rows = rows;
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.isTimed = isTimed;
    border = new WorkspaceBorder(own);
  }

  /** The cell that this workspace was made for. */
  public final S weights() {
    return weights;
  }

  /** Rows, that is, samples of the batch. */
  public final int rows() {
    return rows;
  }

  /** Ways for series whose memory may vanish; made when first needed. */
  final StagedSteps stagedSteps() {
    StagedSteps made = stagedSteps;
    if (made == null) {
      made = new StagedSteps(rows, inputSize, outputSize);
      stagedSteps = made;
    }
    return made;
  }

  /** Whether inputs already stand where a call would copy them. */
  protected boolean isInPlace(Series x) {
    return false;
  }
}
