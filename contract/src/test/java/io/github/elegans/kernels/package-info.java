/** Backend choice. */
@NullMarked
package io.github.elegans.kernels;

import org.jspecify.annotations.NullMarked;
