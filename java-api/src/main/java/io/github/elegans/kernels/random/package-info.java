/** Counter-based random numbers. */
@NullMarked
package io.github.elegans.kernels.random;

import org.jspecify.annotations.NullMarked;
