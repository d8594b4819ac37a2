/** Tests of this package. */
@NullMarked
package io.github.elegans.kernels.cfc;

import org.jspecify.annotations.NullMarked;
