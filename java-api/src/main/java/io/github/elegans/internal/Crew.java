package io.github.elegans.internal;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed crew of threads that work on one task together: the caller is member 0, the others wait
 * for it. Starting a task and meeting at a barrier cost well below a microsecond while the members
 * are still spinning; idle members sleep. Nothing is allocated per task.
 */
public final class Crew implements AutoCloseable {
  /** Spins before a waiting member sleeps: some tenths of a millisecond. */
  private static final int SPINS = 1 << 14;

  /** Counters lie as far apart as a processor fetches at once: two lines of 64 bytes. */
  private static final int APART = 128 / Integer.BYTES;

  private static final int FINISHED = APART;
  private static final int ARRIVED = 2 * APART;
  private static final int BARRIERS = 3 * APART;
  private static final int ASLEEP = 4 * APART;
  private static final int COUNTERS = 5 * APART;

  private static final AtomicIntegerFieldUpdater<Crew> STARTED =
      AtomicIntegerFieldUpdater.newUpdater(Crew.class, "started");

  /** What the members do, each with its number. */
  @FunctionalInterface
  public interface Task {
    void work(int member);
  }

  private final Thread[] helpers;
  private final AtomicIntegerArray counters = new AtomicIntegerArray(COUNTERS);

  /** Counts the tasks; publishes the plain fields beside it, which thus come with the same line. */
  private volatile int started;

  private @Nullable Task task;
  private boolean closed;

  private volatile @Nullable Throwable failure;

  /**
   * A crew of that many members, at least 1; the threads are daemons.
   *
   * @throws OutOfMemoryError if the system gives no more threads; none is left behind
   */
  public Crew(int members) {
    helpers = new Thread[members - 1];
    try {
      for (int i = 0; i < helpers.length; i++) {
        int member = i + 1;
        helpers[i] =
            Thread.ofPlatform()
                .daemon()
                .name("elegans-" + member)
                .inheritInheritableThreadLocals(false)
                .start(() -> serve(member));
      }
    } catch (OutOfMemoryError e) {
      close();
      throw e;
    }
  }

  /** Number of members. */
  public int size() {
    return helpers.length + 1;
  }

  /**
   * Runs the task in all members and returns when all are done; rethrows what one of them threw.
   */
  public void run(Task work) {
    int due = counters.get(FINISHED) + helpers.length;
    task = work;
    start();
    attempt(work, 0);
    for (int spins = 0; counters.get(FINISHED) != due; spins++) {
      pause(spins);
    }
    // The members must not keep the task, and with it its owner, reachable.
    task = null;
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      counters.set(ARRIVED, 0);
      if (thrown instanceof Error e) {
        throw e;
      }
      throw (RuntimeException) thrown;
    }
  }

  /** Waits, inside a task, until all members have come here. */
  public void barrier() {
    int generation = counters.get(BARRIERS);
    if (counters.incrementAndGet(ARRIVED) == helpers.length + 1) {
      counters.setRelease(ARRIVED, 0);
      counters.incrementAndGet(BARRIERS);
      return;
    }
    for (int spins = 0; counters.get(BARRIERS) == generation; spins++) {
      if (failure != null) {
        throw new IllegalStateException("another member of the crew has failed");
      }
      pause(spins);
    }
  }

  private void start() {
    STARTED.getAndIncrement(this);
    // Whoever is not counted yet will look at `started` once more before it sleeps.
    if (counters.get(ASLEEP) > 0) {
      for (Thread helper : helpers) {
        LockSupport.unpark(helper);
      }
    }
  }

  private void serve(int member) {
    for (int seen = 0; ; seen++) {
      await(seen);
      if (closed) {
        return;
      }
      Task work = task;
      if (work != null) {
        attempt(work, member);
      }
      work = null;
      counters.getAndIncrement(FINISHED);
    }
  }

  /** Waits until more tasks have been started than were seen. */
  private void await(int seen) {
    for (int spins = 0; spins < SPINS; spins++) {
      if (started != seen) {
        return;
      }
      Thread.onSpinWait();
    }
    counters.getAndIncrement(ASLEEP);
    while (started == seen) {
      LockSupport.park(this);
    }
    counters.getAndDecrement(ASLEEP);
  }

  private void attempt(Task work, int member) {
    try {
      work.work(member);
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      }
    }
  }

  private static void pause(int spins) {
    if (spins < SPINS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    start();
  }
}
