package io.github.elegans.kernels.random;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** The checks before random numbers. */
record CheckedRandom(RandomKernels unchecked) implements RandomKernels {
  private static final int WORDS = 4;
  private static final long COUNTER_BYTES = (long) WORDS * Integer.BYTES;

  @Override
  public void threefry(
      int key0,
      int key1,
      int key2,
      int key3,
      int first,
      int counter1,
      int counter2,
      int counter3,
      MemorySegment words,
      int n) {
    Require.atLeast("n", 0, n);
    MemoryChecks.checkWritable("words", words, (long) WORDS * n, Integer.BYTES);
    try {
      if (Staging.lasts(words)) {
        unchecked.threefry(key0, key1, key2, key3, first, counter1, counter2, counter3, words, n);
      } else {
        MemorySegment own = Staging.output(0);
        int most = (int) (own.byteSize() / COUNTER_BYTES);
        for (int done = 0; done < n; done += most) {
          int m = Math.min(most, n - done);
          unchecked.threefry(
              key0, key1, key2, key3, first + done, counter1, counter2, counter3, own, m);
          MemorySegment.copy(own, 0, words, done * COUNTER_BYTES, m * COUNTER_BYTES);
        }
      }
    } finally {
      Reference.reachabilityFence(words);
    }
  }

  @Override
  public void dropout(
      long seed,
      int update,
      int layer,
      double probability,
      MemorySegment x,
      long stride,
      int units,
      int rows,
      MemorySegment steps,
      MemorySegment samples) {
    FloatingPoint.check();
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "probability must be from 0 to below 1, but is " + probability);
    }
    Require.between("units", 0, Integer.MAX_VALUE - PanelLayout.BLOCK, units);
    Require.atLeast("rows", 0, rows);
    int width = PanelLayout.roundUp(units);
    Require.atLeast("stride (units rounded up to 16)", width, stride);
    Require.between("stride", 0, MemoryChecks.LONGEST_STRIDE, stride);
    MemoryChecks.checkWritable("x", x, MemoryChecks.extent(rows, stride, width), Float.BYTES);
    MemoryChecks.check("steps", steps, rows, Integer.BYTES);
    MemoryChecks.check("samples", samples, rows, Integer.BYTES);
    MemoryChecks.checkDisjoint("x", x, "steps", steps);
    MemoryChecks.checkDisjoint("x", x, "samples", samples);
    try {
      if (Staging.lasts(x) && Staging.lasts(steps) && Staging.lasts(samples)) {
        unchecked.dropout(seed, update, layer, probability, x, stride, units, rows, steps, samples);
      } else {
        byRows(seed, update, layer, probability, x, stride, units, rows, steps, samples);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(steps);
      Reference.reachabilityFence(samples);
    }
  }

  private void byRows(
      long seed,
      int update,
      int layer,
      double probability,
      MemorySegment x,
      long stride,
      int units,
      int rows,
      MemorySegment steps,
      MemorySegment samples) {
    int width = PanelLayout.roundUp(units);
    MemorySegment in = Staging.input(0);
    MemorySegment own = Staging.output((long) width * Float.BYTES);
    MemorySegment step = in.asSlice(0, Integer.BYTES);
    MemorySegment sample = in.asSlice(Integer.BYTES, Integer.BYTES);
    for (long row = 0; row < rows; row++) {
      MemorySegment.copy(steps, row * Integer.BYTES, step, 0, Integer.BYTES);
      MemorySegment.copy(samples, row * Integer.BYTES, sample, 0, Integer.BYTES);
      FloatSegments.copy(x, row * stride, own, 0, width);
      unchecked.dropout(seed, update, layer, probability, own, width, units, 1, step, sample);
      FloatSegments.copy(own, 0, x, row * stride, width);
    }
  }
}
