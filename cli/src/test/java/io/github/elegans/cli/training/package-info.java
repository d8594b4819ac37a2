/** Tests of data, recipes and networks for the command that trains. */
@NullMarked
package io.github.elegans.cli.training;

import org.jspecify.annotations.NullMarked;
