/** Long short-term memory. */
@NullMarked
package io.github.elegans.kernels.lstm;

import org.jspecify.annotations.NullMarked;
