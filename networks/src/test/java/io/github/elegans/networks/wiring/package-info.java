/** Wirings: ncps's networks bit for bit, files. */
@NullMarked
package io.github.elegans.networks.wiring;

import org.jspecify.annotations.NullMarked;
