/** Files of numbers that the command line reads and writes. */
@NullMarked
package io.github.elegans.cli.files;

import org.jspecify.annotations.NullMarked;
