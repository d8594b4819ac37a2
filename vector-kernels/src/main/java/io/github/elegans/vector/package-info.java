/**
 * The backend written with the JDK Vector API: the scalar backend, {@link
 * io.github.elegans.backends.ScalarProvider}, with lanes over independent results.
 *
 * <p>What keeps it near the hardware's limit, all measured: memory is reached through one constant
 * segment and raw addresses ({@link io.github.elegans.vector.Vectors}); register tiles are local
 * variables in methods of their own; a tile meets its epilogue in scratch memory that stays in the
 * first-level cache; no masks in loops.
 */
@NullMarked
package io.github.elegans.vector;

import org.jspecify.annotations.NullMarked;
