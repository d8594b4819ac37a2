/** What benchmarks and the command line share: the machine and its limits. */
@NullMarked
package io.github.elegans.bench;

import org.jspecify.annotations.NullMarked;
