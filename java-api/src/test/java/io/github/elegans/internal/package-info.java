/** Tests of what is not part of the interface. */
@NullMarked
package io.github.elegans.internal;

import org.jspecify.annotations.NullMarked;
