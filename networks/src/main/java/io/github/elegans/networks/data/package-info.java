/** Data sets that need no download, drawn as the networks' authors draw them. */
@NullMarked
package io.github.elegans.networks.data;

import org.jspecify.annotations.NullMarked;
