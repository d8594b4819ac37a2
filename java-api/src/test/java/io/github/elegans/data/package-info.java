/** Data sets. */
@NullMarked
package io.github.elegans.data;

import org.jspecify.annotations.NullMarked;
