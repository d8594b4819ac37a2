package io.github.elegans.nativekernels;

import io.github.elegans.kernels.lstm.LstmGradientKernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;

/** Gates of long short-term memory and their derivatives: {@code lstm_gradients.c}. */
record NativeLstmGradients(int tier) implements LstmGradientKernels {

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
    NativeProvider.check(
        Elegans.elegans_lstm_gates(
            tier,
            accuracy.ordinal(),
            gates,
            gatesStride,
            c,
            next,
            activated,
            h,
            stride,
            units,
            rows));
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
    NativeProvider.check(
        Elegans.elegans_lstm_gates_backward(
            tier,
            gates,
            gatesStride,
            c,
            activated,
            upstream,
            memoryGradients,
            stride,
            units,
            rows));
  }
}
