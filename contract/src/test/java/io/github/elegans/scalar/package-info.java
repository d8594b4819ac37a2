/** The scalar backend held to mathematics. */
@NullMarked
package io.github.elegans.scalar;

import org.jspecify.annotations.NullMarked;
