/** The command line. */
@NullMarked
package io.github.elegans.cli;

import org.jspecify.annotations.NullMarked;
