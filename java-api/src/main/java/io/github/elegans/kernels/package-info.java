/** Kernels: what a family of them is, and what all families share. */
@NullMarked
package io.github.elegans.kernels;

import org.jspecify.annotations.NullMarked;
