/** The scalar backend held to the contract. */
@NullMarked
package io.github.elegans.scalar;

import org.jspecify.annotations.NullMarked;
