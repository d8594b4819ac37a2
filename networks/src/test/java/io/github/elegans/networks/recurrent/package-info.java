/** The other recurrent cells. */
@NullMarked
package io.github.elegans.networks.recurrent;

import org.jspecify.annotations.NullMarked;
