package io.github.elegans.kernels.lstm;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.math.Accuracy;

/** Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 1999). */
public interface LstmKernels {
  /** The family. */
  KernelFamily<LstmKernels> FAMILY =
      new KernelFamily<>("lstm", LstmKernels.class, ScalarLstm::new, CheckedLstm::new);

  /**
   * Prepares a cell; cheap, but not for every step.
   *
   * <p>With the sums i, ig, fg and og of the gates' layers and the logistic function σ, a step is c
   * ← σ(fg) c + tanh(i) σ(ig), the outer sum as one fused multiply-add, and h ← tanh(c) σ(og).
   * Magnitudes of c and h below 2⁻¹⁰⁰ become 0 at the end of a step.
   */
  CellKernel<LstmWorkspace> cell(LstmWeights weights, Accuracy accuracy);
}
