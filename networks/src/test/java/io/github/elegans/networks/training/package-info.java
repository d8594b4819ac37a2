/** Gradients, optimisers and the trainer. */
@NullMarked
package io.github.elegans.networks.training;

import org.jspecify.annotations.NullMarked;
