/** LTC networks: golden values, dialects, properties. */
@NullMarked
package io.github.elegans.ltc;

import org.jspecify.annotations.NullMarked;
