package io.github.elegans.bench.peers;

/**
 * Another library, or another way to write the same in Java, on one thread. Found by {@link
 * java.util.ServiceLoader}, because peers that have to be downloaded lie in a module of their own.
 */
public interface Peer {

  /** What people call it. */
  String name();

  /** Its version; empty if it has none of its own. */
  String version();

  /** Why it cannot run here; empty if it can. */
  String reason();

  /** Whether it can do a task. */
  boolean does(PeerTask task);

  /**
   * Prepares a task that it can do, as fast as it can be done with this library: whatever does not
   * change from one call to the next is bound once.
   *
   * @throws Exception if that fails
   */
  Operation prepare(PeerTask task) throws Exception;

  /** Name and version. */
  default String title() {
    return version().isEmpty() ? name() : name() + " " + version();
  }

  /** A prepared task, with its state. */
  interface Operation extends AutoCloseable {

    /** Does it once; a network goes on from the state that the last call left. */
    void run() throws Exception;

    /** What the last call computed, in the task's order. */
    double[] output();

    @Override
    default void close() {}
  }
}
