package io.github.elegans.nativekernels;

import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.lang.foreign.MemorySegment;

/** Derivatives of the elementwise functions: {@code activation_gradients.c}. */
record NativeActivationGradients(int tier) implements ActivationGradientKernels {

  @Override
  public void gradient(Activation function, MemorySegment z, MemorySegment d, long n) {
    NativeProvider.check(
        Elegans.elegans_activation_gradient_f32(tier, function.ordinal(), z, d, n));
  }

  @Override
  public void backward(Activation function, MemorySegment z, MemorySegment dy, long n) {
    NativeProvider.check(
        Elegans.elegans_activation_backward_f32(tier, function.ordinal(), z, dy, n));
  }
}
