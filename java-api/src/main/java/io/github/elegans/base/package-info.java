/** Not part of the interface: what every package may stand on. No other jar has classes in it. */
@NullMarked
package io.github.elegans.base;

import org.jspecify.annotations.NullMarked;
