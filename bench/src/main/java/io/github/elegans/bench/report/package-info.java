/**
 * What a run of the benchmarks found: the data, its files, the page, and what differs between two.
 */
@NullMarked
package io.github.elegans.bench.report;

import org.jspecify.annotations.NullMarked;
