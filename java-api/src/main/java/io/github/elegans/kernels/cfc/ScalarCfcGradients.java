package io.github.elegans.kernels.cfc;

import static io.github.elegans.kernels.PanelLayout.flush;
import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarActivationGradients;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Gates of closed-form continuous-time cells and their derivatives, by definition. */
final class ScalarCfcGradients implements CfcGradientKernels {
  private static final int BLOCK = PanelLayout.BLOCK;

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
    for (int row = 0; row < rows; row++) {
      float timespan = get(timespans, row);
      for (int unit = 0; unit < PanelLayout.roundUp(units); unit++) {
        long ff1 = row * headsStride + head(unit);
        long ff2 = ff1 + BLOCK;
        long timeA = ff1 + 2 * BLOCK;
        long timeB = ff1 + 3 * BLOCK;
        float a = ScalarMath.apply(headActivation, accuracy, get(heads, ff1));
        float b = ScalarMath.apply(headActivation, accuracy, get(heads, ff2));
        float p = Math.fma(get(heads, timeA), timespan, get(heads, timeB));
        float s = ScalarMath.apply(Activation.SIGMOID, accuracy, p);
        set(heads, ff1, a);
        set(heads, ff2, b);
        set(heads, timeB, s);
        set(h, row * hStride + unit, ScalarCfc.mix(mode, a, b, s));
      }
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
    for (int row = 0; row < rows; row++) {
      float timespan = get(timespans, row);
      if (timespanGradients != null) {
        float sum =
            ofTimespan(mode, heads, row * headsStride, upstream, row * upstreamStride, units, 0, 1);
        set(timespanGradients, row, sum);
      }
      for (int unit = 0; unit < PanelLayout.roundUp(units); unit++) {
        long ff1 = row * headsStride + head(unit);
        long ff2 = ff1 + BLOCK;
        long timeA = ff1 + 2 * BLOCK;
        long timeB = ff1 + 3 * BLOCK;
        if (unit >= units) {
          set(heads, ff1, 0);
          set(heads, ff2, 0);
          set(heads, timeA, 0);
          set(heads, timeB, 0);
          continue;
        }
        float a = get(heads, ff1);
        float b = get(heads, ff2);
        float s = get(heads, timeB);
        float l = get(upstream, row * upstreamStride + unit);
        float lb = l * s;
        float la = mode == CfcMode.DEFAULT ? l - lb : l;
        float dp = ofGate(mode, a, b, s, l);
        set(heads, ff1, flush(la * ScalarActivationGradients.gradient(headActivation, a)));
        set(heads, ff2, flush(lb * ScalarActivationGradients.gradient(headActivation, b)));
        set(heads, timeA, flush(dp * timespan));
        set(heads, timeB, dp);
      }
    }
  }

  /** The gradient of the gate's sum. */
  private static float ofGate(CfcMode mode, float a, float b, float s, float l) {
    return flush((l * (mode == CfcMode.DEFAULT ? b - a : b)) * Math.fma(-s, s, s));
  }

  /**
   * The chains of every so many units from a first one on, added in halves; from 0 and 1 the
   * gradient of a row's timespan.
   */
  private static float ofTimespan(
      CfcMode mode,
      MemorySegment heads,
      long head,
      MemorySegment upstream,
      long at,
      int units,
      int first,
      int every) {
    if (every < BLOCK) {
      return ofTimespan(mode, heads, head, upstream, at, units, first, 2 * every)
          + ofTimespan(mode, heads, head, upstream, at, units, first + every, 2 * every);
    }
    float chain = 0;
    for (int unit = first; unit < units; unit += BLOCK) {
      long ff1 = head + head(unit);
      float a = get(heads, ff1);
      float b = get(heads, ff1 + BLOCK);
      float timeA = get(heads, ff1 + 2 * BLOCK);
      float s = get(heads, ff1 + 3 * BLOCK);
      chain = Math.fma(timeA, ofGate(mode, a, b, s, get(upstream, at + unit)), chain);
    }
    return chain;
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
    int padded = PanelLayout.roundUp(units);
    for (int row = 0; row < rows; row++) {
      float timespan = get(timespans, row);
      for (int unit = 0; unit < padded; unit++) {
        float ff1 = get(f, row * fStride + unit);
        float rate = Math.abs(get(parameters, unit));
        float decay = ScalarCfc.exponential(accuracy, ff1, rate, timespan);
        set(e, row * eStride + unit, decay);
        float level = get(parameters, padded + unit);
        set(h, row * hStride + unit, ScalarCfc.decayed(ff1, decay, level));
      }
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
    int padded = PanelLayout.roundUp(units);
    for (int row = 0; row < rows; row++) {
      float timespan = get(timespans, row);
      long first = row * fStride;
      if (timespanGradients != null) {
        float sum =
            ofTimespan(
                f,
                first,
                parameters,
                e,
                row * eStride,
                upstream,
                row * upstreamStride,
                units,
                0,
                1);
        set(timespanGradients, row, sum);
      }
      for (int unit = 0; unit < units; unit++) {
        float ff1 = get(f, first + unit);
        float decay = get(e, row * eStride + unit);
        float l = get(upstream, row * upstreamStride + unit);
        float wTau = get(parameters, unit);
        float level = get(parameters, padded + unit);
        float q = flush((l * level) * decay);
        float u = q * ff1;
        float signed = wTau > 0 ? timespan : wTau < 0 ? -timespan : 0;
        add(parameterGradients, unit, u, signed);
        add(parameterGradients, padded + unit, l, Math.fma(-decay, ff1, 1));
        set(f, first + unit, flush(q * Math.fma(timespan, Math.abs(ff1), -1)));
      }
      for (int unit = units; unit < padded; unit++) {
        set(f, first + unit, 0);
      }
    }
    for (int unit = units; unit < padded; unit++) {
      set(parameterGradients, unit, 0);
      set(parameterGradients, padded + unit, 0);
    }
  }

  /** The same of mode pure. */
  private static float ofTimespan(
      MemorySegment f,
      long fAt,
      MemorySegment parameters,
      MemorySegment e,
      long eAt,
      MemorySegment upstream,
      long at,
      int units,
      int first,
      int every) {
    if (every < BLOCK) {
      int next = 2 * every;
      return ofTimespan(f, fAt, parameters, e, eAt, upstream, at, units, first, next)
          + ofTimespan(f, fAt, parameters, e, eAt, upstream, at, units, first + every, next);
    }
    int padded = PanelLayout.roundUp(units);
    float chain = 0;
    for (int unit = first; unit < units; unit += BLOCK) {
      float ff1 = get(f, fAt + unit);
      float level = get(parameters, padded + unit);
      float u = flush((get(upstream, at + unit) * level) * get(e, eAt + unit)) * ff1;
      chain = Math.fma(u, Math.abs(get(parameters, unit)) + Math.abs(ff1), chain);
    }
    return chain;
  }

  /** Where in a row a unit's ff1 is. */
  private static long head(int unit) {
    return (long) (unit / BLOCK) * PanelLayout.PANEL + unit % BLOCK;
  }

  private static void add(MemorySegment sums, long at, float a, float b) {
    set(sums, at, Math.fma(a, b, get(sums, at)));
  }
}
