package io.github.elegans.spark;

import io.github.elegans.ode.Solver;
import java.io.Serializable;

/** Makes a solver on every executor: the same everywhere. */
@FunctionalInterface
public interface SolverSupplier extends Serializable {
  /** The solver. */
  Solver get();
}
