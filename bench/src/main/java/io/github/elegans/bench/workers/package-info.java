/**
 * Measurements that JMH does not make, each in a JVM of its own: limits of the machine, the tail of
 * the latencies, the way from a cold start to the steady state, memory.
 */
@NullMarked
package io.github.elegans.bench.workers;

import org.jspecify.annotations.NullMarked;
