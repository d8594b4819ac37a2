package io.github.elegans.djl;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that no call uses, for predictors of any number of threads: to make one for every call
 * would cost more than the call.
 */
final class IdleSessions {
  /** As many as calls may have at a time, and some for batches of other sizes. */
  private static final int MOST = Math.max(16, 2 * Runtime.getRuntime().availableProcessors());

  private final String modelName;
  private final Network network;
  private final int parallelism;

  /** The latest first, which is still in the caches; null when closed. */
  private @Nullable Deque<Rows> idle = new ArrayDeque<>(MOST);

  /**
   * A session, and the numbers of all its rows.
   *
   * @param numbers [B], 0 to B - 1
   */
  record Rows(Session session, int[] numbers) {}

  IdleSessions(String modelName, Network network, int parallelism) {
    this.modelName = modelName;
    this.network = network;
    this.parallelism = parallelism;
  }

  /** One for that batch, in any state. */
  Rows take(int batch) {
    synchronized (this) {
      if (idle == null) {
        throw new IllegalStateException("model %s is closed".formatted(modelName));
      }
      for (Iterator<Rows> all = idle.iterator(); all.hasNext(); ) {
        Rows one = all.next();
        if (one.numbers.length == batch) {
          all.remove();
          return one;
        }
      }
    }
    return new Rows(
        network.session(batch).parallelism(parallelism), IntStream.range(0, batch).toArray());
  }

  /** Takes one back that no call has failed in. */
  void give(Rows rows) {
    Rows surplus = rows;
    synchronized (this) {
      if (idle != null) {
        idle.addFirst(rows);
        surplus = idle.size() > MOST ? idle.removeLast() : null;
      }
    }
    if (surplus != null) {
      surplus.session.close();
    }
  }

  void close() {
    Deque<Rows> last;
    synchronized (this) {
      last = idle;
      idle = null;
    }
    if (last != null) {
      last.forEach(rows -> rows.session.close());
    }
  }
}
