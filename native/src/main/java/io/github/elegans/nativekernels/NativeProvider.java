package io.github.elegans.nativekernels;

import io.github.elegans.kernels.BackendUnavailableException;
import io.github.elegans.kernels.Backends;
import io.github.elegans.kernels.CfcKernels;
import io.github.elegans.kernels.CfcWorkspace;
import io.github.elegans.kernels.DenseKernels;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.KernelProvider;
import io.github.elegans.kernels.Kernels;
import io.github.elegans.kernels.LstmKernels;
import io.github.elegans.kernels.LtcKernels;
import io.github.elegans.kernels.MathKernels;
import io.github.elegans.kernels.ProgramKernels;
import io.github.elegans.kernels.RooflineKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.util.Arrays;
import java.util.List;

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
    if (CfcWorkspace.CHUNK != Elegans.ELEGANS_CHUNK()) {
      // It would write beyond the workspaces.
      throw new BackendUnavailableException(
          "the library works on chunks of %d rows, but CfcWorkspace.CHUNK is %d"
              .formatted(Elegans.ELEGANS_CHUNK(), CfcWorkspace.CHUNK));
    }
    Tier tier = widest(cap);
    int number = tier.number();
    return Backends.checked(
        new NativeKernels(
            tier.title(),
            new NativeMath(number),
            new NativeDense(number),
            new NativeCfc(number),
            new NativeLtc(number),
            new NativeLstm(number),
            new NativePrograms(tier),
            new NativeRoofline(number)));
  }

  private static Tier widest(InstructionSet cap) {
    List<Tier> supported = Arrays.stream(Tier.values()).filter(Tier::isSupported).toList();
    if (supported.isEmpty()) {
      throw new BackendUnavailableException(
          "the CPU or the operating system lacks AVX2 or FMA (x86-64-v3)");
    }
    return supported.reversed().stream()
        .filter(tier -> tier.width().compareTo(cap) <= 0)
        .findFirst()
        .orElseThrow(
            () ->
                new BackendUnavailableException(
                    "-D%s=%s caps below the narrowest tier, %s"
                        .formatted(
                            InstructionSet.PROPERTY, cap.label(), supported.getFirst().label())));
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
