/** Training: gradients of networks, optimisers, and a trainer. */
@NullMarked
package io.github.elegans.networks.training;

import org.jspecify.annotations.NullMarked;
