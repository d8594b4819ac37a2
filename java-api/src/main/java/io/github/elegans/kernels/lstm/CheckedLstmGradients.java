package io.github.elegans.kernels.lstm;

import static io.github.elegans.memory.MemoryChecks.checkDisjoint;
import static io.github.elegans.memory.MemoryChecks.checkRows;
import static io.github.elegans.memory.Staging.lasts;
import static java.lang.ref.Reference.reachabilityFence;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The checks before gates of long short-term memory and their derivatives. */
record CheckedLstmGradients(LstmGradientKernels unchecked) implements LstmGradientKernels {

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
    FloatingPoint.check();
    Objects.requireNonNull(accuracy, "accuracy");
    Require.atLeast("units", 1, units);
    Require.atLeast("rows", 0, rows);
    long width = PanelLayout.roundUp(units);
    long wide = 4 * width;
    long ofGates = checkRows("gates", gates, "gatesStride", gatesStride, wide, rows, true);
    long n = checkRows("c", c, "stride", stride, width, rows, false);
    checkRows("next", next, "stride", stride, width, rows, true);
    checkRows("activated", activated, "stride", stride, width, rows, true);
    checkRows("h", h, "stride", stride, width, rows, true);
    checkDisjoint("gates", gates, ofGates, "c", c, n);
    checkDisjoint("gates", gates, ofGates, "next", next, n);
    checkDisjoint("gates", gates, ofGates, "activated", activated, n);
    checkDisjoint("gates", gates, ofGates, "h", h, n);
    checkDisjoint("c", c, n, "next", next, n);
    checkDisjoint("c", c, n, "activated", activated, n);
    checkDisjoint("c", c, n, "h", h, n);
    checkDisjoint("next", next, n, "activated", activated, n);
    checkDisjoint("next", next, n, "h", h, n);
    checkDisjoint("activated", activated, n, "h", h, n);
    try {
      if (lasts(gates) && lasts(c) && lasts(next) && lasts(activated) && lasts(h)) {
        unchecked.gates(accuracy, gates, gatesStride, c, next, activated, h, stride, units, rows);
        return;
      }
      int most = Staging.rowsTogether(wide);
      for (int done = 0; done < rows; done += most) {
        int m = Math.min(most, rows - done);
        MemorySegment ownGates = Staging.rows(0, gates, done, gatesStride, wide, m);
        MemorySegment ownC = Staging.rows(1, c, done, stride, width, m);
        MemorySegment ownNext = Staging.rows(2, width, m);
        MemorySegment ownActivated = Staging.rows(3, width, m);
        MemorySegment ownH = Staging.rows(4, width, m);
        unchecked.gates(
            accuracy, ownGates, wide, ownC, ownNext, ownActivated, ownH, width, units, m);
        Staging.rowsBack(ownGates, gates, done, gatesStride, wide, m);
        Staging.rowsBack(ownNext, next, done, stride, width, m);
        Staging.rowsBack(ownActivated, activated, done, stride, width, m);
        Staging.rowsBack(ownH, h, done, stride, width, m);
      }
    } finally {
      reachabilityFence(gates);
      reachabilityFence(c);
      reachabilityFence(next);
      reachabilityFence(activated);
      reachabilityFence(h);
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
    FloatingPoint.check();
    Require.atLeast("units", 1, units);
    Require.atLeast("rows", 0, rows);
    long width = PanelLayout.roundUp(units);
    long wide = 4 * width;
    long ofGates = checkRows("gates", gates, "gatesStride", gatesStride, wide, rows, true);
    long n = checkRows("c", c, "stride", stride, width, rows, false);
    checkRows("activated", activated, "stride", stride, width, rows, false);
    checkRows("upstream", upstream, "stride", stride, width, rows, false);
    checkRows("memoryGradients", memoryGradients, "stride", stride, width, rows, true);
    checkDisjoint("gates", gates, ofGates, "c", c, n);
    checkDisjoint("gates", gates, ofGates, "activated", activated, n);
    checkDisjoint("gates", gates, ofGates, "upstream", upstream, n);
    checkDisjoint("gates", gates, ofGates, "memoryGradients", memoryGradients, n);
    checkDisjoint("c", c, n, "memoryGradients", memoryGradients, n);
    checkDisjoint("activated", activated, n, "memoryGradients", memoryGradients, n);
    checkDisjoint("upstream", upstream, n, "memoryGradients", memoryGradients, n);
    try {
      if (lasts(gates)
          && lasts(c)
          && lasts(activated)
          && lasts(upstream)
          && lasts(memoryGradients)) {
        unchecked.gatesBackward(
            gates, gatesStride, c, activated, upstream, memoryGradients, stride, units, rows);
        return;
      }
      int most = Staging.rowsTogether(wide);
      for (int done = 0; done < rows; done += most) {
        int m = Math.min(most, rows - done);
        MemorySegment ownGates = Staging.rows(0, gates, done, gatesStride, wide, m);
        MemorySegment ownC = Staging.rows(1, c, done, stride, width, m);
        MemorySegment ownActivated = Staging.rows(2, activated, done, stride, width, m);
        MemorySegment ownUpstream = Staging.rows(3, upstream, done, stride, width, m);
        MemorySegment ownMemory = Staging.rows(4, memoryGradients, done, stride, width, m);
        unchecked.gatesBackward(
            ownGates, wide, ownC, ownActivated, ownUpstream, ownMemory, width, units, m);
        Staging.rowsBack(ownGates, gates, done, gatesStride, wide, m);
        Staging.rowsBack(ownMemory, memoryGradients, done, stride, width, m);
      }
    } finally {
      reachabilityFence(gates);
      reachabilityFence(c);
      reachabilityFence(activated);
      reachabilityFence(upstream);
      reachabilityFence(memoryGradients);
    }
  }
}
