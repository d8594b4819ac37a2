/**
 * Ordinary differential equations: systems defined once as expressions, solvers made of them by
 * transformation, and ensembles of trajectories solved on the lanes of any backend with the same
 * bits.
 */
@NullMarked
package io.github.elegans.ode;

import org.jspecify.annotations.NullMarked;
