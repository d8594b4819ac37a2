/**
 * The backend written in C (sources in {@code src/main/c}), bound through the Foreign Function and
 * Memory API.
 *
 * <p>Calls are few and large, take native memory only, and are linked plainly: never {@code
 * critical}, which would hold up the garbage collector for as long as a kernel runs.
 */
@NullMarked
package io.github.elegans.nativekernels;

import org.jspecify.annotations.NullMarked;
