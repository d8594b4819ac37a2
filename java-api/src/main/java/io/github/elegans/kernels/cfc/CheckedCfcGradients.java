package io.github.elegans.kernels.cfc;

import static io.github.elegans.memory.MemoryChecks.checkDisjoint;
import static io.github.elegans.memory.MemoryChecks.checkFloats;
import static io.github.elegans.memory.MemoryChecks.checkRows;
import static io.github.elegans.memory.Staging.lasts;
import static java.lang.ref.Reference.reachabilityFence;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The checks before gates of closed-form continuous-time cells and their derivatives. */
record CheckedCfcGradients(CfcGradientKernels unchecked) implements CfcGradientKernels {
  private static final int HEADS = PanelLayout.PANEL / PanelLayout.BLOCK;

  @Override
  public void gate(
      CfcMode mode,
      Activation headActivation,
      Accuracy accuracy,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment h,
      long hStride,
      int units,
      int rows) {
    FloatingPoint.check();
    checkMode(mode, headActivation);
    Objects.requireNonNull(accuracy, "accuracy");
    long width = width(units, rows);
    long wide = HEADS * width;
    long ofHeads = checkRows("heads", heads, "headsStride", headsStride, wide, rows, true);
    long ofTimespans = checkFloats("timespans", timespans, rows, false);
    long ofH = checkRows("h", h, "hStride", hStride, width, rows, true);
    checkDisjoint("heads", heads, ofHeads, "timespans", timespans, ofTimespans);
    checkDisjoint("heads", heads, ofHeads, "h", h, ofH);
    checkDisjoint("timespans", timespans, ofTimespans, "h", h, ofH);
    try {
      if (lasts(heads) && lasts(timespans) && lasts(h)) {
        unchecked.gate(
            mode, headActivation, accuracy, heads, headsStride, timespans, h, hStride, units, rows);
        return;
      }
      int most = Staging.rowsTogether(wide);
      for (int done = 0; done < rows; done += most) {
        int n = Math.min(most, rows - done);
        MemorySegment ownHeads = Staging.rows(0, heads, done, headsStride, wide, n);
        MemorySegment ownTimespans = Staging.rows(1, timespans, done, 1, 1, n);
        MemorySegment ownH = Staging.rows(2, width, n);
        unchecked.gate(
            mode, headActivation, accuracy, ownHeads, wide, ownTimespans, ownH, width, units, n);
        Staging.rowsBack(ownHeads, heads, done, headsStride, wide, n);
        Staging.rowsBack(ownH, h, done, hStride, width, n);
      }
    } finally {
      reachabilityFence(heads);
      reachabilityFence(timespans);
      reachabilityFence(h);
    }
  }

  @Override
  public void gateBackward(
      CfcMode mode,
      Activation headActivation,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      @Nullable MemorySegment timespanGradients) {
    FloatingPoint.check();
    checkMode(mode, headActivation);
    long width = width(units, rows);
    long wide = HEADS * width;
    long ofHeads = checkRows("heads", heads, "headsStride", headsStride, wide, rows, true);
    long ofTimespans = checkFloats("timespans", timespans, rows, false);
    long ofUpstream =
        checkRows("upstream", upstream, "upstreamStride", upstreamStride, width, rows, false);
    checkDisjoint("heads", heads, ofHeads, "timespans", timespans, ofTimespans);
    checkDisjoint("heads", heads, ofHeads, "upstream", upstream, ofUpstream);
    if (timespanGradients != null) {
      checkFloats("timespanGradients", timespanGradients, rows, true);
      checkTimespanGradients("heads", heads, ofHeads, timespanGradients, rows);
      checkTimespanGradients("timespans", timespans, ofTimespans, timespanGradients, rows);
      checkTimespanGradients("upstream", upstream, ofUpstream, timespanGradients, rows);
    }
    try {
      if (lasts(heads)
          && lasts(timespans)
          && lasts(upstream)
          && (timespanGradients == null || lasts(timespanGradients))) {
        unchecked.gateBackward(
            mode,
            headActivation,
            heads,
            headsStride,
            timespans,
            upstream,
            upstreamStride,
            units,
            rows,
            timespanGradients);
        return;
      }
      int most = Staging.rowsTogether(wide);
      for (int done = 0; done < rows; done += most) {
        int n = Math.min(most, rows - done);
        MemorySegment ownHeads = Staging.rows(0, heads, done, headsStride, wide, n);
        MemorySegment ownTimespans = Staging.rows(1, timespans, done, 1, 1, n);
        MemorySegment ownUpstream = Staging.rows(2, upstream, done, upstreamStride, width, n);
        MemorySegment gradients = timespanGradients == null ? null : Staging.rows(3, 1, n);
        unchecked.gateBackward(
            mode,
            headActivation,
            ownHeads,
            wide,
            ownTimespans,
            ownUpstream,
            width,
            units,
            n,
            gradients);
        Staging.rowsBack(ownHeads, heads, done, headsStride, wide, n);
        if (timespanGradients != null && gradients != null) {
          Staging.rowsBack(gradients, timespanGradients, done, 1, 1, n);
        }
      }
    } finally {
      reachabilityFence(heads);
      reachabilityFence(timespans);
      reachabilityFence(upstream);
      reachabilityFence(timespanGradients);
    }
  }

  @Override
  public void decay(
      Accuracy accuracy,
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment h,
      long hStride,
      int units,
      int rows) {
    FloatingPoint.check();
    Objects.requireNonNull(accuracy, "accuracy");
    long width = width(units, rows);
    long ofF = checkRows("f", f, "fStride", fStride, width, rows, false);
    long ofParameters = checkFloats("parameters", parameters, 2 * width, false);
    long ofTimespans = checkFloats("timespans", timespans, rows, false);
    long ofE = checkRows("e", e, "eStride", eStride, width, rows, true);
    long ofH = checkRows("h", h, "hStride", hStride, width, rows, true);
    checkDisjoint("f", f, ofF, "e", e, ofE);
    checkDisjoint("parameters", parameters, ofParameters, "e", e, ofE);
    checkDisjoint("timespans", timespans, ofTimespans, "e", e, ofE);
    checkDisjoint("f", f, ofF, "h", h, ofH);
    checkDisjoint("parameters", parameters, ofParameters, "h", h, ofH);
    checkDisjoint("timespans", timespans, ofTimespans, "h", h, ofH);
    checkDisjoint("e", e, ofE, "h", h, ofH);
    try {
      if (lasts(f) && lasts(parameters) && lasts(timespans) && lasts(e) && lasts(h)) {
        unchecked.decay(
            accuracy, f, fStride, parameters, timespans, e, eStride, h, hStride, units, rows);
        return;
      }
      int most = Staging.rowsTogether(width);
      for (int done = 0; done < rows; done += most) {
        int n = Math.min(most, rows - done);
        MemorySegment ownF = Staging.rows(0, f, done, fStride, width, n);
        MemorySegment ownParameters = Staging.rows(1, parameters, 0, 0, 2 * width, 1);
        MemorySegment ownTimespans = Staging.rows(2, timespans, done, 1, 1, n);
        MemorySegment ownE = Staging.rows(3, width, n);
        MemorySegment ownH = Staging.rows(4, width, n);
        unchecked.decay(
            accuracy, ownF, width, ownParameters, ownTimespans, ownE, width, ownH, width, units, n);
        Staging.rowsBack(ownE, e, done, eStride, width, n);
        Staging.rowsBack(ownH, h, done, hStride, width, n);
      }
    } finally {
      reachabilityFence(f);
      reachabilityFence(parameters);
      reachabilityFence(timespans);
      reachabilityFence(e);
      reachabilityFence(h);
    }
  }

  @Override
  public void decayBackward(
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      MemorySegment parameterGradients,
      @Nullable MemorySegment timespanGradients) {
    FloatingPoint.check();
    long width = width(units, rows);
    long both = 2 * width;
    long ofF = checkRows("f", f, "fStride", fStride, width, rows, true);
    checkFloats("parameters", parameters, both, false);
    checkFloats("timespans", timespans, rows, false);
    long ofE = checkRows("e", e, "eStride", eStride, width, rows, false);
    long ofUpstream =
        checkRows("upstream", upstream, "upstreamStride", upstreamStride, width, rows, false);
    checkFloats("parameterGradients", parameterGradients, both, true);
    checkDisjoint("f", f, ofF, "parameters", parameters, both);
    checkDisjoint("f", f, ofF, "timespans", timespans, rows);
    checkDisjoint("f", f, ofF, "e", e, ofE);
    checkDisjoint("f", f, ofF, "upstream", upstream, ofUpstream);
    String gradients = "parameterGradients";
    checkDisjoint("f", f, ofF, gradients, parameterGradients, both);
    checkDisjoint("parameters", parameters, both, gradients, parameterGradients, both);
    checkDisjoint("timespans", timespans, rows, gradients, parameterGradients, both);
    checkDisjoint("e", e, ofE, gradients, parameterGradients, both);
    checkDisjoint("upstream", upstream, ofUpstream, gradients, parameterGradients, both);
    if (timespanGradients != null) {
      checkFloats("timespanGradients", timespanGradients, rows, true);
      checkTimespanGradients("f", f, ofF, timespanGradients, rows);
      checkTimespanGradients("parameters", parameters, both, timespanGradients, rows);
      checkTimespanGradients("timespans", timespans, rows, timespanGradients, rows);
      checkTimespanGradients("e", e, ofE, timespanGradients, rows);
      checkTimespanGradients("upstream", upstream, ofUpstream, timespanGradients, rows);
      checkTimespanGradients(gradients, parameterGradients, both, timespanGradients, rows);
    }
    try {
      if (lasts(f)
          && lasts(parameters)
          && lasts(timespans)
          && lasts(e)
          && lasts(upstream)
          && lasts(parameterGradients)
          && (timespanGradients == null || lasts(timespanGradients))) {
        unchecked.decayBackward(
            f,
            fStride,
            parameters,
            timespans,
            e,
            eStride,
            upstream,
            upstreamStride,
            units,
            rows,
            parameterGradients,
            timespanGradients);
        return;
      }
      int most = Staging.rowsTogether(width);
      // Once even without rows: the padding gets its zeros.
      for (int done = 0; done == 0 || done < rows; done += most) {
        int n = Math.min(most, rows - done);
        MemorySegment ownF = Staging.rows(0, f, done, fStride, width, n);
        MemorySegment ownParameters = Staging.rows(1, parameters, 0, 0, both, 1);
        MemorySegment ownTimespans = Staging.rows(2, timespans, done, 1, 1, n);
        MemorySegment ownE = Staging.rows(3, e, done, eStride, width, n);
        MemorySegment ownUpstream = Staging.rows(4, upstream, done, upstreamStride, width, n);
        MemorySegment sums = Staging.rows(5, parameterGradients, 0, 0, both, 1);
        MemorySegment ofTimespans = timespanGradients == null ? null : Staging.rows(6, 1, n);
        unchecked.decayBackward(
            ownF,
            width,
            ownParameters,
            ownTimespans,
            ownE,
            width,
            ownUpstream,
            width,
            units,
            n,
            sums,
            ofTimespans);
        Staging.rowsBack(ownF, f, done, fStride, width, n);
        Staging.rowsBack(sums, parameterGradients, 0, 0, both, 1);
        if (timespanGradients != null && ofTimespans != null) {
          Staging.rowsBack(ofTimespans, timespanGradients, done, 1, 1, n);
        }
      }
    } finally {
      reachabilityFence(f);
      reachabilityFence(parameters);
      reachabilityFence(timespans);
      reachabilityFence(e);
      reachabilityFence(upstream);
      reachabilityFence(parameterGradients);
      reachabilityFence(timespanGradients);
    }
  }

  private static void checkMode(CfcMode mode, Activation headActivation) {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(headActivation, "headActivation");
    if (mode == CfcMode.PURE) {
      throw new IllegalArgumentException("mode must be default or no_gate, but is pure");
    }
    if (!CfcWeights.HEAD_ACTIVATIONS.contains(headActivation)) {
      throw new IllegalArgumentException(
          "headActivation must be tanh, lecun_tanh or linear, but is "
              + headActivation.fieldName());
    }
  }

  /** Floats of a row of units. */
  private static long width(int units, int rows) {
    Require.atLeast("units", 1, units);
    Require.atLeast("rows", 0, rows);
    return PanelLayout.roundUp(units);
  }

  private static void checkTimespanGradients(
      String name, MemorySegment memory, long floats, MemorySegment timespanGradients, int rows) {
    checkDisjoint(name, memory, floats, "timespanGradients", timespanGradients, rows);
  }
}
