package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.STRIDE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cfc.CfcKernel;
import io.github.elegans.kernels.cfc.CfcKernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.cfc.CfcWeights;
import io.github.elegans.kernels.cfc.CfcWorkspace;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** Closed-form continuous-time cells: backbone, heads and gate of a step, and whole sequences. */
final class VectorCfc implements CfcKernels {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  private static final int PANEL_BYTES = PanelLayout.PANEL * Float.BYTES;

  /**
   * Most panels of one row in scratch memory, which holds two such tiles; no fewer than a tile's
   * rows.
   */
  private static final int TILE_PANELS = 8;

  private static final FloatVector ZERO = FloatVector.zero(FLOATS);
  private static final FloatVector FLUSH = FloatVector.broadcast(FLOATS, PanelLayout.FLUSH);

  @Override
  public CfcKernel cell(CfcWeights weights, Accuracy accuracy) {
    return new VectorCell(weights, accuracy);
  }

  private record VectorCell(CfcWeights weights, Accuracy accuracy) implements CfcKernel {

    @Override
    public void run(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      int end = firstRow + rows;
      for (int row = firstRow; row < end; row += workspace.hiddenRows()) {
        int n = Math.min(workspace.hiddenRows(), end - row);
        for (int step = 0; step < steps; step++) {
          begin(workspace, row, n, x, step);
          for (int layer = 0; layer < weights.layerCount(); layer++) {
            int panels = weights.layer(layer).panelCount();
            layer(workspace, row, n, layer, 0, panels, timespans, step);
          }
          if (out != null) {
            emit(workspace, row, n, out, step);
          }
        }
      }
    }

    private void begin(CfcWorkspace workspace, int firstRow, int rows, Series x, int step) {
      int inputSize = weights.inputSize();
      for (int r = 0; r < rows; r++) {
        long state = address(workspace.state(), (long) (firstRow + r) * workspace.stateStride());
        Vectors.copy(address(x.data(), x.offset(firstRow + r, step)), state, inputSize);
        if (weights.backbone().isEmpty()) {
          // The heads must not read the state that they overwrite.
          long hidden = address(workspace.hidden(), (long) r * workspace.hiddenStride());
          Vectors.copy(state, hidden, inputSize + weights.hiddenSize());
        }
      }
    }

    private void emit(CfcWorkspace workspace, int firstRow, int rows, Series out, int step) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        Vectors.copy(
            address(workspace.state(), workspace.hiddenStateOffset(row)),
            address(out.data(), out.offset(row, step)),
            weights.hiddenSize());
      }
    }

    @Override
    public void layer(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int layer,
        int firstPanel,
        int panels,
        Series timespans,
        int step) {
      DenseWeights dense = weights.layer(layer);
      long hiddenStride = (long) workspace.hiddenStride() * Float.BYTES;
      long x = address(workspace.hidden(), workspace.inputOffset(layer));
      long xStride = hiddenStride;
      if (layer == 0 && !weights.backbone().isEmpty()) {
        x = address(workspace.state(), (long) firstRow * workspace.stateStride());
        xStride = (long) workspace.stateStride() * Float.BYTES;
      }
      if (layer < weights.backbone().size()) {
        long y = address(workspace.hidden(), workspace.outputOffset(layer));
        VectorDense.panels(
            dense,
            firstPanel,
            panels,
            weights.activation(),
            accuracy,
            x,
            xStride,
            y,
            hiddenStride,
            rows);
      } else {
        heads(workspace, firstRow, rows, dense, firstPanel, panels, x, xStride, timespans, step);
      }
    }

    private void heads(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        DenseWeights dense,
        int firstPanel,
        int panels,
        long x,
        long xStride,
        Series timespans,
        int step) {
      long tile = workspace.scratch().address();
      long stateStride = (long) workspace.stateStride() * Float.BYTES;
      long timespanStride = timespans.rowStride() * Float.BYTES;
      int end = firstPanel + panels;
      for (int panel = firstPanel; panel < end; ) {
        long unit = (long) panel * weights.unitsPerPanel() * Float.BYTES;
        int done = 1;
        for (int row = 0; row < rows; ) {
          int n = VectorDense.tileRows(rows - row);
          done = tiles(dense, panel, end - panel, x + row * xStride, xStride, tile, n);
          int columns = VectorDense.columns(dense, panel, done);
          long h = address(workspace.state(), workspace.hiddenStateOffset(firstRow + row)) + unit;
          long dt = address(timespans.data(), timespans.offset(firstRow + row, step));
          if (weights.mode() == CfcMode.PURE) {
            pure(tile, h, stateStride, dt, timespanStride, unit, n, columns);
          } else {
            gate(tile, h, stateStride, dt, timespanStride, n, columns / PanelLayout.PANEL);
          }
          row += n;
        }
        panel += done;
      }
    }

    /**
     * A tile of one panel, or of one row of several: passes over a few vectors would be all
     * latency. How many panels is the result.
     */
    private static int tiles(
        DenseWeights dense, int panel, int panels, long x, long xStride, long tile, int rows) {
      int most = rows == 1 ? Math.min(panels, TILE_PANELS) : 1;
      int done = 0;
      do {
        long to = tile + (long) done * PANEL_BYTES;
        done +=
            VectorDense.tile(dense, panel + done, most - done, x, xStride, to, PANEL_BYTES, rows);
      } while (done < most);
      return done;
    }

    /**
     * Heads of units blocks of 16, {@value #PANEL_BYTES} bytes apart, whatever rows they belong to.
     */
    private void gate(
        long tile,
        long h,
        long stateStride,
        long timespan,
        long timespanStride,
        int rows,
        int blocks) {
      // In passes over the tile, which stays in the first-level cache: all functions together are
      // too large for one
      // method to be compiled without allocating vectors.
      arguments(tile + 2 * BLOCK_BYTES, timespan, timespanStride, rows, blocks);
      int count = rows * blocks;
      VectorMath.activate(weights.headActivation(), accuracy, tile, PANEL_BYTES, count, 2 * BLOCK);
      long gates = tile + 2 * BLOCK_BYTES;
      VectorMath.activate(Activation.SIGMOID, accuracy, gates, PANEL_BYTES, count, BLOCK);
      if (weights.mode() == CfcMode.DEFAULT) {
        mix(tile, h, stateStride, rows, blocks);
      } else {
        mixWithoutGate(tile, h, stateStride, rows, blocks);
      }
    }

    private void pure(
        long tile,
        long h,
        long stateStride,
        long timespan,
        long timespanStride,
        long unit,
        int rows,
        int units) {
      long rate = weights.decay().address() + unit;
      long level = rate + (long) PanelLayout.roundUp(weights.hiddenSize()) * Float.BYTES;
      long exponents = tile + (long) TILE_PANELS * PANEL_BYTES;
      for (int r = 0; r < rows; r++) {
        exponents(tile, exponents, timespan, rate, units);
        VectorMath.activate(Activation.EXP, accuracy, exponents, 0, 1, units);
        decay(tile, exponents, h, level, units);
        tile += PANEL_BYTES;
        h += stateStride;
        timespan += timespanStride;
      }
    }
  }

  private static long address(MemorySegment segment, long index) {
    return segment.address() + index * Float.BYTES;
  }

  /** time_a := time_a Δ + time_b. A tile has one row or one block. */
  private static void arguments(
      long timeA, long timespan, long timespanStride, int rows, int blocks) {
    timeA &= ADDRESS;
    timespan &= ADDRESS;
    long step = (blocks == 1 ? timespanStride : 0) & STRIDE;
    for (int i = 0; i < rows * blocks * BLOCK; i += LANES) {
      int block = (i / BLOCK) & (TILE_PANELS - 1);
      long at = timeA + (long) block * PANEL_BYTES + (i & (BLOCK - 1)) * 4L;
      float dt = ALL.get(JAVA_FLOAT_UNALIGNED, timespan + block * step);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
      a.fma(FloatVector.broadcast(FLOATS, dt), b).intoMemorySegment(ALL, at, ORDER);
    }
  }

  /** h' = fma(s, b - a, a). */
  private static void mix(long tile, long h, long stateStride, int rows, int blocks) {
    tile &= ADDRESS;
    h &= ADDRESS;
    long step = (blocks == 1 ? stateStride : BLOCK_BYTES) & STRIDE;
    for (int i = 0; i < rows * blocks * BLOCK; i += LANES) {
      int block = (i / BLOCK) & (TILE_PANELS - 1);
      long lane = (i & (BLOCK - 1)) * 4L;
      long at = tile + (long) block * PANEL_BYTES + lane;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
      FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER);
      FloatVector next = s.fma(b.sub(a), a);
      next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
      next.intoMemorySegment(ALL, h + block * step + lane, ORDER);
    }
  }

  /** h' = fma(s, b, a). */
  private static void mixWithoutGate(long tile, long h, long stateStride, int rows, int blocks) {
    tile &= ADDRESS;
    h &= ADDRESS;
    long step = (blocks == 1 ? stateStride : BLOCK_BYTES) & STRIDE;
    for (int i = 0; i < rows * blocks * BLOCK; i += LANES) {
      int block = (i / BLOCK) & (TILE_PANELS - 1);
      long lane = (i & (BLOCK - 1)) * 4L;
      long at = tile + (long) block * PANEL_BYTES + lane;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
      FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER);
      FloatVector next = s.fma(b, a);
      next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
      next.intoMemorySegment(ALL, h + block * step + lane, ORDER);
    }
  }

  /** tile := -Δ (|w_tau| + |a|) of one row. */
  private static void exponents(long a, long tile, long timespan, long rate, int units) {
    a &= ADDRESS;
    tile &= ADDRESS;
    rate &= ADDRESS;
    FloatVector dt = FloatVector.broadcast(FLOATS, -Vectors.get(timespan));
    for (int i = 0; i < units; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector level = FloatVector.fromMemorySegment(FLOATS, ALL, a + at, ORDER).abs();
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, ALL, rate + at, ORDER).add(level);
      dt.mul(sum).intoMemorySegment(ALL, tile + at, ORDER);
    }
  }

  /** h' = A - A e a of one row. */
  private static void decay(long a, long e, long h, long level, int units) {
    a &= ADDRESS;
    e &= ADDRESS;
    h &= ADDRESS;
    level &= ADDRESS;
    for (int i = 0; i < units; i += LANES) {
      long at = 4L * (i & Integer.MAX_VALUE);
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, a + at, ORDER);
      FloatVector limit = FloatVector.fromMemorySegment(FLOATS, ALL, level + at, ORDER);
      FloatVector decay = FloatVector.fromMemorySegment(FLOATS, ALL, e + at, ORDER);
      FloatVector next = limit.mul(decay).neg().fma(x, limit);
      next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
      next.intoMemorySegment(ALL, h + at, ORDER);
    }
  }
}
