package io.github.elegans.bench.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Counts the heap memory that all threads of this JVM allocate while a benchmark's loop runs. It
 * leaves out what JMH does between the iterations, so that even a few bytes an operation show.
 */
final class Allocations {
  /** Bytes of the last iteration, as a secondary metric. */
  static final String LABEL = "allocation.iteration";

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private static volatile long begun;
  private static volatile long counted;

  private Allocations() {}

  /** Bytes allocated since the JVM began. */
  static long total() {
    return THREADS.getTotalThreadAllocatedBytes();
  }

  /** Called when an iteration's loop is about to begin. */
  static void begin() {
    begun = total();
  }

  /** Called when an iteration's loop has ended. */
  static void end() {
    counted = total() - begun;
  }

  /** Bytes allocated in the iteration that ended last. */
  static long last() {
    return counted;
  }
}
