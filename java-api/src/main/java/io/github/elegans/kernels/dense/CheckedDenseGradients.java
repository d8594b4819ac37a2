package io.github.elegans.kernels.dense;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** The checks before what training needs of fully connected layers. */
record CheckedDenseGradients(DenseGradientKernels unchecked) implements DenseGradientKernels {

  @Override
  public void weights(
      MemorySegment x,
      long xStride,
      MemorySegment dz,
      long dzStride,
      int rows,
      int inputs,
      int outputs,
      MemorySegment gradient) {
    FloatingPoint.check();
    Require.atLeast("rows", 0, rows);
    long floats = DenseWeights.panelFloats(inputs, outputs);
    int width = PanelLayout.roundUp(outputs);
    Require.atLeast("xStride", inputs, xStride);
    Require.atLeast("dzStride (outputs rounded up to 16)", width, dzStride);
    MemoryChecks.check("x", x, MemoryChecks.extent(rows, xStride, inputs), Float.BYTES);
    MemoryChecks.check("dz", dz, MemoryChecks.extent(rows, dzStride, width), Float.BYTES);
    MemoryChecks.checkWritable("gradient", gradient, floats, Float.BYTES);
    MemoryChecks.checkDisjoint("x", x, "gradient", gradient);
    MemoryChecks.checkDisjoint("dz", dz, "gradient", gradient);
    Require.between(
        "the longer stride", 0, MemoryChecks.LONGEST_STRIDE, Math.max(xStride, dzStride));
    try {
      boolean lasts = Staging.lasts(gradient);
      MemorySegment sums = lasts ? gradient : Staging.output(floats * Float.BYTES);
      if (!lasts) {
        FloatSegments.copy(gradient, 0, sums, 0, floats);
      }
      if (Staging.lasts(x) && Staging.lasts(dz)) {
        unchecked.weights(x, xStride, dz, dzStride, rows, inputs, outputs, sums);
      } else {
        inChunks(x, xStride, dz, dzStride, rows, inputs, outputs, sums);
      }
      if (!lasts) {
        FloatSegments.copy(sums, 0, gradient, 0, floats);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(dz);
      Reference.reachabilityFence(gradient);
    }
  }

  private void inChunks(
      MemorySegment x,
      long xStride,
      MemorySegment dz,
      long dzStride,
      int rows,
      int inputs,
      int outputs,
      MemorySegment sums) {
    int width = PanelLayout.roundUp(outputs);
    MemorySegment in = Staging.input((long) inputs * Float.BYTES);
    MemorySegment errors = Staging.scratch((long) width * Float.BYTES);
    long most = Math.min(in.byteSize() / inputs, errors.byteSize() / width) / Float.BYTES;
    for (int done = 0; done < rows; ) {
      int m = (int) Math.min(most, rows - done);
      for (int row = 0; row < m; row++) {
        FloatSegments.copy(x, (done + row) * xStride, in, (long) row * inputs, inputs);
        FloatSegments.copy(dz, (done + row) * dzStride, errors, (long) row * width, width);
      }
      unchecked.weights(in, inputs, errors, width, m, inputs, outputs, sums);
      done += m;
    }
  }

  @Override
  public void transpose(
      DenseWeights weights, int firstInput, int inputs, MemorySegment transposed) {
    if (weights.storage() != WeightStorage.FLOAT32) {
      throw new IllegalArgumentException(
          "weights must be stored as FLOAT32, but are as " + weights.storage());
    }
    Require.between("firstInput", 0, weights.inputs() - 1, firstInput);
    Require.between("inputs", 1, weights.inputs() - firstInput, inputs);
    long floats = DenseWeights.panelFloats(weights.outputs(), inputs);
    MemoryChecks.checkWritable("transposed", transposed, floats, Float.BYTES);
    MemoryChecks.checkDisjoint("weights", weights.panels(), "transposed", transposed);
    try {
      if (Staging.lasts(transposed)) {
        unchecked.transpose(weights, firstInput, inputs, transposed);
      } else {
        byPanels(weights, firstInput, inputs, transposed);
      }
    } finally {
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(transposed);
    }
  }

  /** A panel is the transposed layer of some of the inputs. */
  private void byPanels(
      DenseWeights weights, int firstInput, int inputs, MemorySegment transposed) {
    long rows = weights.outputs() + 1L;
    MemorySegment panel = Staging.output(rows * PanelLayout.PANEL * Float.BYTES);
    for (int done = 0; done < inputs; ) {
      int outputs = Math.min(PanelLayout.PANEL, inputs - done);
      unchecked.transpose(weights, firstInput + done, outputs, panel);
      FloatSegments.copy(panel, 0, transposed, done * rows, rows * PanelLayout.roundUp(outputs));
      done += outputs;
    }
  }
}
