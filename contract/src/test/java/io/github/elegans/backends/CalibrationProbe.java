package io.github.elegans.backends;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A main class for child JVMs: calibrates, before anything else has opened the backends. */
public final class CalibrationProbe {
  private CalibrationProbe() {}

  /**
   * Prints a line of {@code key = value} each.
   *
   * @param arguments the backend whose steps take minutes; those of the others take microseconds
   */
  public static void main(String[] arguments) {
    String endless = arguments[0];
    AtomicInteger made = new AtomicInteger();
    long begin = System.nanoTime();
    Calibration calibration =
        Backends.calibrate(
            "probe",
            kernels -> {
              made.incrementAndGet();
              return () -> step(kernels.backend().equals(endless));
            });
    long elapsed = System.nanoTime() - begin;
    System.out.println("milliseconds = " + TimeUnit.NANOSECONDS.toMillis(elapsed));
    System.out.println("workloads = " + made);
    System.out.println("reason = " + calibration.reason());
  }

  private static void step(boolean endless) {
    long end = System.nanoTime() + (endless ? TimeUnit.MINUTES.toNanos(10) : 10_000);
    while (end - System.nanoTime() > 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }
}
