/** Yardsticks: what the machine can do at most. */
@NullMarked
package io.github.elegans.kernels.roofline;

import org.jspecify.annotations.NullMarked;
