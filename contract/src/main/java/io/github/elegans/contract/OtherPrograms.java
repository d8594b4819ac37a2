package io.github.elegans.contract;

import io.github.elegans.kernels.ForwardingKernels;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.kernels.ProgramKernels;

/** A backend whose programs are rendered in one certain way. */
public final class OtherPrograms {
  private OtherPrograms() {}

  /** These kernels, but for the programs. */
  public static Kernels of(Kernels kernels, ProgramKernels programs) {
    return new ForwardingKernels(kernels) {
      @Override
      public ProgramKernels programs() {
        return programs;
      }
    };
  }
}
