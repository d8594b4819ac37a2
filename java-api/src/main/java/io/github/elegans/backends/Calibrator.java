package io.github.elegans.backends;

import io.github.elegans.backends.Calibration.Timing;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Measures backends until a deadline.
 *
 * <p>They take turns of about a millisecond, always the one whose turns have taken the least time
 * so far, so that whatever else the machine does falls on all of them, and what the compiler needs
 * for one passes while others run. Of each the best turn counts. It is steady if the second half of
 * its turns brought none better than the first, and its code is compiled: what is not allocates
 * heavily where vectors are objects. One that is steady and much slower than another has no more
 * turns.
 *
 * <p>All happens in a thread of its own, which is not waited for beyond the deadline: a turn may be
 * a single call of any length.
 */
final class Calibrator {
  private static final long TURN_NANOS = 1_000_000;

  /** Turns before anything is said of a backend. */
  private static final int LEAST_TURNS = 4;

  /** A better turn than this fraction of the best so far is progress. */
  private static final double PROGRESS = 0.97;

  /** Times slower than the best that need no closer look. */
  private static final double HOPELESS = 2;

  /** Bytes a nanosecond that only vectors as objects need. */
  private static final double HEAVY_ALLOCATION = 0.01;

  private static final @Nullable MethodHandle ALLOCATED_BYTES = allocatedBytesHandle();

  private final List<Subject> subjects = new ArrayList<>();
  private volatile boolean abandoned;

  private Calibrator() {}

  /**
   * Measures each backend as far as the time lasts.
   *
   * @param deadline as {@link System#nanoTime} has it; if it is past, nothing is measured
   */
  static List<Timing> measure(
      List<Kernels> candidates, Function<Kernels, Runnable> work, long deadline) {
    Calibrator calibrator = new Calibrator();
    candidates.forEach(kernels -> calibrator.subjects.add(new Subject(kernels)));
    FutureTask<@Nullable Void> task = new FutureTask<>(() -> calibrator.run(work, deadline), null);
    Thread.ofPlatform().daemon().name("elegans calibration").start(task);
    try {
      task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // A call is under way, which nobody needs any more.
    } catch (InterruptedException e) {
      calibrator.abandoned = true;
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the workload failed: " + e.getCause(), e.getCause());
    }
    return calibrator.subjects.stream().map(Subject::timing).toList();
  }

  private void run(Function<Kernels, Runnable> work, long deadline) {
    Comparator<Subject> byTime = Comparator.comparingLong(subject -> subject.nanos);
    while (deadline - System.nanoTime() > 0 && !abandoned) {
      double best =
          subjects.stream().mapToDouble(subject -> subject.timing().nanos()).min().orElseThrow();
      subjects.stream()
          .filter(subject -> !subject.isHopeless(best))
          .min(byTime)
          .orElseThrow()
          .turn(work, deadline);
    }
  }

  /** A turn of a backend. */
  private record Turn(double nanosPerCall, double bytesPerCall) {}

  /** A backend under measurement. */
  private static final class Subject {
    private final Kernels kernels;
    private final List<Turn> turns = new ArrayList<>();
    private @Nullable Runnable work;

    /** Calls between two looks at the clock. */
    private int calls = 1;

    private long nanos;

    Subject(Kernels kernels) {
      this.kernels = kernels;
    }

    void turn(Function<Kernels, Runnable> works, long deadline) {
      long begin = System.nanoTime();
      Runnable run = work;
      if (run == null) {
        run = works.apply(kernels);
        work = run;
      }
      long bytes = allocatedBytes();
      long start = System.nanoTime();
      long done = 0;
      long now;
      do {
        for (int i = 0; i < calls; i++) {
          run.run();
        }
        done += calls;
        now = System.nanoTime();
      } while (now - start < TURN_NANOS && deadline - now > 0);
      double bytesPerCall = (allocatedBytes() - bytes) / (double) done;
      calls = Math.clamp(done / 8, 1, 1 << 20);
      nanos += now - begin;
      Turn turn = new Turn(Math.max(1, now - start) / (double) done, bytesPerCall);
      synchronized (turns) {
        turns.add(turn);
      }
    }

    boolean isHopeless(double best) {
      Timing timing = timing();
      return timing.steady() && timing.nanos() > HOPELESS * best;
    }

    Timing timing() {
      double early = Double.POSITIVE_INFINITY;
      double late = Double.POSITIVE_INFINITY;
      double bytes = 0;
      int count;
      synchronized (turns) {
        count = turns.size();
        for (Turn turn : turns.subList(0, count / 2)) {
          early = Math.min(early, turn.nanosPerCall);
        }
        for (Turn turn : turns.subList(count / 2, count)) {
          late = Math.min(late, turn.nanosPerCall);
          bytes = Math.max(bytes, turn.bytesPerCall);
        }
      }
      double best = Math.min(early, late);
      boolean steady =
          count >= LEAST_TURNS && late > PROGRESS * early && bytes <= HEAVY_ALLOCATION * best;
      return new Timing(kernels.backend(), kernels.tier(), best, steady);
    }
  }

  /** Bytes that this thread has allocated; 0 where nobody counts. */
  private static long allocatedBytes() {
    try {
      return ALLOCATED_BYTES == null ? 0 : (long) ALLOCATED_BYTES.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /**
   * {@code ((com.sun.management.ThreadMXBean)
   * ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes()}; through a handle,
   * because this module needs no other but the base module.
   */
  private static @Nullable MethodHandle allocatedBytesHandle() {
    try {
      Class<?> factory = Class.forName("java.lang.management.ManagementFactory");
      Class<?> bean = Class.forName("com.sun.management.ThreadMXBean");
      Object threads = factory.getMethod("getThreadMXBean").invoke(null);
      return MethodHandles.publicLookup()
          .findVirtual(bean, "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class))
          .bindTo(threads);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }
}
