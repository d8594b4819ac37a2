/** Compiled programs: straight lines of operations over lanes, of which solvers are made. */
@NullMarked
package io.github.elegans.kernels.programs;

import org.jspecify.annotations.NullMarked;
