package io.github.elegans.kernels.cfc;

import static io.github.elegans.kernels.dense.ScalarDense.element;
import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Closed-form continuous-time cells, by definition. */
final class ScalarCfc implements CfcKernels {

  @Override
  public CfcKernel cell(CfcWeights weights, Accuracy accuracy) {
    return new ScalarCell(weights, accuracy);
  }

  /**
   * The next hidden state from the heads' values.
   *
   * @param heads the activation of ff1 and ff2
   * @param ff1 before its activation
   * @param ff2 before its activation
   */
  static float gate(
      CfcMode mode,
      Activation heads,
      Accuracy accuracy,
      float ff1,
      float ff2,
      float timeA,
      float timeB,
      float timespan) {
    float a = ScalarMath.apply(heads, accuracy, ff1);
    float b = ScalarMath.apply(heads, accuracy, ff2);
    float s = ScalarMath.apply(Activation.SIGMOID, accuracy, Math.fma(timeA, timespan, timeB));
    return mix(mode, a, b, s);
  }

  /** The next hidden state from the heads' activations and the gate. */
  static float mix(CfcMode mode, float a, float b, float s) {
    return PanelLayout.flush(mode == CfcMode.DEFAULT ? Math.fma(s, b - a, a) : Math.fma(s, b, a));
  }

  /** The next hidden state of mode pure: A - A exp(-Δ (|w_tau| + |ff1|)) ff1. */
  static float decay(
      Accuracy accuracy, float ff1, float absoluteWTau, float level, float timespan) {
    return decayed(ff1, exponential(accuracy, ff1, absoluteWTau, timespan), level);
  }

  /** exp(-Δ (|w_tau| + |ff1|)). */
  static float exponential(Accuracy accuracy, float ff1, float absoluteWTau, float timespan) {
    float exponent = -timespan * (absoluteWTau + Math.abs(ff1));
    return ScalarMath.apply(Activation.EXP, accuracy, exponent);
  }

  /** A - A e ff1. */
  static float decayed(float ff1, float e, float level) {
    return PanelLayout.flush(Math.fma(-(level * e), ff1, level));
  }

  private record ScalarCell(CfcWeights weights, Accuracy accuracy) implements CfcKernel {

    @Override
    public void run(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      for (int row = firstRow; row < firstRow + rows; row++) {
        for (int step = 0; step < steps; step++) {
          workspace.begin(row, 1, x, step);
          for (int layer = 0; layer < weights.layerCount(); layer++) {
            int panels = weights.layer(layer).panelCount();
            layer(workspace, row, 1, layer, 0, panels, timespans, step);
          }
          if (out != null) {
            workspace.emit(row, 1, out, step);
          }
        }
      }
    }

    @Override
    public void layer(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int layer,
        int firstPanel,
        int panels,
        Series timespans,
        int step) {
      boolean fromState = layer == 0 && !weights.backbone().isEmpty();
      MemorySegment x = fromState ? workspace.state() : workspace.hidden();
      for (int r = 0; r < rows; r++) {
        int row = firstRow + r;
        long at =
            fromState
                ? (long) row * workspace.stateStride()
                : workspace.inputOffset(layer) + (long) r * workspace.hiddenStride();
        if (layer < weights.backbone().size()) {
          long to = workspace.outputOffset(layer) + (long) r * workspace.hiddenStride();
          backbone(weights.layer(layer), firstPanel, panels, x, at, workspace.hidden(), to);
        } else {
          float timespan = get(timespans.data(), timespans.offset(row, step));
          heads(firstPanel, panels, x, at, timespan, workspace, row);
        }
      }
    }

    private void backbone(
        DenseWeights dense,
        int firstPanel,
        int panels,
        MemorySegment x,
        long at,
        MemorySegment y,
        long to) {
      int last = Math.min(dense.outputs(), (firstPanel + panels) * PanelLayout.PANEL);
      for (int unit = firstPanel * PanelLayout.PANEL; unit < last; unit++) {
        float sum = element(dense, unit, x, at);
        set(y, to + unit, ScalarMath.apply(weights.activation(), accuracy, sum));
      }
    }

    private void heads(
        int firstPanel,
        int panels,
        MemorySegment x,
        long at,
        float timespan,
        CfcWorkspace workspace,
        int row) {
      DenseWeights heads = weights.heads();
      long h = workspace.hiddenStateOffset(row);
      int units = weights.unitsPerPanel();
      int last = Math.min(weights.hiddenSize(), (firstPanel + panels) * units);
      for (int unit = firstPanel * units; unit < last; unit++) {
        float next;
        if (weights.mode() == CfcMode.PURE) {
          float wTau = get(weights.decay(), unit);
          float level = get(weights.decay(), PanelLayout.roundUp(weights.hiddenSize()) + unit);
          next = decay(accuracy, element(heads, unit, x, at), wTau, level, timespan);
        } else {
          int first = unit / PanelLayout.BLOCK * PanelLayout.PANEL + unit % PanelLayout.BLOCK;
          next =
              gate(
                  weights.mode(),
                  weights.headActivation(),
                  accuracy,
                  element(heads, first, x, at),
                  element(heads, first + PanelLayout.BLOCK, x, at),
                  element(heads, first + 2 * PanelLayout.BLOCK, x, at),
                  element(heads, first + 3 * PanelLayout.BLOCK, x, at),
                  timespan);
        }
        set(workspace.state(), h + unit, next);
      }
    }
  }
}
