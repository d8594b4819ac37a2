package io.github.elegans.nativekernels;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.KernelProvider;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.kernels.cfc.CfcGradientKernels;
import io.github.elegans.kernels.cfc.CfcKernels;
import io.github.elegans.kernels.dense.DenseGradientKernels;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.gru.GruGradientKernels;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.kernels.lstm.LstmGradientKernels;
import io.github.elegans.kernels.lstm.LstmKernels;
import io.github.elegans.kernels.ltc.LtcGradientKernels;
import io.github.elegans.kernels.ltc.LtcKernels;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.kernels.optimiser.OptimiserKernels;
import io.github.elegans.kernels.programs.ProgramKernels;
import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.kernels.roofline.RooflineKernels;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.util.Arrays;
import java.util.List;

/** Offers the C backend on the widest tier that the CPU and the operating system support. */
public final class NativeProvider implements KernelProvider {
  /** For the service loader. */
  public NativeProvider() {}

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
    if (Workspace.CHUNK != Elegans.ELEGANS_CHUNK()) {
      // It would write beyond the workspaces.
      throw new BackendUnavailableException(
          "the library works on chunks of %d rows, but Workspace.CHUNK is %d"
              .formatted(Elegans.ELEGANS_CHUNK(), Workspace.CHUNK));
    }
    Tier tier = widest(cap);
    int number = tier.number();
    return Kernels.of(name(), tier.title())
        .with(MathKernels.FAMILY, new NativeMath(number))
        .with(ActivationGradientKernels.FAMILY, new NativeActivationGradients(number))
        .with(DenseKernels.FAMILY, new NativeDense(number))
        .with(DenseGradientKernels.FAMILY, new NativeDenseGradients(number))
        .with(CfcKernels.FAMILY, new NativeCfc(number))
        .with(CfcGradientKernels.FAMILY, new NativeCfcGradients(number))
        .with(LtcKernels.FAMILY, new NativeLtc(number))
        .with(LtcGradientKernels.FAMILY, new NativeLtcGradients(number))
        .with(LstmKernels.FAMILY, new NativeLstm(number))
        .with(LstmGradientKernels.FAMILY, new NativeLstmGradients(number))
        .with(GruGradientKernels.FAMILY, new NativeGruGradients(number))
        .with(ProgramKernels.FAMILY, new NativePrograms(tier))
        .with(OptimiserKernels.FAMILY, new NativeOptimisers(number))
        .with(LossKernels.FAMILY, new NativeLosses(number))
        .with(RandomKernels.FAMILY, new NativeRandom(number))
        .with(RooflineKernels.FAMILY, new NativeRoofline(number))
        .build();
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
}
