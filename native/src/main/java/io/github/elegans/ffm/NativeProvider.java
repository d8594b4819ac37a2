package io.github.elegans.ffm;

import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.kernels.BackendUnavailableException;
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

/** Offers the C backend on the widest tier that the CPU and the operating system support. */
public final class NativeProvider implements KernelProvider {

  @Override
  public String name() {
    return "native";
  }

  @Override
  public int preference() {
    return 20;
  }

  @Override
  public Kernels open(InstructionSet cap) {
    NativeLibrary.load();
    InstructionSet tier = widest(cap);
    int number = number(tier);
    return new NativeKernels(
        "x86-64-" + tier.label(),
        new NativeMath(number),
        new NativeDense(number),
        new NativeCfc(number),
        new NativeLtc(number),
        new NativeLstm(number),
        new NativePrograms(number),
        new NativeRoofline(number));
  }

  private static InstructionSet widest(InstructionSet cap) {
    for (InstructionSet tier : new InstructionSet[] {InstructionSet.V4, InstructionSet.V3}) {
      if (tier.compareTo(cap) <= 0
          && Elegans.elegans_tier_supported(number(tier)) == Elegans.ELEGANS_OK()) {
        return tier;
      }
    }
    throw new BackendUnavailableException(
        cap.compareTo(InstructionSet.V3) < 0
            ? "-D%s=%s caps below the narrowest tier, %s"
                .formatted(InstructionSet.PROPERTY, cap.label(), InstructionSet.V3.label())
            : "the CPU or the operating system lacks AVX2 or FMA (x86-64-v3)");
  }

  private static int number(InstructionSet tier) {
    return tier == InstructionSet.V4 ? Elegans.ELEGANS_TIER_V4() : Elegans.ELEGANS_TIER_V3();
  }

  /**
   * Turns a status into an exception: arguments have been checked, so any but OK is a defect of
   * this module.
   */
  static void check(int status) {
    if (status != Elegans.ELEGANS_OK()) {
      throw new IllegalStateException("the native library refused a call with status " + status);
    }
  }

  private record NativeKernels(
      String tier,
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
      return "native";
    }
  }
}
