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
import io.github.elegans.kernels.gru.GruGradientKernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Gates of gated recurrent units and their derivatives, in passes over rows. */
final class VectorGruGradients implements GruGradientKernels {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  private static final int GATES_BYTES = 2 * BLOCK_BYTES;
  private static final FloatVector ZERO = FloatVector.zero(FLOATS);
  private static final FloatVector ONE = FloatVector.broadcast(FLOATS, 1);
  private static final FloatVector FLUSH = FloatVector.broadcast(FLOATS, PanelLayout.FLUSH);

  @Override
  public void gates(
      Accuracy accuracy,
      MemorySegment gates,
      long gatesStride,
      MemorySegment input,
      MemorySegment recurrent,
      MemorySegment h,
      MemorySegment next,
      long stride,
      int units,
      int rows) {
    int width = PanelLayout.roundUp(units);
    int blocks = width / BLOCK;
    long gatesStep = gatesStride * Float.BYTES;
    long step = stride * Float.BYTES;
    int most = VectorGates.rowsTogether((long) blocks * 2 * GATES_BYTES);
    for (int row = 0; row < rows; row += most) {
      int n = Math.min(most, rows - row);
      long gate = gates.address() + row * gatesStep;
      long x = input.address() + row * step;
      VectorGates.activate(
          Activation.SIGMOID, accuracy, gate, 2 * BLOCK, GATES_BYTES, blocks, gatesStep, n);
      candidate(gate, gatesStep, x, recurrent.address() + row * step, step, width, n);
      VectorGates.activate(Activation.TANH, accuracy, x, width, 4L * width, 1, step, n);
      long state = h.address() + row * step;
      mix(gate, gatesStep, x, state, next.address() + row * step, step, width, n);
    }
  }

  @Override
  public void gatesBackward(
      MemorySegment gates,
      long gatesStride,
      MemorySegment input,
      MemorySegment recurrent,
      MemorySegment h,
      MemorySegment upstream,
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
          input.address() + row * step,
          recurrent.address() + row * step,
          h.address() + row * step,
          upstream.address() + row * step,
          step,
          width,
          Math.min(most, rows - row));
    }
    int whole = units / BLOCK * BLOCK;
    if (whole < units) {
      int rest = units - whole;
      long last = gates.address() + (long) (whole / BLOCK) * GATES_BYTES;
      VectorGates.clearPadding(last, gatesStep, rest, rows);
      VectorGates.clearPadding(last + BLOCK_BYTES, gatesStep, rest, rows);
      VectorGates.clearPadding(input.address() + 4L * whole, step, rest, rows);
      VectorGates.clearPadding(recurrent.address() + 4L * whole, step, rest, rows);
      VectorGates.clearPadding(upstream.address() + 4L * whole, step, rest, rows);
    }
  }

  /** The candidate's sum: input := input + r recurrent. */
  private static void candidate(
      long gates, long gatesStep, long input, long recurrent, long step, int width, int rows) {
    gates &= ADDRESS;
    input &= ADDRESS;
    recurrent &= ADDRESS;
    gatesStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long gate = (gates + 2 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long to = column + (row & ROWS) * step;
        FloatVector r =
            FloatVector.fromMemorySegment(FLOATS, ALL, gate + (row & ROWS) * gatesStep, ORDER);
        r.fma(
                FloatVector.fromMemorySegment(FLOATS, ALL, recurrent + to, ORDER),
                FloatVector.fromMemorySegment(FLOATS, ALL, input + to, ORDER))
            .intoMemorySegment(ALL, input + to, ORDER);
      }
    }
  }

  /** h' = fma(z, h - n, n). */
  private static void mix(
      long gates, long gatesStep, long n, long h, long next, long step, int width, int rows) {
    gates &= ADDRESS;
    n &= ADDRESS;
    h &= ADDRESS;
    next &= ADDRESS;
    gatesStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long gate = (gates + 2 * (column - lane) + lane + BLOCK_BYTES) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long to = column + (row & ROWS) * step;
        FloatVector z =
            FloatVector.fromMemorySegment(FLOATS, ALL, gate + (row & ROWS) * gatesStep, ORDER);
        FloatVector candidate = FloatVector.fromMemorySegment(FLOATS, ALL, n + to, ORDER);
        FloatVector state = FloatVector.fromMemorySegment(FLOATS, ALL, h + to, ORDER);
        z.fma(state.sub(candidate), candidate).intoMemorySegment(ALL, next + to, ORDER);
      }
    }
  }

  private static void backward(
      long gates,
      long gatesStep,
      long input,
      long recurrent,
      long h,
      long upstream,
      long step,
      int width,
      int rows) {
    gates &= ADDRESS;
    input &= ADDRESS;
    recurrent &= ADDRESS;
    h &= ADDRESS;
    upstream &= ADDRESS;
    gatesStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long gate = (gates + 2 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = gate + (row & ROWS) * gatesStep;
        long to = column + (row & ROWS) * step;
        FloatVector r = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector n = FloatVector.fromMemorySegment(FLOATS, ALL, input + to, ORDER);
        FloatVector u = FloatVector.fromMemorySegment(FLOATS, ALL, recurrent + to, ORDER);
        FloatVector state = FloatVector.fromMemorySegment(FLOATS, ALL, h + to, ORDER);
        FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, upstream + to, ORDER);
        FloatVector direct = l.mul(z);
        direct = direct.blend(ZERO, direct.abs().compare(LT, FLUSH));
        FloatVector dn = l.sub(direct).mul(n.neg().fma(n, ONE));
        dn = dn.blend(ZERO, dn.abs().compare(LT, FLUSH));
        FloatVector dr = dn.mul(u).mul(r.neg().fma(r, r));
        dr.blend(ZERO, dr.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
        FloatVector dz = l.mul(state.sub(n)).mul(z.neg().fma(z, z));
        dz.blend(ZERO, dz.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
        dn.intoMemorySegment(ALL, input + to, ORDER);
        FloatVector du = dn.mul(r);
        du.blend(ZERO, du.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, recurrent + to, ORDER);
        direct.intoMemorySegment(ALL, upstream + to, ORDER);
      }
    }
  }
}
