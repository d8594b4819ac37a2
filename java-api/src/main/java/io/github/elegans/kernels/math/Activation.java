package io.github.elegans.kernels.math;

import java.util.Locale;

/**
 * Elementwise functions. The ordinal is part of the native ABI ({@code elegans.h}): append only.
 *
 * <p>The exact operations of each tier are those of {@link
 * io.github.elegans.kernels.math.ScalarMath}.
 */
public enum Activation {
  /** x. */
  LINEAR,
  /** eˣ. */
  EXP,
  /** tanh x. */
  TANH,
  /** 1.7159 tanh(0.666 x), with ncps's constant 0.666 (not 2/3). */
  LECUN_TANH,
  /** 1 / (1 + e⁻ˣ). */
  SIGMOID,
  /** x &lt; 0 ? 0 : x; keeps NaN and -0. */
  RELU,
  /** x sigmoid(x). */
  SILU,
  /**
   * x Φ(x) with the normal distribution function Φ: the erf form, PyTorch's and TensorFlow's
   * default.
   */
  GELU,
  /** x sigmoid(2 √(2/π) (x + 0.044715 x³)): the tanh form of GELU. */
  GELU_TANH,
  /** ln(1 + eˣ). */
  SOFTPLUS;

  /** The name as ncps and PyTorch write it: {@code lecun_tanh}, {@code gelu}, … */
  public String fieldName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
