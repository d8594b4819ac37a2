/** The native backend held to the contract. */
@NullMarked
package io.github.elegans.nativekernels;

import org.jspecify.annotations.NullMarked;
