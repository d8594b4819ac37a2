package io.github.elegans.kernels.math;

/**
 * How closely the float32 elementwise functions follow the mathematical ones. Each tier is a
 * definition of its own, with the same bits on every backend; the bounds are in {@link
 * io.github.elegans.kernels.math.ScalarMath}. The ordinal is part of the native ABI.
 */
public enum Accuracy {
  /** About 3e-7 absolute error, the cheapest. */
  FAST,
  /** About 1 ulp, tanh and sigmoid monotone; the default. */
  ACCURATE,
  /** Correctly rounded: float64 inside, at about twice the cost. */
  EXACT
}
