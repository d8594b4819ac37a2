/** Tests of what is not part of the interface. */
@NullMarked
package io.github.elegans.threads;

import org.jspecify.annotations.NullMarked;
