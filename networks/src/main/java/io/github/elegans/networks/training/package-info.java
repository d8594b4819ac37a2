/** What networks are trained with: optimisers, schedules of learning rates, clipping. */
@NullMarked
package io.github.elegans.networks.training;

import org.jspecify.annotations.NullMarked;
