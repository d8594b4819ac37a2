package io.github.elegans.bench.jmh;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Families of benchmarks. */
public enum Family {
  /** Elementwise functions. */
  MATH,
  /** Dense layers. */
  DENSE,
  /** CfC networks: single steps and sequences. */
  CFC,
  /** Networks of other kinds: single steps and sequences. */
  NETWORK,
  /** Differential equations. */
  ODE,
  /** Gradients of networks, and the kernels of training. */
  TRAINING,
  /** CfC networks and ensembles by size, length and threads: how the cost grows. */
  GROWTH,
  /** Calls that do nothing. */
  CALL;

  /** The name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads a family by its label; throws {@link IllegalArgumentException} if there is none. */
  public static Family of(String label) {
    return Arrays.stream(values())
        .filter(family -> family.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown family '%s': expected one of %s, all"
                        .formatted(
                            label,
                            Arrays.stream(values())
                                .map(Family::label)
                                .collect(Collectors.joining(", ")))));
  }
}
