/** Native memory. Only for our own modules. */
@NullMarked
package io.github.elegans.memory;

import org.jspecify.annotations.NullMarked;
