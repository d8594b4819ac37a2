package io.github.elegans.threads;

import io.github.elegans.checks.FloatingPoint;
import java.util.ConcurrentModificationException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time into an object with a state, and nobody into one that a failed call has
 * left half changed. Some nanoseconds a call:
 *
 * <pre>{@code
 * owner.enter();
 * try {
 *   check(arguments);
 *   try {
 *     change();
 *   } catch (Throwable e) {
 *     owner.broken = e;
 *     throw e;
 *   }
 * } finally {
 *   owner.thread = null;
 * }
 * }</pre>
 *
 * <p>Two fields are set where others would call methods: after a StackOverflowError there may be no
 * room for a call, and the object would be taken for ever.
 */
public final class Owner {
  private static final AtomicReferenceFieldUpdater<Owner, @Nullable Thread> THREAD =
      AtomicReferenceFieldUpdater.newUpdater(Owner.class, Thread.class, "thread");

  private final String name;

  /** The thread inside; set to null when it leaves. */
  public volatile @Nullable Thread thread;

  /** What a call failed with after it had begun to change the object; only the thread inside. */
  public @Nullable Throwable broken;

  /**
   * The owner of an object.
   *
   * @param name what to call the object in errors
   */
  public Owner(String name) {
    this.name = name;
  }

  /**
   * Takes the object for this thread, or throws and leaves everything as it was.
   *
   * @throws ConcurrentModificationException if another thread is inside
   * @throws IllegalStateException if this thread is inside already, or the object is broken, or
   *     {@link FloatingPoint#check}
   */
  public void enter() {
    FloatingPoint.check();
    enterBroken();
    Throwable reason = broken;
    if (reason != null) {
      thread = null;
      throw new IllegalStateException(
          "the %s is broken since a call failed midway with %s: reset() all of it, or make another"
              .formatted(name, reason),
          reason);
    }
  }

  /** As {@link #enter}, of an object that may be broken: to mend it or to let go of it. */
  public void enterBroken() {
    if (!THREAD.compareAndSet(this, null, Thread.currentThread())) {
      throw refusal();
    }
  }

  private RuntimeException refusal() {
    Thread inside = thread;
    if (inside == Thread.currentThread()) {
      return new IllegalStateException(
          "a call of this %s is under way in this thread, %s: it cannot be called from within"
              .formatted(name, inside));
    }
    return new ConcurrentModificationException(
        "this %s is in use by %s and cannot serve %s at the same time: make one for each thread, or let one thread finish before the next calls"
            .formatted(name, inside == null ? "another thread" : inside, Thread.currentThread()));
  }
}
