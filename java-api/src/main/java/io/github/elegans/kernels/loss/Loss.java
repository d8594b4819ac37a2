package io.github.elegans.kernels.loss;

/** Losses. The ordinal is part of the native ABI ({@code elegans.h}): append only. */
public enum Loss {
  /** (o − y)²; gradient 2 (o − y). */
  MEAN_SQUARED_ERROR,
  /** |o − y|; gradient sgn(o − y), 0 at equality. */
  MEAN_ABSOLUTE_ERROR,
  /** ½ (o − y)² where |o − y| ≤ δ, elsewhere δ (|o − y| − ½ δ). */
  HUBER,
  /** Binary cross entropy of logits: max(o, 0) − o y + ln(1 + e^−|o|), with a positive weight. */
  BINARY_CROSS_ENTROPY,
  /** Cross entropy of a row of logits with a class, whose number is the target's first float. */
  CROSS_ENTROPY
}
