/**
 * What recurrent cells have in common: how they are run, the memory that they run in, and the
 * checks before them.
 */
@NullMarked
package io.github.elegans.kernels.cell;

import org.jspecify.annotations.NullMarked;
