package io.github.elegans.scalar;

import io.github.elegans.kernels.CfcKernels;
import io.github.elegans.kernels.DenseKernels;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.KernelProvider;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.kernels.LstmKernels;
import io.github.elegans.kernels.LtcKernels;
import io.github.elegans.kernels.MathKernels;
import io.github.elegans.kernels.ProgramKernels;
import io.github.elegans.kernels.RooflineKernels;

/** Offers the scalar backend, which runs everywhere. */
public final class ScalarProvider implements KernelProvider {

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public Kernels open(InstructionSet cap) {
    return new ScalarKernels(
        new ScalarMath(),
        new ScalarDense(),
        new ScalarCfc(),
        new ScalarLtc(),
        new ScalarLstm(),
        new ScalarPrograms(),
        new ScalarRoofline());
  }

  private record ScalarKernels(
      MathKernels math,
      DenseKernels dense,
      CfcKernels cfc,
      LtcKernels ltc,
      LstmKernels lstm,
      ProgramKernels programs,
      RooflineKernels roofline)
      implements Kernels {

    @Override
    public String backend() {
      return "scalar";
    }

    @Override
    public String tier() {
      return "scalar Java";
    }
  }
}
