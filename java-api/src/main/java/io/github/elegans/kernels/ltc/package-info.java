/** Liquid time-constant cells. */
@NullMarked
package io.github.elegans.kernels.ltc;

import org.jspecify.annotations.NullMarked;
