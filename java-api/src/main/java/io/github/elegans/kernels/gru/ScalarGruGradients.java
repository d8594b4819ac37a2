package io.github.elegans.kernels.gru;

import static io.github.elegans.kernels.PanelLayout.flush;
import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarActivationGradients;
import io.github.elegans.kernels.math.ScalarMath;
import java.lang.foreign.MemorySegment;

/** Gates of gated recurrent units and their derivatives, by definition. */
final class ScalarGruGradients implements GruGradientKernels {
  private static final int BLOCK = PanelLayout.BLOCK;

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
    for (int row = 0; row < rows; row++) {
      for (int unit = 0; unit < PanelLayout.roundUp(units); unit++) {
        long gate = row * gatesStride + head(unit);
        long at = row * stride + unit;
        float r = ScalarMath.apply(Activation.SIGMOID, accuracy, get(gates, gate));
        float z = ScalarMath.apply(Activation.SIGMOID, accuracy, get(gates, gate + BLOCK));
        float sum = Math.fma(r, get(recurrent, at), get(input, at));
        float n = ScalarMath.apply(Activation.TANH, accuracy, sum);
        set(gates, gate, r);
        set(gates, gate + BLOCK, z);
        set(input, at, n);
        set(next, at, Math.fma(z, get(h, at) - n, n));
      }
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
    for (int row = 0; row < rows; row++) {
      for (int unit = 0; unit < PanelLayout.roundUp(units); unit++) {
        long gate = row * gatesStride + head(unit);
        long at = row * stride + unit;
        if (unit >= units) {
          set(gates, gate, 0);
          set(gates, gate + BLOCK, 0);
          set(input, at, 0);
          set(recurrent, at, 0);
          set(upstream, at, 0);
          continue;
        }
        float r = get(gates, gate);
        float z = get(gates, gate + BLOCK);
        float n = get(input, at);
        float l = get(upstream, at);
        float direct = flush(l * z);
        float dsum = flush((l - direct) * slope(Activation.TANH, n));
        set(gates, gate, flush((dsum * get(recurrent, at)) * slope(Activation.SIGMOID, r)));
        set(gates, gate + BLOCK, flush((l * (get(h, at) - n)) * slope(Activation.SIGMOID, z)));
        set(input, at, dsum);
        set(recurrent, at, flush(dsum * r));
        set(upstream, at, direct);
      }
    }
  }

  /** Where in a row a unit's first sum is. */
  private static long head(int unit) {
    return (long) (unit / BLOCK) * 2 * BLOCK + unit % BLOCK;
  }

  private static float slope(Activation function, float output) {
    return ScalarActivationGradients.gradient(function, output);
  }
}
