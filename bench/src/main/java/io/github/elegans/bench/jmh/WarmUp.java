package io.github.elegans.bench.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Runs an operation until the JVM has compiled it.
 *
 * <p>The optimising compiler may need seconds for a vector kernel, the more so on a machine that
 * others use, too, and until then the kernel runs a hundred times slower. So the end of a warm-up
 * must not be a matter of time: it has come when the compiler has had nothing to do for a while,
 * and the operation no longer allocates what compiled code does not.
 */
final class WarmUp {
  private static final long SLICE_NANOS = 10_000_000;
  private static final long QUIET_NANOS = 100_000_000;

  /** Calls after which all that an operation calls once has been handed to the compiler. */
  private static final long MANY_CALLS = 5000;

  /** What counts as many calls of an operation that takes long: its loops suffice. */
  private static final long LONG_NANOS = 500_000_000;

  /** The compiler has been quiet for so long that the operation will go on to allocate. */
  private static final long VERY_QUIET_NANOS = 2_000_000_000;

  private static final long MOST_NANOS = 60_000_000_000L;

  /** Bytes of a slice that need not be the operation's. */
  private static final long STRAY_BYTES = 256;

  /** The optimising compiler at work, or its queue with something in it. */
  private static final Pattern COMPILING =
      Pattern.compile("^C2 CompilerThread|^C2 compile queue:\\R(?!Empty)", Pattern.MULTILINE);

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private WarmUp() {}

  /** Runs an operation until it is compiled, and some thousand times or for half a second. */
  static void untilCompiled(BenchmarkParams benchmark, Runnable operation) {
    untilCompiled(benchmark, operation, MANY_CALLS);
  }

  /** Runs an operation until it is compiled, and at least so many times or for half a second. */
  static void untilCompiled(BenchmarkParams benchmark, Runnable operation, long leastCalls) {
    if (benchmark.getForks() == 0) {
      // In the JVM that runs anyway only tests measure, and they need not wait.
      operation.run();
      return;
    }
    long begin = System.nanoTime();
    long compiling = begin;
    long allocating = begin;
    long calls = 0;
    long now;
    do {
      long bytes = allocatedBytes();
      long start = System.nanoTime();
      do {
        operation.run();
        calls++;
        now = System.nanoTime();
      } while (now - start < SLICE_NANOS);
      if (allocatedBytes() - bytes > STRAY_BYTES) {
        allocating = now;
      }
      if (isCompiling()) {
        compiling = now;
      }
    } while (now - begin < MOST_NANOS
        && (now - compiling < QUIET_NANOS
            || (calls < leastCalls && now - begin < LONG_NANOS)
            || (now - allocating < QUIET_NANOS && now - compiling < VERY_QUIET_NANOS)));
  }

  /** Bytes that all threads have allocated since the JVM began. */
  static long allocatedBytes() {
    return THREADS.getTotalThreadAllocatedBytes();
  }

  private static boolean isCompiling() {
    try {
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      Object queue =
          server.invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "compilerQueue",
              new Object[] {null},
              new String[] {String[].class.getName()});
      return COMPILING.matcher(queue.toString()).find();
    } catch (JMException e) {
      // Not HotSpot: the other signs must do.
      return false;
    }
  }
}
