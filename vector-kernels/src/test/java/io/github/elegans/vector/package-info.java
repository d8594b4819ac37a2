/** The vector backend held to the contract. */
@NullMarked
package io.github.elegans.vector;

import org.jspecify.annotations.NullMarked;
