package io.github.elegans.contract;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** How much a thread has allocated. */
final class Allocation {
  /**
   * {@code ((com.sun.management.ThreadMXBean)
   * ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes()}; through a handle,
   * because the module that these tests are compiled into does not read the management modules.
   */
  private static final MethodHandle BYTES = find();

  private Allocation() {}

  /** Bytes that the calling thread has allocated in its life; asking allocates none. */
  static long ofThisThread() {
    try {
      return (long) BYTES.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle find() {
    try {
      Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
      Class<?> bean = Class.forName("com.sun.management.ThreadMXBean");
      Object threads = factory.getMethod("getThreadMXBean").invoke(null);
      return MethodHandles.publicLookup()
          .findVirtual(bean, "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class))
          .bindTo(threads);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this JVM does not count allocations", e);
    }
  }
}
