package io.github.elegans.kernels.optimiser;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.memory.MemoryChecks;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The checks before steps of optimisers. */
record CheckedOptimisers(OptimiserKernels unchecked) implements OptimiserKernels {
  private static final int CHAINS = 16;

  /** Arrays of a step, and floats of each that go through our own memory together. */
  private static final int ARRAYS = 2 + UpdateRule.MOST_STATES;

  private static final long PIECE =
      Staging.CHUNK / Float.BYTES / ARRAYS / PanelLayout.BLOCK * PanelLayout.BLOCK;

  @Override
  public void add(MemorySegment x, MemorySegment sum, long n) {
    FloatingPoint.check();
    Require.atLeast("n", 0, n);
    MemoryChecks.check("x", x, n, Float.BYTES);
    MemoryChecks.checkWritable("sum", sum, n, Float.BYTES);
    MemoryChecks.checkDisjoint("x", x, "sum", sum);
    try {
      if (Staging.lasts(x) && Staging.lasts(sum)) {
        unchecked.add(x, sum, n);
      } else {
        addInChunks(x, sum, n);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(sum);
    }
  }

  private void addInChunks(MemorySegment x, MemorySegment sum, long n) {
    MemorySegment in = Staging.input(0);
    MemorySegment out = Staging.output(0);
    long most = Math.min(in.byteSize(), out.byteSize()) / Float.BYTES;
    for (long done = 0; done < n; done += most) {
      long m = Math.min(most, n - done);
      FloatSegments.copy(x, done, in, 0, m);
      FloatSegments.copy(sum, done, out, 0, m);
      unchecked.add(in, out, m);
      FloatSegments.copy(out, 0, sum, done, m);
    }
  }

  @Override
  public void sumsOfSquares(MemorySegment x, long stride, long rows, MemorySegment sums) {
    FloatingPoint.check();
    Require.atLeast("rows", 0, rows);
    Require.between("stride", CHAINS, MemoryChecks.LONGEST_STRIDE, stride);
    MemoryChecks.check("x", x, MemoryChecks.extent(rows, stride, CHAINS), Float.BYTES);
    MemoryChecks.checkWritable("sums", sums, CHAINS, Double.BYTES);
    MemoryChecks.checkDisjoint("x", x, "sums", sums);
    try {
      if (Staging.lasts(x) && Staging.lasts(sums)) {
        unchecked.sumsOfSquares(x, stride, rows, sums);
      } else {
        sumsInChunks(x, stride, rows, sums);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(sums);
    }
  }

  private void sumsInChunks(MemorySegment x, long stride, long rows, MemorySegment sums) {
    MemorySegment in = Staging.input(0);
    MemorySegment out = Staging.output(0);
    long most = in.byteSize() / Float.BYTES / CHAINS;
    MemorySegment.copy(sums, 0, out, 0, (long) CHAINS * Double.BYTES);
    for (long done = 0; done < rows; done += most) {
      long m = Math.min(most, rows - done);
      for (long row = 0; row < m; row++) {
        FloatSegments.copy(x, (done + row) * stride, in, row * CHAINS, CHAINS);
      }
      unchecked.sumsOfSquares(in, CHAINS, m, out);
    }
    MemorySegment.copy(out, 0, sums, 0, (long) CHAINS * Double.BYTES);
  }

  @Override
  public void step(
      OptimiserStep step,
      MemorySegment p,
      MemorySegment g,
      @Nullable MemorySegment first,
      @Nullable MemorySegment second,
      @Nullable MemorySegment third,
      long stride,
      long width,
      long rows) {
    FloatingPoint.check();
    int states = Objects.requireNonNull(step, "step").rule().states();
    // What a rule has no use for is not looked at.
    MemorySegment a = states > 0 ? Objects.requireNonNull(first, "first") : null;
    MemorySegment b = states > 1 ? Objects.requireNonNull(second, "second") : null;
    MemorySegment c = states > 2 ? Objects.requireNonNull(third, "third") : null;
    Require.atLeast("rows", 0, rows);
    Require.atLeast("width", 0, width);
    if (width % PanelLayout.BLOCK != 0) {
      throw new IllegalArgumentException(
          "width must be a multiple of %d, but is %d".formatted(PanelLayout.BLOCK, width));
    }
    Require.atLeast("stride", width, stride);
    Require.between("stride", 0, MemoryChecks.LONGEST_STRIDE, stride);
    long extent = MemoryChecks.extent(rows, stride, width);
    MemoryChecks.checkWritable("p", p, extent, Float.BYTES);
    MemoryChecks.check("g", g, extent, Float.BYTES);
    MemoryChecks.checkDisjoint("p", p, "g", g);
    checkState("first", a, extent, p, g);
    checkState("second", b, extent, p, g);
    checkState("third", c, extent, p, g);
    checkDisjoint("first", a, "second", b);
    checkDisjoint("first", a, "third", c);
    checkDisjoint("second", b, "third", c);
    try {
      if (Staging.lasts(p) && Staging.lasts(g) && lasts(a) && lasts(b) && lasts(c)) {
        unchecked.step(step, p, g, a, b, c, stride, width, rows);
      } else {
        stepInChunks(step, p, g, a, b, c, stride, width, rows);
      }
    } finally {
      Reference.reachabilityFence(p);
      Reference.reachabilityFence(g);
      Reference.reachabilityFence(a);
      Reference.reachabilityFence(b);
      Reference.reachabilityFence(c);
    }
  }

  private static void checkState(
      String name, @Nullable MemorySegment state, long extent, MemorySegment p, MemorySegment g) {
    if (state != null) {
      MemoryChecks.checkWritable(name, state, extent, Float.BYTES);
      MemoryChecks.checkDisjoint("p", p, name, state);
      MemoryChecks.checkDisjoint("g", g, name, state);
    }
  }

  private static void checkDisjoint(
      String x, @Nullable MemorySegment a, String y, @Nullable MemorySegment b) {
    if (a != null && b != null) {
      MemoryChecks.checkDisjoint(x, a, y, b);
    }
  }

  private static boolean lasts(@Nullable MemorySegment state) {
    return state == null || Staging.lasts(state);
  }

  private void stepInChunks(
      OptimiserStep step,
      MemorySegment p,
      MemorySegment g,
      @Nullable MemorySegment first,
      @Nullable MemorySegment second,
      @Nullable MemorySegment third,
      long stride,
      long width,
      long rows) {
    MemorySegment own = Staging.input(0);
    MemorySegment ownP = piece(own, 0);
    MemorySegment ownG = piece(own, 1);
    MemorySegment ownFirst = piece(own, 2);
    MemorySegment ownSecond = piece(own, 3);
    MemorySegment ownThird = piece(own, 4);
    for (long row = 0; row < rows; row++) {
      for (long done = 0; done < width; done += PIECE) {
        long m = Math.min(PIECE, width - done);
        long at = row * stride + done;
        FloatSegments.copy(p, at, ownP, 0, m);
        FloatSegments.copy(g, at, ownG, 0, m);
        in(first, at, ownFirst, m);
        in(second, at, ownSecond, m);
        in(third, at, ownThird, m);
        unchecked.step(
            step,
            ownP,
            ownG,
            first == null ? null : ownFirst,
            second == null ? null : ownSecond,
            third == null ? null : ownThird,
            m,
            m,
            1);
        FloatSegments.copy(ownP, 0, p, at, m);
        out(ownFirst, first, at, m);
        out(ownSecond, second, at, m);
        out(ownThird, third, at, m);
      }
    }
  }

  private static MemorySegment piece(MemorySegment own, int number) {
    return own.asSlice(number * PIECE * Float.BYTES, PIECE * Float.BYTES);
  }

  private static void in(@Nullable MemorySegment from, long at, MemorySegment own, long n) {
    if (from != null) {
      FloatSegments.copy(from, at, own, 0, n);
    }
  }

  private static void out(MemorySegment own, @Nullable MemorySegment to, long at, long n) {
    if (to != null) {
      FloatSegments.copy(own, 0, to, at, n);
    }
  }
}
