package io.github.elegans.ode;

/**
 * How the next step follows from the errors of this step and of those before: h · safety · err₀^−β₁
 * · err₁^β₂ · err₂^−β₃, each β divided by the order of the error estimate + 1, the factor kept
 * within 0.2 and 10, and below 1 right after a rejection.
 */
public enum StepControl {
  /** err^(−1/k) alone, as SciPy and Hipparchus have it. */
  I(1, 0, 0),
  /** Proportional and integral: β = 0.85, 0.2, as in Hairer's DOPRI5. */
  PI(0.85, 0.2, 0),
  /** With a derivative part: 0.58, 0.21, 0.1 (Kennedy and Carpenter 2003, ARKODE's default). */
  PID(0.58, 0.21, 0.1);

  static final double SAFETY = 0.9;
  static final double LEAST_FACTOR = 0.2;
  static final double GREATEST_FACTOR = 10;

  /** log₂ of 1e-4: smaller errors say little of the next one. */
  static final double LOG2_LEAST_ERROR = -13.287712379549449;

  /** The β of the error of this step. */
  final double now;

  /** The β of the error of the step before. */
  final double before;

  /** The β of the error of the one before that. */
  final double earlier;

  StepControl(double now, double before, double earlier) {
    this.now = now;
    this.before = before;
    this.earlier = earlier;
  }
}
