package io.github.elegans.networks.ltc;

import java.util.Locale;

/** Whose LTC cell: they differ in what they make of elapsed time, and in defaults. */
public enum LtcDialect {
  /** ncps (PyTorch, Keras): substeps of Δ / unfolds. */
  NCPS(true, 0f, 6, 1e-8),
  /** The CfC repository's PyTorch cell: substeps of (Δ + 1) / unfolds, no output map. */
  CFC_TORCH(true, 1f, 6, 1e-8),
  /** The CfC repository's TensorFlow cell: substeps of (Δ + 0.001) / unfolds. */
  CFC_TENSORFLOW(true, 0.001f, 3, 1e-8),
  /**
   * The LTC repository's TensorFlow cell: the size of a substep is absorbed in the capacitances,
   * timespans do not count.
   */
  LTC_TENSORFLOW(false, 0f, 6, 0);

  private final boolean elapsedTime;
  private final float timespanOffset;
  private final int unfolds;
  private final double epsilon;

  LtcDialect(boolean elapsedTime, float timespanOffset, int unfolds, double epsilon) {
    this.elapsedTime = elapsedTime;
    this.timespanOffset = timespanOffset;
    this.unfolds = unfolds;
    this.epsilon = epsilon;
  }

  /** Whether timespans count. */
  public boolean elapsedTime() {
    return elapsedTime;
  }

  /** What is added to every timespan. */
  public float timespanOffset() {
    return timespanOffset;
  }

  /** The default number of substeps. */
  public int defaultUnfolds() {
    return unfolds;
  }

  /** The default ε of the denominator. */
  public double defaultEpsilon() {
    return epsilon;
  }

  /** The name in metadata: {@code ncps}, {@code cfc_torch}, … */
  public String fieldName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
