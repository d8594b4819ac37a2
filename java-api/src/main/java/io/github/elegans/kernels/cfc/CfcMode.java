package io.github.elegans.kernels.cfc;

import java.util.Locale;

/** The three CfC cells of ncps, by their names there. The ordinal is part of the native ABI. */
public enum CfcMode {
  /** h' = a (1 - s) + s b with the gate s = sigmoid(t_a Δ + t_b), computed as fma(s, b - a, a). */
  DEFAULT,
  /** h' = a + s b, computed as fma(s, b, a). */
  NO_GATE,
  /** h' = A - A exp(-Δ (|w_tau| + |a|)) a with linear a, the cell without a gate network. */
  PURE;

  /** The name in ncps: {@code default}, {@code no_gate}, {@code pure}. */
  public String fieldName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
