package io.github.elegans.kernels.cfc;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.math.Accuracy;

/** Closed-form continuous-time cells. */
public interface CfcKernels {
  /** The family. */
  KernelFamily<CfcKernels> FAMILY =
      new KernelFamily<>("cfc", CfcKernels.class, ScalarCfc::new, CheckedCfc::new);

  /** Prepares a cell; cheap, but not for every step. */
  CfcKernel cell(CfcWeights weights, Accuracy accuracy);
}
