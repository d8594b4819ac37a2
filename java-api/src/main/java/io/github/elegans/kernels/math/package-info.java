/** Elementwise functions over arrays. */
@NullMarked
package io.github.elegans.kernels.math;

import org.jspecify.annotations.NullMarked;
