package io.github.elegans.kernels.cfc;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.math.Accuracy;

/**
 * Closed-form continuous-time cells (Hasani et al., Closed-form continuous-time neural networks,
 * Nature Machine Intelligence 4, 2022, eq. 4).
 */
public interface CfcKernels {
  /** The family. */
  KernelFamily<CfcKernels> FAMILY =
      new KernelFamily<>("cfc", CfcKernels.class, ScalarCfc::new, CheckedCfc::new);

  /**
   * Prepares a cell; cheap, but not for every step.
   *
   * <p>One step takes z, the output of the backbone for [x | h] (or that itself), and with linear
   * layers of it sets, in mode {@code default},
   *
   * <pre>
   * a = f(ff1 z), b = f(ff2 z), s = σ(time_a z · Δ + time_b z), h ← a + s (b − a),
   * </pre>
   *
   * f being the head activation; {@link CfcMode} says what the other modes do instead. Each output
   * of a layer is its bias and then one fused multiply-add for each input, in ascending order.
   * States below 2⁻¹⁰⁰ in magnitude become 0 at the end of a step.
   *
   * @param accuracy of all its activations
   */
  CfcKernel cell(CfcWeights weights, Accuracy accuracy);
}
