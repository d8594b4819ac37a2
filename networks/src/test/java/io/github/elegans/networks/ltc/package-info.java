/** LTC networks: golden values, dialects, properties. */
@NullMarked
package io.github.elegans.networks.ltc;

import org.jspecify.annotations.NullMarked;
