/** Gated recurrent units, for training. */
@NullMarked
package io.github.elegans.kernels.gru;

import org.jspecify.annotations.NullMarked;
