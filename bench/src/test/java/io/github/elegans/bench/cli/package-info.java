/** Tests of the command line. */
@NullMarked
package io.github.elegans.bench.cli;

import org.jspecify.annotations.NullMarked;
