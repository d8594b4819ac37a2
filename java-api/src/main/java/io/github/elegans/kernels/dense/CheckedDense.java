package io.github.elegans.kernels.dense;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/** The checks before fully connected layers. */
record CheckedDense(DenseKernels unchecked) implements DenseKernels {

  @Override
  public void forward(
      DenseWeights weights,
      Activation activation,
      Accuracy accuracy,
      MemorySegment x,
      long xStride,
      MemorySegment y,
      long yStride,
      int rows) {
    FloatingPoint.check();
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(accuracy, "accuracy");
    Require.atLeast("rows", 0, rows);
    int width = PanelLayout.roundUp(weights.outputs());
    Require.atLeast("xStride", weights.inputs(), xStride);
    Require.atLeast("yStride (outputs rounded up to 16)", width, yStride);
    MemoryChecks.check("x", x, MemoryChecks.extent(rows, xStride, weights.inputs()), Float.BYTES);
    MemoryChecks.checkWritable("y", y, MemoryChecks.extent(rows, yStride, width), Float.BYTES);
    MemoryChecks.checkDisjoint("x", x, "y", y);
    Require.between(
        "the longer stride", 0, MemoryChecks.LONGEST_STRIDE, Math.max(xStride, yStride));
    try {
      if (Staging.lasts(x) && Staging.lasts(y)) {
        unchecked.forward(weights, activation, accuracy, x, xStride, y, yStride, rows);
      } else {
        inChunks(weights, activation, accuracy, x, xStride, y, yStride, rows);
      }
    } finally {
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(y);
    }
  }

  private void inChunks(
      DenseWeights weights,
      Activation activation,
      Accuracy accuracy,
      MemorySegment x,
      long xStride,
      MemorySegment y,
      long yStride,
      int rows) {
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    int width = PanelLayout.roundUp(outputs);
    MemorySegment in = Staging.input((long) inputs * Float.BYTES);
    MemorySegment out = Staging.output((long) width * Float.BYTES);
    int most =
        (int)
            Math.min(rows, Math.min(in.byteSize() / inputs, out.byteSize() / width) / Float.BYTES);
    for (int done = 0; done < rows; done += most) {
      int m = Math.min(most, rows - done);
      for (int row = 0; row < m; row++) {
        FloatSegments.copy(x, (done + row) * xStride, in, (long) row * inputs, inputs);
      }
      unchecked.forward(weights, activation, accuracy, in, inputs, out, width, m);
      for (int row = 0; row < m; row++) {
        FloatSegments.copy(out, (long) row * width, y, (done + row) * yStride, outputs);
      }
    }
  }
}
