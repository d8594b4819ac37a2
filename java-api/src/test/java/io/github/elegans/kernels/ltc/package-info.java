/** Tests of this package. */
@NullMarked
package io.github.elegans.kernels.ltc;

import org.jspecify.annotations.NullMarked;
