/** What is measured, on which machine, and where its limits are. */
@NullMarked
package io.github.elegans.cli.measuring;

import org.jspecify.annotations.NullMarked;
