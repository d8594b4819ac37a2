/**
 * Wirings: which neurons of a network are connected, and with which sign; ncps's generators bit for
 * bit.
 */
@NullMarked
package io.github.elegans.networks.wiring;

import org.jspecify.annotations.NullMarked;
