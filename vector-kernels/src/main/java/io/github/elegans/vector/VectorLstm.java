package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.STRIDE;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.lstm.LstmKernels;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.lstm.LstmWorkspace;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** Long short-term memory: four heads in one tile, and the gates in passes over it. */
final class VectorLstm implements LstmKernels {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  private static final int PANEL_BYTES = PanelLayout.PANEL * Float.BYTES;
  private static final FloatVector ZERO = FloatVector.zero(FLOATS);
  private static final FloatVector FLUSH = FloatVector.broadcast(FLOATS, PanelLayout.FLUSH);

  @Override
  public CellKernel<LstmWorkspace> cell(LstmWeights weights, Accuracy accuracy) {
    return new VectorCell(weights, accuracy);
  }

  private record VectorCell(LstmWeights weights, Accuracy accuracy)
      implements CellKernel<LstmWorkspace> {

    @Override
    public void run(
        LstmWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        @Nullable Series timespans,
        @Nullable Series out) {
      int inputSize = weights.inputSize();
      int hiddenSize = weights.hiddenSize();
      int end = firstRow + rows;
      for (int chunk = firstRow; chunk < end; chunk += Workspace.CHUNK) {
        int n = Math.min(Workspace.CHUNK, end - chunk);
        for (int step = 0; step < steps; step++) {
          for (int r = 0; r < n; r++) {
            long to = address(workspace.inputs(), (long) r * workspace.stateStride());
            Vectors.copy(address(x.data(), x.offset(chunk + r, step)), to, inputSize);
            long h = address(workspace.state(), workspace.hiddenStateOffset(chunk + r));
            Vectors.copy(h, to + 4L * inputSize, hiddenSize);
          }
          heads(workspace, chunk, n);
          for (int r = 0; out != null && r < n; r++) {
            long h = address(workspace.state(), workspace.hiddenStateOffset(chunk + r));
            Vectors.copy(h, address(out.data(), out.offset(chunk + r, step)), hiddenSize);
          }
        }
      }
    }

    private void heads(LstmWorkspace workspace, int firstRow, int rows) {
      DenseWeights gates = weights.gates();
      long tile = workspace.scratch().address();
      long x = workspace.inputs().address();
      long stateStride = (long) workspace.stateStride() * Float.BYTES;
      long memoryStride = (long) workspace.memoryStride() * Float.BYTES;
      int panels = gates.panelCount();
      for (int panel = 0; panel < panels; ) {
        long unit = (long) panel * BLOCK_BYTES;
        int done = 1;
        for (int row = 0; row < rows; ) {
          int n = VectorDense.tileRows(rows - row);
          done =
              VectorDense.tile(
                  gates,
                  panel,
                  panels - panel,
                  x + row * stateStride,
                  stateStride,
                  tile,
                  PANEL_BYTES,
                  n);
          int blocks = VectorDense.columns(gates, panel, done) / PanelLayout.PANEL;
          int count = n * blocks;
          long h = address(workspace.state(), workspace.hiddenStateOffset(firstRow + row)) + unit;
          long c = workspace.memory().address() + (firstRow + row) * memoryStride + unit;
          VectorMath.activate(Activation.TANH, accuracy, tile, PANEL_BYTES, count, BLOCK);
          long gate = tile + BLOCK_BYTES;
          VectorMath.activate(Activation.SIGMOID, accuracy, gate, PANEL_BYTES, count, 3 * BLOCK);
          remember(tile, c, blocks == 1 ? memoryStride : BLOCK_BYTES, count);
          VectorMath.activate(Activation.TANH, accuracy, tile, PANEL_BYTES, count, BLOCK);
          output(tile, h, blocks == 1 ? stateStride : BLOCK_BYTES, count);
          row += n;
        }
        panel += done;
      }
    }
  }

  private static long address(MemorySegment segment, long index) {
    return segment.address() + index * Float.BYTES;
  }

  /** c := fma(fg, c, i ig), of blocks of 16 units; also to the tile. */
  private static void remember(long tile, long c, long stride, int blocks) {
    tile &= ADDRESS;
    c &= ADDRESS;
    stride &= STRIDE;
    for (int i = 0; i < blocks * BLOCK; i += LANES) {
      int block = (i / BLOCK) & 7;
      long lane = (i & (BLOCK - 1)) * 4L;
      long at = tile + (long) block * PANEL_BYTES + lane;
      long to = c + block * stride + lane;
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
      FloatVector ig = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
      FloatVector fg = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER);
      FloatVector next = fg.fma(FloatVector.fromMemorySegment(FLOATS, ALL, to, ORDER), x.mul(ig));
      next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
      next.intoMemorySegment(ALL, to, ORDER);
      next.intoMemorySegment(ALL, at, ORDER);
    }
  }

  /** h := tanh(c) og, of blocks of 16 units. */
  private static void output(long tile, long h, long stride, int blocks) {
    tile &= ADDRESS;
    h &= ADDRESS;
    stride &= STRIDE;
    for (int i = 0; i < blocks * BLOCK; i += LANES) {
      int block = (i / BLOCK) & 7;
      long lane = (i & (BLOCK - 1)) * 4L;
      long at = tile + (long) block * PANEL_BYTES + lane;
      FloatVector og = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
      FloatVector next = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER).mul(og);
      next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
      next.intoMemorySegment(ALL, h + block * stride + lane, ORDER);
    }
  }
}
