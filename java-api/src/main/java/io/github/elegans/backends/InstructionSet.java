package io.github.elegans.backends;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Instruction set tiers, narrowest first, named after those of x86-64; {@code -Delegans.isa} caps
 * the tier that a backend may use.
 */
public enum InstructionSet {
  /** 128-bit vectors: the narrowest species; on aarch64 NEON. */
  BITS_128("128", 128),
  /** 256-bit vectors: x86-64-v3 with AVX2 and FMA; on aarch64 SVE of that width. */
  V3("v3", 256),
  /** 512-bit vectors: x86-64-v4 with AVX-512. */
  V4("v4", 512);

  /**
   * The system property that caps the tier: {@code 128}, {@code v3} (or {@code 256}), {@code v4}
   * (or {@code 512}).
   */
  public static final String PROPERTY = "elegans.isa";

  private final String label;
  private final int bits;

  InstructionSet(String label, int bits) {
    this.label = label;
    this.bits = bits;
  }

  /** The name on command lines and in reports. */
  public String label() {
    return label;
  }

  /** Width of a vector in bits. */
  public int bits() {
    return bits;
  }

  /** The narrower of the two. */
  public InstructionSet atMost(InstructionSet cap) {
    return compareTo(cap) <= 0 ? this : cap;
  }

  /**
   * Reads a tier by its label or by its vector width.
   *
   * @throws IllegalArgumentException if there is no such tier
   */
  public static InstructionSet of(String name) {
    for (InstructionSet tier : values()) {
      if (name.equals(tier.label) || name.equals(Integer.toString(tier.bits))) {
        return tier;
      }
    }
    throw new IllegalArgumentException(
        "unknown instruction set '%s': expected one of %s"
            .formatted(
                name,
                Arrays.stream(values())
                    .map(
                        t ->
                            t.label.equals("" + t.bits)
                                ? t.label
                                : t.label + " (or " + t.bits + ")")
                    .collect(Collectors.joining(", "))));
  }

  /**
   * The cap that {@code -Delegans.isa} sets; the widest tier if it is not set.
   *
   * @throws IllegalArgumentException if the property names no tier
   */
  public static InstructionSet cap() {
    String name = System.getProperty(PROPERTY);
    return name == null ? V4 : of(name);
  }
}
