/** Data sets. */
@NullMarked
package io.github.elegans.networks.data;

import org.jspecify.annotations.NullMarked;
