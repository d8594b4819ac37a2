package io.github.elegans.internal;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed crew of threads that work on one task together: the caller is member 0, the others wait
 * for it. Starting a task and meeting at a barrier cost well below a microsecond while the members
 * are still spinning; idle members sleep. Nothing is allocated per task.
 */
public final class Crew implements AutoCloseable {
  /** Spins before a waiting member sleeps: some tens of microseconds. */
  private static final int SPINS = 1 << 14;

  /** What the members do, each with its number. */
  @FunctionalInterface
  public interface Task {
    void work(int member);
  }

  private final Thread[] helpers;
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger finished = new AtomicInteger();
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger barriers = new AtomicInteger();
  private volatile @Nullable Task task;
  private volatile @Nullable Throwable failure;
  private volatile boolean closed;

  /** A crew of that many members, at least 1; the threads are daemons. */
  public Crew(int members) {
    helpers = new Thread[members - 1];
    for (int i = 0; i < helpers.length; i++) {
      int member = i + 1;
      helpers[i] =
          Thread.ofPlatform().daemon().name("elegans-" + member).start(() -> serve(member));
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
    failure = null;
    finished.set(0);
    arrived.set(0);
    task = work;
    started.incrementAndGet();
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
    attempt(work, 0);
    for (int spins = 0; finished.get() < helpers.length; spins++) {
      pause(spins);
    }
    // The members must not keep the task, and with it its owner, reachable.
    task = null;
    Throwable thrown = failure;
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  /** Waits, inside a task, until all members have come here. */
  public void barrier() {
    int generation = barriers.get();
    if (arrived.incrementAndGet() == helpers.length + 1) {
      arrived.set(0);
      barriers.incrementAndGet();
      return;
    }
    for (int spins = 0; barriers.get() == generation; spins++) {
      if (failure != null) {
        throw new IllegalStateException("another member of the crew has failed");
      }
      pause(spins);
    }
  }

  private void serve(int member) {
    int seen = 0;
    while (true) {
      for (int spins = 0; started.get() == seen && !closed; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      if (closed) {
        return;
      }
      seen++;
      Task work = task;
      if (work != null) {
        attempt(work, member);
      }
      work = null;
      finished.incrementAndGet();
    }
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
    for (Thread helper : helpers) {
      LockSupport.unpark(helper);
    }
  }
}
