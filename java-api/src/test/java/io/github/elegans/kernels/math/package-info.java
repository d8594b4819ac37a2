/** Tests of this package. */
@NullMarked
package io.github.elegans.kernels.math;

import org.jspecify.annotations.NullMarked;
