package io.github.elegans.kernels.ltc;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The checks before the kernels of LTC cells in training. What is read and written once may lie in
 * any memory; what a caller keeps between calls must lie in memory that stays.
 */
record CheckedLtcGradients(LtcGradientKernels unchecked) implements LtcGradientKernels {
  private static final int SAMPLES = LtcTrainingWeights.SAMPLES;

  @Override
  public void forward(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment v,
      MemorySegment out,
      MemorySegment kept) {
    LtcParameterLayout layout = checkInputs(weights, steps, rows, x, timespans, mask);
    MemoryChecks.checkWritable("v", v, (long) layout.units() * SAMPLES, Float.BYTES);
    MemoryChecks.checkWritable("out", out, lines(steps, layout.outputSize()), Float.BYTES);
    checkKept("kept", kept, weights.keptFloats(steps));
    checkLasts("v", v);
    disjoint("v", v, x, timespans, mask);
    disjoint("out", out, x, timespans, mask);
    disjoint("kept", kept, x, timespans, mask);
    MemoryChecks.checkDisjoint("v", v, "out", out);
    MemoryChecks.checkDisjoint("v", v, "kept", kept);
    MemoryChecks.checkDisjoint("out", out, "kept", kept);
    try {
      if (lasts(x) && lasts(timespans) && lasts(mask) && lasts(out)) {
        unchecked.forward(weights, steps, rows, x, timespans, mask, v, out, kept);
        return;
      }
      long ofX = lines(steps, layout.inputSize());
      long ofTimespans = timespans == null ? 0 : lines(steps, 1);
      long ofMask = mask == null ? 0 : lines(steps, 1);
      long ofOut = lines(steps, layout.outputSize());
      MemorySegment in = Staging.input((ofX + ofTimespans + ofMask) * Float.BYTES);
      MemorySegment to = Staging.output(ofOut * Float.BYTES).asSlice(0, ofOut * Float.BYTES);
      unchecked.forward(
          weights,
          steps,
          rows,
          copied(x, in, 0, ofX),
          timespans == null ? null : copied(timespans, in, ofX, ofTimespans),
          mask == null ? null : copied(mask, in, ofX + ofTimespans, ofMask),
          v,
          to,
          kept);
      MemorySegment.copy(to, 0, out, 0, ofOut * Float.BYTES);
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(timespans);
      Reference.reachabilityFence(mask);
      Reference.reachabilityFence(v);
      Reference.reachabilityFence(out);
      Reference.reachabilityFence(kept);
      Reference.reachabilityFence(weights);
    }
  }

  @Override
  public void backward(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      MemorySegment kept,
      @Nullable MemorySegment outGradients,
      MemorySegment stateGradients,
      MemorySegment sums,
      @Nullable MemorySegment inputGradients,
      @Nullable MemorySegment timespanGradients) {
    LtcParameterLayout layout = checkInputs(weights, steps, rows, x, timespans, mask);
    checkKept("kept", kept, weights.keptFloats(steps));
    long ofState = (long) layout.units() * SAMPLES;
    MemoryChecks.checkWritable("stateGradients", stateGradients, ofState, Float.BYTES);
    checkKept("sums", sums, weights.sumFloats());
    checkLasts("stateGradients", stateGradients);
    long ofX = lines(steps, layout.inputSize());
    long ofOut = lines(steps, layout.outputSize());
    if (outGradients != null) {
      MemoryChecks.check("outGradients", outGradients, ofOut, Float.BYTES);
    }
    checkGradients("inputGradients", inputGradients, ofX, x, timespans, mask, outGradients);
    checkGradients(
        "timespanGradients", timespanGradients, lines(steps, 1), x, timespans, mask, outGradients);
    disjoint("kept", kept, x, timespans, mask, outGradients);
    disjoint("stateGradients", stateGradients, x, timespans, mask, outGradients);
    disjoint("sums", sums, x, timespans, mask, outGradients);
    MemoryChecks.checkDisjoint("kept", kept, "stateGradients", stateGradients);
    MemoryChecks.checkDisjoint("kept", kept, "sums", sums);
    MemoryChecks.checkDisjoint("stateGradients", stateGradients, "sums", sums);
    apart("inputGradients", inputGradients, kept, stateGradients, sums);
    apart("timespanGradients", timespanGradients, kept, stateGradients, sums);
    if (inputGradients != null && timespanGradients != null) {
      MemoryChecks.checkDisjoint(
          "inputGradients", inputGradients, "timespanGradients", timespanGradients);
    }
    try {
      if (lasts(x)
          && lasts(timespans)
          && lasts(mask)
          && lasts(outGradients)
          && lasts(inputGradients)
          && lasts(timespanGradients)) {
        unchecked.backward(
            weights,
            steps,
            rows,
            x,
            timespans,
            mask,
            kept,
            outGradients,
            stateGradients,
            sums,
            inputGradients,
            timespanGradients);
        return;
      }
      long ofTimespans = lines(steps, 1);
      MemorySegment in = Staging.input((ofX + ofOut + 2 * ofTimespans) * Float.BYTES);
      MemorySegment to = Staging.output((ofX + ofTimespans) * Float.BYTES);
      MemorySegment toInputs = to.asSlice(0, ofX * Float.BYTES);
      MemorySegment toTimespans = to.asSlice(ofX * Float.BYTES, ofTimespans * Float.BYTES);
      unchecked.backward(
          weights,
          steps,
          rows,
          copied(x, in, 0, ofX),
          timespans == null ? null : copied(timespans, in, ofX + ofOut, ofTimespans),
          mask == null ? null : copied(mask, in, ofX + ofOut + ofTimespans, ofTimespans),
          kept,
          outGradients == null ? null : copied(outGradients, in, ofX, ofOut),
          stateGradients,
          sums,
          inputGradients == null ? null : toInputs,
          timespanGradients == null ? null : toTimespans);
      if (inputGradients != null) {
        MemorySegment.copy(toInputs, 0, inputGradients, 0, toInputs.byteSize());
      }
      if (timespanGradients != null) {
        MemorySegment.copy(toTimespans, 0, timespanGradients, 0, toTimespans.byteSize());
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(timespans);
      Reference.reachabilityFence(mask);
      Reference.reachabilityFence(kept);
      Reference.reachabilityFence(outGradients);
      Reference.reachabilityFence(stateGradients);
      Reference.reachabilityFence(sums);
      Reference.reachabilityFence(inputGradients);
      Reference.reachabilityFence(timespanGradients);
      Reference.reachabilityFence(weights);
    }
  }

  private static long lines(int steps, int items) {
    return (long) steps * items * SAMPLES;
  }

  private static LtcParameterLayout checkInputs(
      LtcTrainingWeights weights,
      int steps,
      int rows,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask) {
    FloatingPoint.check();
    LtcParameterLayout layout = weights.layout();
    // So that no size overflows.
    Require.between("steps", 0, 1 << 24, steps);
    Require.between("rows", 1, SAMPLES, rows);
    MemoryChecks.check("x", x, lines(steps, layout.inputSize()), Float.BYTES);
    if (timespans != null) {
      MemoryChecks.check("timespans", timespans, lines(steps, 1), Float.BYTES);
    } else if (layout.integration().elapsedTime()) {
      throw new IllegalArgumentException("timespans must be given, because they count");
    }
    if (mask != null) {
      MemoryChecks.check("mask", mask, lines(steps, 1), Integer.BYTES);
    }
    return layout;
  }

  private static void checkGradients(
      String name,
      @Nullable MemorySegment gradients,
      long floats,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      @Nullable MemorySegment outGradients) {
    if (gradients != null) {
      MemoryChecks.checkWritable(name, gradients, floats, Float.BYTES);
      disjoint(name, gradients, x, timespans, mask, outGradients);
    }
  }

  private static void checkKept(String name, MemorySegment segment, long floats) {
    MemoryChecks.checkWritable(name, segment, floats, Float.BYTES);
    checkLasts(name, segment);
  }

  private static void checkLasts(String name, MemorySegment segment) {
    if (!Staging.lasts(segment)) {
      throw new IllegalArgumentException(
          name
              + " must be memory that stays: of an automatic, confined or the global arena, not"
              + " of a shared one, a buffer or a file");
    }
  }

  private static boolean lasts(@Nullable MemorySegment segment) {
    return segment == null || Staging.lasts(segment);
  }

  private static void disjoint(
      String name,
      MemorySegment segment,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask,
      @Nullable MemorySegment outGradients) {
    disjoint(name, segment, x, timespans, mask);
    if (outGradients != null) {
      MemoryChecks.checkDisjoint("outGradients", outGradients, name, segment);
    }
  }

  private static void disjoint(
      String name,
      MemorySegment segment,
      MemorySegment x,
      @Nullable MemorySegment timespans,
      @Nullable MemorySegment mask) {
    MemoryChecks.checkDisjoint("x", x, name, segment);
    if (timespans != null) {
      MemoryChecks.checkDisjoint("timespans", timespans, name, segment);
    }
    if (mask != null) {
      MemoryChecks.checkDisjoint("mask", mask, name, segment);
    }
  }

  private static void apart(
      String name,
      @Nullable MemorySegment gradients,
      MemorySegment kept,
      MemorySegment stateGradients,
      MemorySegment sums) {
    if (gradients != null) {
      MemoryChecks.checkDisjoint(name, gradients, "kept", kept);
      MemoryChecks.checkDisjoint(name, gradients, "stateGradients", stateGradients);
      MemoryChecks.checkDisjoint(name, gradients, "sums", sums);
    }
  }

  private static MemorySegment copied(MemorySegment from, MemorySegment to, long at, long floats) {
    MemorySegment copy = to.asSlice(at * Float.BYTES, floats * Float.BYTES);
    MemorySegment.copy(from, 0, copy, 0, floats * Float.BYTES);
    return copy;
  }
}
