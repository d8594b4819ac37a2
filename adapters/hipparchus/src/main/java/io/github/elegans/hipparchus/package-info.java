/**
 * Hipparchus' ordinary differential equations on compiled kernels: equations over fields are traced
 * into systems, which an integrator of Hipparchus' kind solves, or a solver of ensembles.
 */
@NullMarked
package io.github.elegans.hipparchus;

import org.jspecify.annotations.NullMarked;
