/** The backends: what each has, which can run here, which is chosen, which is the fastest. */
@NullMarked
package io.github.elegans.backends;

import org.jspecify.annotations.NullMarked;
