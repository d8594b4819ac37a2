package io.github.elegans.nativekernels;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;

/** Elementwise functions: {@code math.c}. */
record NativeMath(int tier) implements MathKernels {

  @Override
  public void apply(
      Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n) {
    NativeProvider.check(
        Elegans.elegans_map_f32(tier, function.ordinal(), accuracy.ordinal(), x, y, n));
  }

  @Override
  public void applyDouble(Activation function, MemorySegment x, MemorySegment y, long n) {
    NativeProvider.check(Elegans.elegans_map_f64(tier, function.ordinal(), x, y, n));
  }
}
