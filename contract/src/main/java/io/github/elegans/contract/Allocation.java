package io.github.elegans.contract;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** How much a thread has allocated. */
final class Allocation {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private Allocation() {}

  /** Skips a test that only compiled code passes. */
  static void requireCompiler() {
    assumeFalse(
        System.getProperty("java.vm.info", "").contains("interpreted"),
        "an interpreter allocates what a compiler does not");
  }

  /** Bytes that the calling thread has allocated in its life; asking allocates none. */
  static long ofThisThread() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }
}
