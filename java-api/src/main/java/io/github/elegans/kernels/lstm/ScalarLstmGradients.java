package io.github.elegans.kernels.lstm;

import static io.github.elegans.kernels.PanelLayout.flush;
import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarActivationGradients;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;

/** Gates of long short-term memory and their derivatives, by definition. */
final class ScalarLstmGradients implements LstmGradientKernels {
  private static final int BLOCK = PanelLayout.BLOCK;

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
    for (int row = 0; row < rows; row++) {
      for (int unit = 0; unit < PanelLayout.roundUp(units); unit++) {
        long gate = row * gatesStride + head(unit);
        long at = row * stride + unit;
        float i = ScalarMath.apply(Activation.TANH, accuracy, get(gates, gate));
        float ig = ScalarMath.apply(Activation.SIGMOID, accuracy, get(gates, gate + BLOCK));
        float fg = ScalarMath.apply(Activation.SIGMOID, accuracy, get(gates, gate + 2 * BLOCK));
        float og = ScalarMath.apply(Activation.SIGMOID, accuracy, get(gates, gate + 3 * BLOCK));
        set(gates, gate, i);
        set(gates, gate + BLOCK, ig);
        set(gates, gate + 2 * BLOCK, fg);
        set(gates, gate + 3 * BLOCK, og);
        float memory = ScalarLstm.remember(fg, get(c, at), i, ig);
        float u = ScalarMath.apply(Activation.TANH, accuracy, memory);
        set(next, at, memory);
        set(activated, at, u);
        set(h, at, ScalarLstm.output(u, og));
      }
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
    for (int row = 0; row < rows; row++) {
      for (int unit = 0; unit < PanelLayout.roundUp(units); unit++) {
        long gate = row * gatesStride + head(unit);
        long at = row * stride + unit;
        if (unit >= units) {
          for (int g = 0; g < 4; g++) {
            set(gates, gate + (long) g * BLOCK, 0);
          }
          set(memoryGradients, at, 0);
          continue;
        }
        float i = get(gates, gate);
        float ig = get(gates, gate + BLOCK);
        float fg = get(gates, gate + 2 * BLOCK);
        float og = get(gates, gate + 3 * BLOCK);
        float u = get(activated, at);
        float l = get(upstream, at);
        float dc = Math.fma(l * og, slope(Activation.TANH, u), get(memoryGradients, at));
        set(gates, gate, flush((dc * ig) * slope(Activation.TANH, i)));
        set(gates, gate + BLOCK, flush((dc * i) * slope(Activation.SIGMOID, ig)));
        set(gates, gate + 2 * BLOCK, flush((dc * get(c, at)) * slope(Activation.SIGMOID, fg)));
        set(gates, gate + 3 * BLOCK, flush((l * u) * slope(Activation.SIGMOID, og)));
        set(memoryGradients, at, flush(dc * fg));
      }
    }
  }

  /** Where in a row a unit's first sum is. */
  private static long head(int unit) {
    return (long) (unit / BLOCK) * 4 * BLOCK + unit % BLOCK;
  }

  private static float slope(Activation function, float output) {
    return ScalarActivationGradients.gradient(function, output);
  }
}
