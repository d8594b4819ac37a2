package io.github.elegans.kernels.ltc;

/** How an LTC cell integrates C v' = g (v_leak - v) + Σ w σ(σ_ij (v_i - μ_ij)) (E_ij - v). */
public enum LtcSolver {
  /** The fused solver: the state that a current flows to is taken at the end of the substep. */
  SEMI_IMPLICIT,
  /** Euler's method with substeps of 0.1; timespans are ignored. */
  EXPLICIT,
  /** The classical Runge-Kutta method with substeps of 0.1; timespans are ignored. */
  RUNGE_KUTTA
}
