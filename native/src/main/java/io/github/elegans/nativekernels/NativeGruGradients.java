package io.github.elegans.nativekernels;

import io.github.elegans.kernels.gru.GruGradientKernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;

/** Gates of gated recurrent units and their derivatives: {@code gru_gradients.c}. */
record NativeGruGradients(int tier) implements GruGradientKernels {

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
    NativeProvider.check(
        Elegans.elegans_gru_gates(
            tier,
            accuracy.ordinal(),
            gates,
            gatesStride,
            input,
            recurrent,
            h,
            next,
            stride,
            units,
            rows));
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
    NativeProvider.check(
        Elegans.elegans_gru_gates_backward(
            tier, gates, gatesStride, input, recurrent, h, upstream, stride, units, rows));
  }
}
