/** Files of numbers that the command line reads and writes. */
@NullMarked
package io.github.elegans.bench.files;

import org.jspecify.annotations.NullMarked;
