/** Fully connected layers. */
@NullMarked
package io.github.elegans.kernels.dense;

import org.jspecify.annotations.NullMarked;
