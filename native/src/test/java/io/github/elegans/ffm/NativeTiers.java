package io.github.elegans.ffm;

import io.github.elegans.ffm.bindings.Elegans;
import io.github.elegans.kernels.BackendUnavailableException;
import io.github.elegans.kernels.InstructionSet;
import io.github.elegans.kernels.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** The tiers of the library that this CPU can run. */
final class NativeTiers {
  private NativeTiers() {}

  /** Kernels of every tier within the cap. */
  static List<Kernels> all() {
    requireLibrary();
    Map<String, Kernels> byTier = new LinkedHashMap<>();
    for (InstructionSet tier : List.of(InstructionSet.V3, InstructionSet.V4)) {
      Kernels kernels = new NativeProvider().open(tier.atMost(InstructionSet.cap()));
      byTier.put(kernels.tier(), kernels);
    }
    return List.copyOf(byTier.values());
  }

  /** The number of the widest tier, as the library counts them. */
  static int widest() {
    requireLibrary();
    int wide = Elegans.ELEGANS_TIER_V4();
    return isSupported(wide) ? wide : Elegans.ELEGANS_TIER_V3();
  }

  private static boolean isSupported(int tier) {
    return Elegans.elegans_tier_supported(tier) == Elegans.ELEGANS_OK();
  }

  /** Skips a test where the CPU lacks a tier: its code would kill the JVM. */
  static void require(int tier) {
    requireLibrary();
    Assumptions.assumeTrue(isSupported(tier), "the CPU lacks the tier");
  }

  /** Skips a test where there was no C compiler to build the library. */
  static void requireLibrary() {
    try {
      new NativeProvider().open(InstructionSet.V4);
    } catch (BackendUnavailableException e) {
      String reason = String.valueOf(e.getMessage());
      if (reason.startsWith("built without the C library")) {
        Assumptions.abort(reason);
      }
      throw e;
    }
  }
}
