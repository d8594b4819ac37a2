/** Closed-form continuous-time cells. */
@NullMarked
package io.github.elegans.kernels.cfc;

import org.jspecify.annotations.NullMarked;
