/** Peers that have to be downloaded. */
@NullMarked
package io.github.elegans.peers;

import org.jspecify.annotations.NullMarked;
