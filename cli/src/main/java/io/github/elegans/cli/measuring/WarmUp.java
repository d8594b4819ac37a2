package io.github.elegans.cli.measuring;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Runs an operation until the virtual machine has compiled it.
 *
 * <p>The optimising compiler may need seconds for a vector kernel, the more so on a machine that
 * others use, too, and until then the kernel runs a hundred times slower. So the end of a warm-up
 * must not be a matter of time: it has come when the compiler has had nothing to do for a while.
 */
public final class WarmUp {
  private static final long SLICE_NANOS = 10_000_000;
  private static final long QUIET_NANOS = 80_000_000;

  /** Calls after which all that an operation calls once has been handed to the compiler. */
  private static final long MANY_CALLS = 5000;

  /** What counts as many calls of an operation that takes long: its loops suffice. */
  private static final long LONG_NANOS = 250_000_000;

  /**
   * The compiler has been quiet for so long that the operation will go on to allocate. Of one that
   * takes milliseconds, on a busy machine, some loops are handed to the compiler after a second
   * only.
   */
  private static final long VERY_QUIET_NANOS = 1_000_000_000;

  /** Bytes that asking the compiler may allocate. */
  private static final long STRAY_BYTES = 1 << 12;

  /** The optimising compiler at work, or its queue with something in it. */
  private static final Pattern COMPILING =
      Pattern.compile("^C2 CompilerThread|^C2 compile queue:\\R(?!Empty)", Pattern.MULTILINE);

  private final Runnable operation;
  private final long begin = cpuNanos();
  private long now = begin;
  private long compiling = begin;
  private long allocating = begin;
  private long calls;

  private WarmUp(Runnable operation) {
    this.operation = operation;
  }

  /**
   * Runs an operation, which allocates nothing once it is compiled, until then, and at least some
   * thousand times or for some tenths of a second.
   *
   * @param mostNanos when to give up
   * @return whether the compiler was done in time
   */
  public static boolean untilCompiled(Runnable operation, long mostNanos) {
    WarmUp it = new WarmUp(operation);
    return it.runs(
        mostNanos,
        () ->
            (it.calls >= MANY_CALLS || it.now - it.begin >= LONG_NANOS)
                && (it.now - it.allocating >= QUIET_NANOS
                    || it.now - it.compiling >= VERY_QUIET_NANOS));
  }

  /**
   * Runs an operation, which may go on to allocate, until it is compiled, and for some time.
   *
   * @param leastNanos how long at least
   * @param mostNanos when to give up
   * @return whether the compiler was done in time
   */
  public static boolean untilCompiled(Runnable operation, long leastNanos, long mostNanos) {
    WarmUp it = new WarmUp(operation);
    return it.runs(mostNanos, () -> it.now - it.begin >= leastNanos);
  }

  private boolean runs(long mostNanos, BooleanSupplier enough) {
    long deadline = System.nanoTime() + mostNanos;
    do {
      long start = System.nanoTime();
      long bytes = allocatedBytes();
      do {
        operation.run();
        calls++;
      } while (System.nanoTime() - start < SLICE_NANOS);
      now = cpuNanos();
      if (allocatedBytes() - bytes > STRAY_BYTES) {
        allocating = now;
      }
      if (isCompiling()) {
        compiling = now;
      }
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
    } while (now - compiling < QUIET_NANOS || !enough.getAsBoolean());
    return true;
  }

  /**
   * Time that this thread has run: where others keep the processors busy, it may be a small part of
   * what has passed, and a loop that has hardly run has not asked for the compiler yet.
   */
  private static long cpuNanos() {
    long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    return nanos < 0 ? System.nanoTime() : nanos;
  }

  /** Bytes that this thread has allocated so far. */
  private static long allocatedBytes() {
    return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
        ? threads.getCurrentThreadAllocatedBytes()
        : 0;
  }

  private static boolean isCompiling() {
    try {
      Object queue =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "compilerQueue",
                  new Object[] {null},
                  new String[] {String[].class.getName()});
      return COMPILING.matcher(queue.toString()).find();
    } catch (JMException e) {
      // Not HotSpot: time must do.
      return false;
    }
  }
}
