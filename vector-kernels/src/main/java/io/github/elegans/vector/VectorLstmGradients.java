package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.ROWS;
import static io.github.elegans.vector.Vectors.STRIDE;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.lstm.LstmGradientKernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Gates of long short-term memory and their derivatives, in passes over rows. */
final class VectorLstmGradients implements LstmGradientKernels {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  private static final int GATES_BYTES = 4 * BLOCK_BYTES;
  private static final FloatVector ZERO = FloatVector.zero(FLOATS);
  private static final FloatVector ONE = FloatVector.broadcast(FLOATS, 1);
  private static final FloatVector FLUSH = FloatVector.broadcast(FLOATS, PanelLayout.FLUSH);

  @Override
  public void gates(
      Accuracy accuracy,
      MemorySegment gates,
      long gatesStride,
      MemorySegment c,
      MemorySegment next,
      MemorySegment activated,
      MemorySegment h,
      long stride,
      int units,
      int rows) {
    int width = PanelLayout.roundUp(units);
    int blocks = width / BLOCK;
    long gatesStep = gatesStride * Float.BYTES;
    long step = stride * Float.BYTES;
    int most = VectorGates.rowsTogether((long) blocks * GATES_BYTES);
    for (int row = 0; row < rows; row += most) {
      int n = Math.min(most, rows - row);
      long gate = gates.address() + row * gatesStep;
      long u = activated.address() + row * step;
      VectorGates.activate(
          Activation.TANH, accuracy, gate, BLOCK, GATES_BYTES, blocks, gatesStep, n);
      VectorGates.activate(
          Activation.SIGMOID,
          accuracy,
          gate + BLOCK_BYTES,
          3 * BLOCK,
          GATES_BYTES,
          blocks,
          gatesStep,
          n);
      long memory = next.address() + row * step;
      remember(gate, gatesStep, c.address() + row * step, memory, u, step, width, n);
      VectorGates.activate(Activation.TANH, accuracy, u, width, 4L * width, 1, step, n);
      output(gate, gatesStep, u, h.address() + row * step, step, width, n);
    }
  }

  @Override
  public void gatesBackward(
      MemorySegment gates,
      long gatesStride,
      MemorySegment c,
      MemorySegment activated,
      MemorySegment upstream,
      MemorySegment memoryGradients,
      long stride,
      int units,
      int rows) {
    int width = PanelLayout.roundUp(units);
    long gatesStep = gatesStride * Float.BYTES;
    long step = stride * Float.BYTES;
    int most = VectorGates.rowsTogether((long) width * 4 * Float.BYTES);
    for (int row = 0; row < rows; row += most) {
      backward(
          gates.address() + row * gatesStep,
          gatesStep,
          c.address() + row * step,
          activated.address() + row * step,
          upstream.address() + row * step,
          memoryGradients.address() + row * step,
          step,
          width,
          Math.min(most, rows - row));
    }
    int whole = units / BLOCK * BLOCK;
    if (whole < units) {
      long last = gates.address() + (long) (whole / BLOCK) * GATES_BYTES;
      for (int gate = 0; gate < 4; gate++) {
        VectorGates.clearPadding(last + (long) gate * BLOCK_BYTES, gatesStep, units - whole, rows);
      }
      VectorGates.clearPadding(memoryGradients.address() + 4L * whole, step, units - whole, rows);
    }
  }

  /** c' = fma(fg, c, i ig), also to where its tanh will be. */
  private static void remember(
      long gates, long gatesStep, long c, long next, long u, long step, int width, int rows) {
    gates &= ADDRESS;
    c &= ADDRESS;
    next &= ADDRESS;
    u &= ADDRESS;
    gatesStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long gate = (gates + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = gate + (row & ROWS) * gatesStep;
        long to = column + (row & ROWS) * step;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector ig = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector fg = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER);
        FloatVector memory =
            fg.fma(FloatVector.fromMemorySegment(FLOATS, ALL, c + to, ORDER), x.mul(ig));
        memory = memory.blend(ZERO, memory.abs().compare(LT, FLUSH));
        memory.intoMemorySegment(ALL, next + to, ORDER);
        memory.intoMemorySegment(ALL, u + to, ORDER);
      }
    }
  }

  /** h = tanh(c') og. */
  private static void output(
      long gates, long gatesStep, long u, long h, long step, int width, int rows) {
    gates &= ADDRESS;
    u &= ADDRESS;
    h &= ADDRESS;
    gatesStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long gate = (gates + 4 * (column - lane) + lane + 3 * BLOCK_BYTES) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long to = column + (row & ROWS) * step;
        FloatVector og =
            FloatVector.fromMemorySegment(FLOATS, ALL, gate + (row & ROWS) * gatesStep, ORDER);
        FloatVector next = FloatVector.fromMemorySegment(FLOATS, ALL, u + to, ORDER).mul(og);
        next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
        next.intoMemorySegment(ALL, h + to, ORDER);
      }
    }
  }

  private static void backward(
      long gates,
      long gatesStep,
      long c,
      long activated,
      long upstream,
      long memoryGradients,
      long step,
      int width,
      int rows) {
    gates &= ADDRESS;
    c &= ADDRESS;
    activated &= ADDRESS;
    upstream &= ADDRESS;
    memoryGradients &= ADDRESS;
    gatesStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long gate = (gates + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = gate + (row & ROWS) * gatesStep;
        long to = column + (row & ROWS) * step;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector ig = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector fg = FloatVector.fromMemorySegment(FLOATS, ALL, at + 2 * BLOCK_BYTES, ORDER);
        FloatVector og = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, activated + to, ORDER);
        FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, upstream + to, ORDER);
        FloatVector dc =
            l.mul(og)
                .fma(
                    u.neg().fma(u, ONE),
                    FloatVector.fromMemorySegment(FLOATS, ALL, memoryGradients + to, ORDER));
        FloatVector before = FloatVector.fromMemorySegment(FLOATS, ALL, c + to, ORDER);
        FloatVector di = dc.mul(ig).mul(x.neg().fma(x, ONE));
        di.blend(ZERO, di.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
        FloatVector dig = dc.mul(x).mul(ig.neg().fma(ig, ig));
        dig.blend(ZERO, dig.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
        FloatVector dfg = dc.mul(before).mul(fg.neg().fma(fg, fg));
        dfg.blend(ZERO, dfg.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, at + 2 * BLOCK_BYTES, ORDER);
        FloatVector dog = l.mul(u).mul(og.neg().fma(og, og));
        dog.blend(ZERO, dog.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector back = dc.mul(fg);
        back.blend(ZERO, back.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, memoryGradients + to, ORDER);
      }
    }
  }
}
