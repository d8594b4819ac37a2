/** The loaded C library, where the bindings find it. */
@NullMarked
package io.github.elegans.nativekernels.library;

import org.jspecify.annotations.NullMarked;
