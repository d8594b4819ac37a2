package io.github.elegans.kernels.gru;

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

/** The checks before gates of gated recurrent units and their derivatives. */
record CheckedGruGradients(GruGradientKernels unchecked) implements GruGradientKernels {

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
    FloatingPoint.check();
    Objects.requireNonNull(accuracy, "accuracy");
    Require.atLeast("units", 1, units);
    Require.atLeast("rows", 0, rows);
    long width = PanelLayout.roundUp(units);
    long wide = 2 * width;
    long ofGates = checkRows("gates", gates, "gatesStride", gatesStride, wide, rows, true);
    long n = checkRows("input", input, "stride", stride, width, rows, true);
    checkRows("recurrent", recurrent, "stride", stride, width, rows, false);
    checkRows("h", h, "stride", stride, width, rows, false);
    checkRows("next", next, "stride", stride, width, rows, true);
    checkDisjoint("gates", gates, ofGates, "input", input, n);
    checkDisjoint("gates", gates, ofGates, "recurrent", recurrent, n);
    checkDisjoint("gates", gates, ofGates, "h", h, n);
    checkDisjoint("gates", gates, ofGates, "next", next, n);
    checkDisjoint("input", input, n, "recurrent", recurrent, n);
    checkDisjoint("input", input, n, "h", h, n);
    checkDisjoint("input", input, n, "next", next, n);
    checkDisjoint("recurrent", recurrent, n, "next", next, n);
    checkDisjoint("h", h, n, "next", next, n);
    try {
      if (lasts(gates) && lasts(input) && lasts(recurrent) && lasts(h) && lasts(next)) {
        unchecked.gates(
            accuracy, gates, gatesStride, input, recurrent, h, next, stride, units, rows);
        return;
      }
      int most = Staging.rowsTogether(wide);
      for (int done = 0; done < rows; done += most) {
        int m = Math.min(most, rows - done);
        MemorySegment ownGates = Staging.rows(0, gates, done, gatesStride, wide, m);
        MemorySegment ownInput = Staging.rows(1, input, done, stride, width, m);
        MemorySegment ownRecurrent = Staging.rows(2, recurrent, done, stride, width, m);
        MemorySegment ownH = Staging.rows(3, h, done, stride, width, m);
        MemorySegment ownNext = Staging.rows(4, width, m);
        unchecked.gates(
            accuracy, ownGates, wide, ownInput, ownRecurrent, ownH, ownNext, width, units, m);
        Staging.rowsBack(ownGates, gates, done, gatesStride, wide, m);
        Staging.rowsBack(ownInput, input, done, stride, width, m);
        Staging.rowsBack(ownNext, next, done, stride, width, m);
      }
    } finally {
      reachabilityFence(gates);
      reachabilityFence(input);
      reachabilityFence(recurrent);
      reachabilityFence(h);
      reachabilityFence(next);
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
    FloatingPoint.check();
    Require.atLeast("units", 1, units);
    Require.atLeast("rows", 0, rows);
    long width = PanelLayout.roundUp(units);
    long wide = 2 * width;
    long ofGates = checkRows("gates", gates, "gatesStride", gatesStride, wide, rows, true);
    long n = checkRows("input", input, "stride", stride, width, rows, true);
    checkRows("recurrent", recurrent, "stride", stride, width, rows, true);
    checkRows("h", h, "stride", stride, width, rows, false);
    checkRows("upstream", upstream, "stride", stride, width, rows, true);
    checkDisjoint("gates", gates, ofGates, "input", input, n);
    checkDisjoint("gates", gates, ofGates, "recurrent", recurrent, n);
    checkDisjoint("gates", gates, ofGates, "h", h, n);
    checkDisjoint("gates", gates, ofGates, "upstream", upstream, n);
    checkDisjoint("input", input, n, "recurrent", recurrent, n);
    checkDisjoint("input", input, n, "h", h, n);
    checkDisjoint("input", input, n, "upstream", upstream, n);
    checkDisjoint("recurrent", recurrent, n, "h", h, n);
    checkDisjoint("recurrent", recurrent, n, "upstream", upstream, n);
    checkDisjoint("h", h, n, "upstream", upstream, n);
    try {
      if (lasts(gates) && lasts(input) && lasts(recurrent) && lasts(h) && lasts(upstream)) {
        unchecked.gatesBackward(
            gates, gatesStride, input, recurrent, h, upstream, stride, units, rows);
        return;
      }
      int most = Staging.rowsTogether(wide);
      for (int done = 0; done < rows; done += most) {
        int m = Math.min(most, rows - done);
        MemorySegment ownGates = Staging.rows(0, gates, done, gatesStride, wide, m);
        MemorySegment ownInput = Staging.rows(1, input, done, stride, width, m);
        MemorySegment ownRecurrent = Staging.rows(2, recurrent, done, stride, width, m);
        MemorySegment ownH = Staging.rows(3, h, done, stride, width, m);
        MemorySegment ownUpstream = Staging.rows(4, upstream, done, stride, width, m);
        unchecked.gatesBackward(
            ownGates, wide, ownInput, ownRecurrent, ownH, ownUpstream, width, units, m);
        Staging.rowsBack(ownGates, gates, done, gatesStride, wide, m);
        Staging.rowsBack(ownInput, input, done, stride, width, m);
        Staging.rowsBack(ownRecurrent, recurrent, done, stride, width, m);
        Staging.rowsBack(ownUpstream, upstream, done, stride, width, m);
      }
    } finally {
      reachabilityFence(gates);
      reachabilityFence(input);
      reachabilityFence(recurrent);
      reachabilityFence(h);
      reachabilityFence(upstream);
    }
  }
}
