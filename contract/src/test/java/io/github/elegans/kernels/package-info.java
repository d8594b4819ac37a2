/** Backend choice, packed weights and workspaces. */
@NullMarked
package io.github.elegans.kernels;

import org.jspecify.annotations.NullMarked;
