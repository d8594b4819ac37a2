/** Steps of optimisers. */
@NullMarked
package io.github.elegans.kernels.optimiser;

import org.jspecify.annotations.NullMarked;
