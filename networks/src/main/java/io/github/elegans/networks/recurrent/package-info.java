/**
 * The other recurrent cells of the comparison in Hasani et al., Closed-form continuous-time neural
 * networks, 2022: continuous-time, gated and plain ones, as the authors' repositories compute them.
 *
 * <p>{@link io.github.elegans.networks.recurrent.RecurrentNetwork} makes them. Matrix products and
 * functions are those of the backend, what stands between them is plain Java, so that all backends
 * give the same bits.
 */
@NullMarked
package io.github.elegans.networks.recurrent;

import org.jspecify.annotations.NullMarked;
