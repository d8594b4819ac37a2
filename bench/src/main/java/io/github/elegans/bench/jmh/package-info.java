/**
 * The benchmarks, and what runs them and reads their results.
 *
 * <p>Every benchmark names its backend, and fails where that cannot run. Each fork says what it
 * really runs on, and measures the machine's limits between the iterations, so that a result can
 * stand beside the roofline of the same JVM, minute and core.
 */
@NullMarked
package io.github.elegans.bench.jmh;

import org.jspecify.annotations.NullMarked;
