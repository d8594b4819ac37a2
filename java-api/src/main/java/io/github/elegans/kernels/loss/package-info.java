/** Losses and their gradients. */
@NullMarked
package io.github.elegans.kernels.loss;

import org.jspecify.annotations.NullMarked;
