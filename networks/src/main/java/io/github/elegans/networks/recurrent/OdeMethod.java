package io.github.elegans.networks.recurrent;

/** Explicit methods with a fixed number of substeps. */
public enum OdeMethod {
  /** Order 1. */
  EULER,
  /** Order 2: the trapezoidal rule with Euler's prediction. */
  HEUN,
  /** Order 4: the classical Runge-Kutta method. */
  RK4
}
