package io.github.elegans.kernels.math;

import io.github.elegans.kernels.KernelFamily;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * Derivatives of the elementwise functions, for training: from the output where that is enough, so
 * that the input need not be kept, and otherwise from the input.
 */
public interface ActivationGradientKernels {
  /** The family. */
  KernelFamily<ActivationGradientKernels> FAMILY =
      new KernelFamily<>(
          "activation gradients",
          ActivationGradientKernels.class,
          ScalarActivationGradients::new,
          CheckedActivationGradients::new);

  /**
   * The functions whose derivative follows from the output f(x); that of the others is taken from
   * x.
   */
  Set<Activation> FROM_OUTPUT =
      Set.of(
          Activation.LINEAR,
          Activation.EXP,
          Activation.TANH,
          Activation.LECUN_TANH,
          Activation.SIGMOID,
          Activation.RELU);

  /**
   * d[i] = f'(x[i]) in float32, for i &lt; n: {@link ScalarActivationGradients} is the definition.
   *
   * @param function f
   * @param z n floats: the outputs f(x[i]) of the functions {@link #FROM_OUTPUT}, the inputs x[i]
   *     of the others
   * @param d n floats, disjoint from {@code z}
   */
  void gradient(Activation function, MemorySegment z, MemorySegment d, long n);

  /**
   * dy[i] = dy[i] · f'(x[i]), for i &lt; n: takes the gradient of the outputs to that of the
   * inputs, in place.
   *
   * @param z as in {@link #gradient}
   * @param dy n floats, disjoint from {@code z}
   */
  void backward(Activation function, MemorySegment z, MemorySegment dy, long n);
}
