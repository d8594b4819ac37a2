/** Threads that work together, and those that must not. Only for our own modules. */
@NullMarked
package io.github.elegans.threads;

import org.jspecify.annotations.NullMarked;
