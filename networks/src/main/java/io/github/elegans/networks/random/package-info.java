/** NumPy's random number generators, bit for bit. */
@NullMarked
package io.github.elegans.networks.random;

import org.jspecify.annotations.NullMarked;
