/** Tests of this package. */
@NullMarked
package io.github.elegans.kernels.dense;

import org.jspecify.annotations.NullMarked;
