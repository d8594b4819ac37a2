/**
 * The scalar backend: the definition of every result, written to be read. The vector and the native
 * backend compute the same operations in the same order, so they give the same bits.
 */
@NullMarked
package io.github.elegans.scalar;

import org.jspecify.annotations.NullMarked;
