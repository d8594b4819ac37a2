package io.github.elegans.threads;

import io.github.elegans.checks.FloatingPoint;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team of threads that work on one task together: the caller is member 0, the others wait
 * for it. Starting a task and meeting at a barrier cost well below a microsecond while the members
 * are still spinning; idle members sleep. Nothing is allocated per task.
 */
// Yielding is what its waiting is made of; only one thread at a time writes what is started.
@SuppressWarnings({"ThreadPriorityCheck", "NonAtomicVolatileUpdate"})
public final class ThreadTeam implements AutoCloseable {
  /** Spins before a waiting member sleeps: some tenths of a millisecond. */
  private static final int SPINS = 1 << 14;

  /** Counters lie as far apart as a processor fetches at once: two lines of 64 bytes. */
  private static final int APART = 128 / Integer.BYTES;

  /** Helpers that have finished a task: the last one sets it to 0 and tells the caller. */
  private static final int FINISHED = APART;

  private static final int ARRIVED = 2 * APART;
  private static final int BARRIERS = 3 * APART;
  private static final int ASLEEP = 4 * APART;

  /** 1 while a task is about to be started: then nobody falls asleep. */
  private static final int IMMINENT = 5 * APART;

  private static final int COUNTERS = 6 * APART;

  private static final VarHandle INT = MethodHandles.arrayElementVarHandle(int[].class);

  /** What the members do, each with its number. */
  @FunctionalInterface
  public interface Task {
    /** Does a member's part; member 0 is the caller. */
    void work(int member);
  }

  private final Thread[] helpers;
  private final int[] counters = new int[COUNTERS];

  /**
   * Counts the tasks; publishes the plain fields beside it, which thus come with the same line.
   * Only the caller writes it.
   */
  private volatile int started;

  /** The task that all helpers have finished; only the last of them writes it. */
  private volatile int done;

  private @Nullable Task task;
  private boolean closed;

  private volatile @Nullable Throwable failure;

  /**
   * A team of that many members, at least 1; the threads are daemons.
   *
   * @throws OutOfMemoryError if the system gives no more threads; none is left behind
   */
  public ThreadTeam(int members) {
    helpers = new Thread[members - 1];
    // Linked here: in a helper a want of memory would leave the caller waiting for ever.
    set(ASLEEP, add(ASLEEP, get(ASLEEP)));
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
    } catch (Throwable e) {
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
   * Whatever strikes the caller, and wherever, no member starts the task late or is still at work
   * when this returns or throws.
   */
  public void run(Task work) {
    if (closed) {
      throw new IllegalStateException("the helper threads have been ended");
    }
    if (helpers.length == 0) {
      work.work(0);
      return;
    }
    int next = started + 1;
    try {
      task = work;
      add(IMMINENT, 1);
      wake();
    } catch (Throwable e) {
      task = null;
      counters[IMMINENT] = 0;
      throw e;
    }
    // All at once: a stack that has no room to wake the second helper would leave the first alone.
    started = next;
    try {
      set(IMMINENT, 0);
      work.work(0);
      for (int spins = 0; done != next; spins++) {
        pause(spins);
      }
    } catch (Throwable e) {
      if (failure == null) {
        failure = e;
      }
      // No call: the stack may have no room for one.
      while (done != next) {}
      counters[IMMINENT] = 0;
    }
    // The members must not keep the task, and with it its owner, reachable.
    task = null;
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      counters[ARRIVED] = 0;
      if (thrown instanceof Error e) {
        throw e;
      }
      if (thrown instanceof RuntimeException e) {
        throw e;
      }
      throw new IllegalStateException(thrown);
    }
  }

  /** Waits, inside a task, until all members have come here. */
  public void barrier() {
    int generation = get(BARRIERS);
    if (add(ARRIVED, 1) == helpers.length + 1) {
      set(ARRIVED, 0);
      add(BARRIERS, 1);
      return;
    }
    for (int spins = 0; get(BARRIERS) == generation; spins++) {
      if (failure != null) {
        throw new IllegalStateException("another member of the team has failed");
      }
      pause(spins);
    }
  }

  /** Wakes whoever is asleep or falling asleep. */
  private void wake() {
    if (get(ASLEEP) > 0) {
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
      if (add(FINISHED, 1) == helpers.length) {
        set(FINISHED, 0);
        done = seen + 1;
      }
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
    add(ASLEEP, 1);
    while (true) {
      // Read first: whoever finds it unset again finds the task started, too.
      boolean imminent = get(IMMINENT) != 0;
      if (started != seen) {
        break;
      }
      if (imminent) {
        Thread.yield();
      } else {
        LockSupport.park(this);
      }
      // An interrupted thread would not sleep any more.
      boolean ignored = Thread.interrupted();
    }
    add(ASLEEP, -1);
  }

  private void attempt(Task work, int member) {
    try {
      FloatingPoint.check();
      work.work(member);
    } catch (Throwable e) {
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

  private int get(int counter) {
    return (int) INT.getVolatile(counters, counter);
  }

  private void set(int counter, int value) {
    INT.setRelease(counters, counter, value);
  }

  /** Returns the sum. */
  private int add(int counter, int n) {
    return (int) INT.getAndAdd(counters, counter, n) + n;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    started++;
    wake();
  }
}
