package io.github.elegans.nativekernels;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.util.List;

/** The tiers of the C library, which has those of its architecture, narrowest first. */
enum Tier {
  /** AVX2 and FMA. */
  V3(
      Elegans.ELEGANS_TIER_V3(),
      InstructionSet.V3,
      "x86-64",
      "v3",
      List.of("-march=x86-64-v3", "-mprefer-vector-width=256")),
  /** AVX-512. */
  V4(
      Elegans.ELEGANS_TIER_V4(),
      InstructionSet.V4,
      "x86-64",
      "v4",
      List.of("-march=x86-64-v4", "-mprefer-vector-width=512")),
  /** What every aarch64 has. */
  NEON(
      Elegans.ELEGANS_TIER_NEON(),
      InstructionSet.BITS_128,
      "aarch64",
      "neon",
      List.of("-march=armv8-a")),
  /** SVE, where its vectors have 256 bits. */
  SVE256(
      Elegans.ELEGANS_TIER_SVE256(),
      InstructionSet.V3,
      "aarch64",
      "sve256",
      List.of("-march=armv8-a+sve", "-msve-vector-bits=256"));

  private final int number;
  private final InstructionSet width;
  private final String architecture;
  private final String label;

  @SuppressWarnings("ImmutableEnumChecker") // It is made by List.of.
  private final List<String> flags;

  Tier(int number, InstructionSet width, String architecture, String label, List<String> flags) {
    this.number = number;
    this.width = width;
    this.architecture = architecture;
    this.label = label;
    this.flags = flags;
  }

  /** As elegans.h counts them. */
  int number() {
    return number;
  }

  /** The cap that allows it. */
  InstructionSet width() {
    return width;
  }

  /** In symbols of the library. */
  String label() {
    return label;
  }

  /** For people. */
  String title() {
    return architecture + "-" + label;
  }

  /** What tells a C compiler to compile for it. */
  List<String> flags() {
    return flags;
  }

  /**
   * Whether the library, which must be loaded, has it, and this CPU and operating system run it.
   */
  boolean isSupported() {
    return Elegans.elegans_tier_supported(number) == Elegans.ELEGANS_OK();
  }
}
