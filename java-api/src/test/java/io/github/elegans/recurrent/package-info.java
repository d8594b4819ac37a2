/** The other recurrent cells. */
@NullMarked
package io.github.elegans.recurrent;

import org.jspecify.annotations.NullMarked;
