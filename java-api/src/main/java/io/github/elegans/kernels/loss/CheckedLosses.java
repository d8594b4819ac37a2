package io.github.elegans.kernels.loss;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The checks before losses. */
record CheckedLosses(LossKernels unchecked) implements LossKernels {

  @Override
  public void loss(
      Loss loss,
      double parameter,
      MemorySegment out,
      long outStride,
      MemorySegment targets,
      long targetStride,
      @Nullable MemorySegment weights,
      int width,
      int rows,
      float scale,
      MemorySegment gradient,
      MemorySegment losses) {
    FloatingPoint.check();
    checkParameter(Objects.requireNonNull(loss, "loss"), parameter);
    if (!Float.isFinite(scale)) {
      throw new IllegalArgumentException("scale must be finite, but is " + scale);
    }
    boolean classes = loss == Loss.CROSS_ENTROPY;
    int targetWidth = classes ? 1 : width;
    Require.atLeast("width", 1, width);
    Require.atLeast("rows", 0, rows);
    Require.between("outStride", width, MemoryChecks.LONGEST_STRIDE, outStride);
    Require.between("targetStride", targetWidth, MemoryChecks.LONGEST_STRIDE, targetStride);
    long extent = MemoryChecks.extent(rows, outStride, width);
    long targetExtent = MemoryChecks.extent(rows, targetStride, targetWidth);
    MemoryChecks.check("out", out, extent, Float.BYTES);
    MemoryChecks.check("targets", targets, targetExtent, Float.BYTES);
    MemoryChecks.checkWritable("gradient", gradient, extent, Float.BYTES);
    MemoryChecks.checkWritable("losses", losses, rows, Double.BYTES);
    if (out.address() != gradient.address()) {
      MemoryChecks.checkDisjoint("out", out, "gradient", gradient);
    }
    MemoryChecks.checkDisjoint("out", out, "losses", losses);
    MemoryChecks.checkDisjoint("targets", targets, "gradient", gradient);
    MemoryChecks.checkDisjoint("targets", targets, "losses", losses);
    MemoryChecks.checkDisjoint("gradient", gradient, "losses", losses);
    if (weights != null) {
      MemoryChecks.check("weights", weights, classes ? width : targetExtent, Float.BYTES);
      MemoryChecks.checkDisjoint("weights", weights, "gradient", gradient);
      MemoryChecks.checkDisjoint("weights", weights, "losses", losses);
    }
    if (classes) {
      checkClasses(targets, targetStride, width, rows);
    }
    try {
      if (Staging.lasts(out)
          && Staging.lasts(targets)
          && (weights == null || Staging.lasts(weights))
          && Staging.lasts(gradient)
          && Staging.lasts(losses)) {
        unchecked.loss(
            loss,
            parameter,
            out,
            outStride,
            targets,
            targetStride,
            weights,
            width,
            rows,
            scale,
            gradient,
            losses);
      } else {
        inChunks(
            loss,
            parameter,
            out,
            outStride,
            targets,
            targetStride,
            weights,
            width,
            rows,
            scale,
            gradient,
            losses);
      }
    } finally {
      Reference.reachabilityFence(out);
      Reference.reachabilityFence(targets);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(gradient);
      Reference.reachabilityFence(losses);
    }
  }

  private static void checkParameter(Loss loss, double parameter) {
    String expected =
        switch (loss) {
          case MEAN_SQUARED_ERROR, MEAN_ABSOLUTE_ERROR -> "";
          case HUBER ->
              parameter > 0 && parameter <= Float.MAX_VALUE ? "" : "δ must be finite and positive";
          case BINARY_CROSS_ENTROPY ->
              parameter >= 0 && parameter <= Float.MAX_VALUE
                  ? ""
                  : "the positive weight must be finite and not negative";
          case CROSS_ENTROPY ->
              parameter >= 0 && parameter < 1 ? "" : "label smoothing must be from 0 to below 1";
        };
    if (!expected.isEmpty()) {
      throw new IllegalArgumentException(expected + ", but is " + parameter);
    }
  }

  /** Kernels do not rely on it: others might write to the memory meanwhile. */
  private static void checkClasses(MemorySegment targets, long stride, int width, int rows) {
    for (long row = 0; row < rows; row++) {
      float target = FloatSegments.get(targets, row * stride);
      if (target != NO_CLASS && ScalarLosses.label(target, width) != target) {
        throw new IllegalArgumentException(
            "targets must be classes from 0 to %d, or %s for none, but that of row %d is %s"
                .formatted(width - 1, NO_CLASS, row, target));
      }
    }
  }

  private void inChunks(
      Loss loss,
      double parameter,
      MemorySegment out,
      long outStride,
      MemorySegment targets,
      long targetStride,
      @Nullable MemorySegment weights,
      int width,
      int rows,
      float scale,
      MemorySegment gradient,
      MemorySegment losses) {
    boolean classes = loss == Loss.CROSS_ENTROPY;
    int targetWidth = classes ? 1 : width;
    long rowBytes = (long) width * Float.BYTES;
    int most = (int) Math.max(1, Math.min(rows, Staging.CHUNK / 4 / rowBytes));
    // Losses, targets, weights; and outputs, of which gradients are made in place.
    long targetBytes = (long) most * targetWidth * Float.BYTES;
    long weightBytes = classes ? rowBytes : targetBytes;
    long targetsAt = (long) most * Double.BYTES;
    MemorySegment in = Staging.input(targetsAt + targetBytes + weightBytes);
    MemorySegment own = Staging.output(most * rowBytes);
    MemorySegment ownLosses = in.asSlice(0, targetsAt);
    MemorySegment ownTargets = in.asSlice(targetsAt, targetBytes);
    MemorySegment ownWeights = in.asSlice(targetsAt + targetBytes, weightBytes);
    if (weights != null && classes) {
      FloatSegments.copy(weights, 0, ownWeights, 0, width);
    }
    for (int done = 0; done < rows; done += most) {
      int m = Math.min(most, rows - done);
      copyRows(out, done * outStride, outStride, own, 0, width, width, m);
      copyRows(
          targets, done * targetStride, targetStride, ownTargets, 0, targetWidth, targetWidth, m);
      if (weights != null && !classes) {
        copyRows(weights, done * targetStride, targetStride, ownWeights, 0, width, width, m);
      }
      unchecked.loss(
          loss,
          parameter,
          own,
          width,
          ownTargets,
          targetWidth,
          weights == null ? null : ownWeights,
          width,
          m,
          scale,
          own,
          ownLosses);
      copyRows(own, 0, width, gradient, done * outStride, outStride, width, m);
      MemorySegment.copy(ownLosses, 0, losses, (long) done * Double.BYTES, (long) m * Double.BYTES);
    }
  }

  private static void copyRows(
      MemorySegment from,
      long at,
      long stride,
      MemorySegment to,
      long toAt,
      long toStride,
      int width,
      int rows) {
    for (long row = 0; row < rows; row++) {
      FloatSegments.copy(from, at + row * stride, to, toAt + row * toStride, width);
    }
  }
}
