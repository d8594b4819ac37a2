/** The native backend held to the contract. */
@NullMarked
package io.github.elegans.ffm;

import org.jspecify.annotations.NullMarked;
