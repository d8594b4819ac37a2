/**
 * Checks of arguments and of the processor's state, and the words of their messages. Only for our
 * own modules.
 */
@NullMarked
package io.github.elegans.checks;

import org.jspecify.annotations.NullMarked;
