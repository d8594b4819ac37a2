package io.github.elegans.nativekernels;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.Kernels;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** The tiers of the library that this CPU can run. */
final class NativeTiers {
  private NativeTiers() {}

  /** The supported ones, narrowest first. */
  private static List<Tier> supported() {
    requireLibrary();
    return Arrays.stream(Tier.values()).filter(Tier::isSupported).toList();
  }

  static Tier narrowest() {
    return supported().getFirst();
  }

  static Tier widest() {
    return supported().getLast();
  }

  /** Kernels of every tier within the cap. */
  static List<Kernels> all() {
    Map<String, Kernels> byTier = new LinkedHashMap<>();
    for (Tier tier : supported()) {
      Kernels kernels = new NativeProvider().open(tier.width().atMost(InstructionSet.cap()));
      byTier.put(kernels.tier(), kernels);
    }
    return List.copyOf(byTier.values());
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
