/** The command that measures: JMH benchmarks, other libraries beside ours, and the report. */
@NullMarked
package io.github.elegans.bench;

import org.jspecify.annotations.NullMarked;
