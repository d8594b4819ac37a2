/** Other libraries that compute the same as this one, to be measured beside its backends. */
@NullMarked
package io.github.elegans.bench.peers;

import org.jspecify.annotations.NullMarked;
