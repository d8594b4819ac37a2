/** Tests of this package. */
@NullMarked
package io.github.elegans.backends;

import org.jspecify.annotations.NullMarked;
