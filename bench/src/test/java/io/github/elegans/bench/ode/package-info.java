/** Ensembles of trajectories as users solve them. */
@NullMarked
package io.github.elegans.bench.ode;

import org.jspecify.annotations.NullMarked;
