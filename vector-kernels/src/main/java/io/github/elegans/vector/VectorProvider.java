package io.github.elegans.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.KernelProvider;
import io.github.elegans.backends.Kernels;
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
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/** Offers the Vector API backend where the JVM compiles vectors well. */
public final class VectorProvider implements KernelProvider {
  /** For the service loader. */
  public VectorProvider() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int preference() {
    return 10;
  }

  @Override
  public Kernels open(InstructionSet cap) {
    requireModule();
    requireFusedMultiplyAdd();
    int bits = speciesBits();
    if (cap.bits() < bits) {
      throw new BackendUnavailableException(
          "the species is fixed once for a JVM, to %d bits: set -D%s=%s at its start"
              .formatted(bits, InstructionSet.PROPERTY, cap.label()));
    }
    return Kernels.of(name(), bits + "-bit species")
        .caveat(caveat())
        .with(MathKernels.FAMILY, new VectorMath())
        .with(ActivationGradientKernels.FAMILY, new VectorActivationGradients())
        .with(DenseKernels.FAMILY, new VectorDense())
        .with(DenseGradientKernels.FAMILY, new VectorDenseGradients())
        .with(CfcKernels.FAMILY, new VectorCfc())
        .with(CfcGradientKernels.FAMILY, new VectorCfcGradients())
        .with(LtcKernels.FAMILY, new VectorLtc())
        .with(LtcGradientKernels.FAMILY, new VectorLtcGradients())
        .with(LstmKernels.FAMILY, new VectorLstm())
        .with(LstmGradientKernels.FAMILY, new VectorLstmGradients())
        .with(GruGradientKernels.FAMILY, new VectorGruGradients())
        .with(ProgramKernels.FAMILY, new VectorPrograms())
        .with(OptimiserKernels.FAMILY, new VectorOptimisers())
        .with(LossKernels.FAMILY, new VectorLosses())
        .with(RandomKernels.FAMILY, new VectorRandom())
        .with(RooflineKernels.FAMILY, new VectorRoofline())
        .build();
  }

  private static void requireModule() {
    // On the class path nothing resolves an incubator module; on the module path our own module
    // does.
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      throw new BackendUnavailableException(
          "the module jdk.incubator.vector is not resolved: start java with"
              + " --add-modules=jdk.incubator.vector");
    }
  }

  private static int speciesBits() {
    try {
      return Vectors.SHAPE.vectorBitSize();
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof IllegalCallerException) {
        Module self = VectorProvider.class.getModule();
        throw new BackendUnavailableException(
            "native access is denied: start java with --enable-native-access="
                + (self.isNamed() ? self.getName() : "ALL-UNNAMED"));
      }
      throw e;
    }
  }

  private static void requireFusedMultiplyAdd() {
    if (flag("UseFMA").equals("false")) {
      throw new BackendUnavailableException(
          "this CPU or JVM has no fused multiply-add (flag UseFMA): vectors would emulate it, very"
              + " slowly");
    }
  }

  private static Optional<String> caveat() {
    String compiler = System.getProperty("java.vm.info", "");
    if (compiler.contains("interpreted mode")
        || List.of("0", "1", "2", "3").contains(flag("TieredStopAtLevel"))) {
      return Optional.of("the JVM runs without its optimising compiler C2: vectors are very slow");
    }
    String vm = System.getProperty("java.vm.name", "");
    if (!vm.contains("HotSpot") && !vm.contains("OpenJDK")) {
      return Optional.of(vm + " is not HotSpot: vectors may be very slow");
    }
    if (List.of("0", "1").contains(flag("UseAVX"))) {
      return Optional.of("no AVX2: vectors of integers are very slow");
    }
    return Optional.empty();
  }

  /** The value of a flag of HotSpot, or nothing where the JVM has no such flag. */
  private static String flag(String name) {
    HotSpotDiagnosticMXBean hotSpot =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return hotSpot == null ? "" : hotSpot.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
