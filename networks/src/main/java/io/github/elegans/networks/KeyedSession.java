package io.github.elegans.networks;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.memory.FloatSegments;
import io.github.elegans.threads.Owner;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Network} on many independent streams that are told apart by keys, and holds their
 * states: devices, customers, symbols, whose records come one by one or in micro-batches, in any
 * mixture.
 *
 * <p>Every stream gets the bits of a {@link Session} of its own, whatever records stand beside its
 * own in a micro-batch, however those are cut, and on any number of threads. A key that the session
 * does not hold begins with a zero state, or with what {@link #restore} brings.
 *
 * <p>The timespan of a step is the time since the key's last record, {@code (float) ((timestamp -
 * last) / timeUnit)}; that of a key's first record is {@link Builder#firstTimespan}. Timestamps are
 * finite numbers from any origin, such as milliseconds since 1970 (a {@code long} is exact up to
 * 2<sup>53</sup>), and those of a key never decrease; equal ones give the timespan 0.
 *
 * <p>At most {@link #capacity} keys are held, in memory that is allocated at the beginning. One
 * more is refused, or takes the place of the key whose last {@code step} or {@code restore} is the
 * longest ago ({@link Builder#evictLeastRecentlyUsed}); a key that was evicted is as one never
 * seen.
 *
 * <p>I, S, M and O are the network's sizes of input, state, memory and output; n is the number of
 * records. A call that throws has changed nothing; one that is struck midway, by an
 * OutOfMemoryError or the like, leaves a session that refuses every call until it is {@link
 * #reset()}. Steps of keys that are held allocate nothing after the first calls. Keys need {@code
 * equals} and {@code hashCode}, and must not change.
 *
 * <p>A session is for one thread at a time, as {@link Session} says, and its helper threads end as
 * there.
 *
 * @param <K> the type of the keys
 */
public final class KeyedSession<K> implements AutoCloseable {
  /** "ELKS" and the version of the layout. */
  private static final long FORMAT = 0x454c4b53_00000001L;

  /** So that a hash table of ints has room for twice as many. */
  private static final int MOST_KEYS = 1 << 28;

  private static final int HEADER_BYTES = Long.BYTES + NetworkFingerprint.BYTES + Double.BYTES;

  private final Owner owner = new Owner("keyed session");
  private final Network network;
  private final int capacity;
  private final boolean evicting;
  private final double timeUnit;
  private final float firstTimespan;
  private final int inputSize;
  private final int outputSize;
  private final int rowSize;

  /** Holds the states; used by this session's calls alone. */
  private final Session rows;

  private final KeyTable<K> table;

  /** Keys of the call under way that are not in the table, with their last timestamps in it. */
  private final Map<K, Double> newcomers = new HashMap<>();

  private byte @Nullable [] fingerprint;

  // Of the records of the call under way, with room for the most so far.
  private int records;

  /** How many of them have put down their timestamps. */
  private int met;

  private @Nullable Object[] keysOf = new Object[1];
  private int[] hashes = new int[1];
  private int[] rowOf = new int[1];
  private float[] timespans = new float[1];

  /** What their rows had as timestamps before. */
  private double[] lastTimestamps = new double[1];

  /** How many earlier records of its part have the same key: steps are taken in these rounds. */
  private int[] rounds = new int[1];

  /** Records of a part by their rounds, and where the rounds begin. */
  private int[] order = new int[1];

  private int[] begins = new int[2];

  /** The number of the part under way. */
  private long part;

  // Of the rows: the part that last had a record, and how many before its last one.
  private final long[] partOf;
  private final int[] earlier;

  private final double[] oneTimestamp = new double[1];

  /** Rows of a round. */
  private final int[] listed;

  private KeyedSession(Builder builder) {
    network = builder.network;
    capacity = builder.capacity;
    evicting = builder.evicting;
    timeUnit = builder.timeUnit;
    firstTimespan = builder.firstTimespan;
    inputSize = network.inputSize();
    outputSize = network.outputSize();
    rowSize = Require.sum("state and memory", network.stateSize(), network.memorySize());
    table = new KeyTable<>(capacity);
    partOf = new long[capacity];
    earlier = new int[capacity];
    listed = new int[capacity];
    rows = network.session(capacity).parallelism(builder.parallelism);
    rows.parallel.prepareGathers();
  }

  /**
   * The options of a session.
   *
   * @param capacity keys that it holds at most, from 1 to 2<sup>28</sup>
   */
  public static Builder builder(Network network, int capacity) {
    return new Builder(network, capacity);
  }

  /** The network that this session runs. */
  public Network network() {
    return network;
  }

  /** Keys that it holds at most. */
  public int capacity() {
    return capacity;
  }

  /** Keys that it holds. */
  public int size() {
    owner.enter();
    int size = table.size();
    owner.thread = null;
    return size;
  }

  /** Whether it holds the key. */
  public boolean contains(K key) {
    Objects.requireNonNull(key, "key");
    owner.enter();
    try {
      return table.find(key) != KeyTable.NONE;
    } finally {
      owner.thread = null;
    }
  }

  /** A copy of the keys that it holds, the least recently used one first. */
  public SequencedSet<K> keys() {
    owner.enter();
    try {
      return table.keys();
    } finally {
      owner.thread = null;
    }
  }

  /**
   * One record.
   *
   * @param timestamp when it was, at least that of the key's last record
   * @param x [I]
   * @param out receives the output [O]; must not be x
   * @throws IllegalArgumentException if something has the wrong length, the timestamp is not finite
   *     or before the last one, or the key is one too many
   */
  public void step(K key, double timestamp, float[] x, float[] out) {
    Objects.requireNonNull(key, "key");
    owner.enter();
    try {
      begin(1, x, out);
      try {
        oneTimestamp[0] = timestamp;
        keysOf[0] = key;
        rowOf[0] = table.find(key);
        meet(timestamp);
        requireRoom();
      } catch (Throwable e) {
        undo();
        throw e;
      }
      change(oneTimestamp, x, out);
    } finally {
      end();
    }
  }

  /**
   * A micro-batch: n records in their order, of which several may have the same key. Whatever it
   * holds, the results are those of its records one by one.
   *
   * @param keys n keys, in a list with random access
   * @param timestamps [n]; those of a key do not decrease, even if it is evicted in between
   * @param x [n, I]
   * @param out receives the outputs [n, O]; must not be x
   * @throws IllegalArgumentException if something has the wrong length, a timestamp is not finite
   *     or before the key's last one, or a key is one too many; nothing of the micro-batch was done
   */
  public void step(List<? extends K> keys, double[] timestamps, float[] x, float[] out) {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(timestamps, "timestamps");
    owner.enter();
    try {
      int n = keys.size();
      Require.length("timestamps [n]", n, timestamps.length);
      begin(n, x, out);
      try {
        // One loop after the other, so that the processor waits for many keys at once.
        for (int i = 0; i < n; i++) {
          K key = keys.get(i);
          if (key == null) {
            throw new NullPointerException("record %d: the key must not be null".formatted(i));
          }
          keysOf[i] = key;
          hashes[i] = KeyTable.hash(key);
        }
        for (int i = 0; i < n; i++) {
          rowOf[i] = table.find(key(i), hashes[i]);
        }
        for (int i = 0; i < n; i++) {
          meet(timestamps[i]);
        }
        requireRoom();
      } catch (Throwable e) {
        undo();
        throw e;
      }
      change(timestamps, x, out);
    } finally {
      end();
    }
  }

  /**
   * One record of a stream whose state is kept elsewhere: restores what was kept, steps, and
   * forgets the key again.
   *
   * @param kept what this gave for the key's last record, or null for its first
   * @param timestamp as of {@link #step(Object, double, float[], float[])}
   * @param x [I]
   * @param out receives the output [O]; must not be x
   * @return what is to be kept: a {@link #snapshot}
   * @throws IllegalArgumentException as of {@link #restore} and of a step
   */
  public byte[] step(K key, byte @Nullable [] kept, double timestamp, float[] x, float[] out) {
    try {
      if (kept != null) {
        restore(key, kept);
      }
      step(key, timestamp, x, out);
      return snapshot(key);
    } finally {
      remove(key);
    }
  }

  /**
   * Forgets a key.
   *
   * @return whether the session held it
   */
  public boolean remove(K key) {
    Objects.requireNonNull(key, "key");
    owner.enter();
    try {
      int row = table.find(key);
      if (row != KeyTable.NONE) {
        table.remove(row);
      }
      return row != KeyTable.NONE;
    } finally {
      owner.thread = null;
    }
  }

  /**
   * All that the session holds of a key, to be kept elsewhere: big-endian, a mark of the format (8
   * bytes), a fingerprint of the network (32), the last timestamp (a double), state and memory (S +
   * M floats).
   *
   * @throws IllegalArgumentException if the session does not hold the key
   */
  public byte[] snapshot(K key) {
    Objects.requireNonNull(key, "key");
    owner.enter();
    try {
      int row = table.find(key);
      if (row == KeyTable.NONE) {
        throw new IllegalArgumentException(
            "there must be a key %s, but none of the %d keys is it".formatted(key, table.size()));
      }
      ByteBuffer bytes = ByteBuffer.allocate(snapshotBytes());
      bytes.putLong(FORMAT).put(fingerprint()).putDouble(table.timestamps[row]);
      MemorySegment state = rows.stored.oneRow;
      rows.stored.store(row, state, 0);
      for (int i = 0; i < rowSize; i++) {
        bytes.putFloat(FloatSegments.get(state, i));
      }
      return bytes.array();
    } finally {
      leave();
    }
  }

  /**
   * Sets all that the session holds of a key to what {@link #snapshot} gave, of this key or of
   * another, here or elsewhere; as by a step the key is used, and another may be evicted.
   *
   * @throws IllegalArgumentException if it is no snapshot, or one of another network (other
   *     parameters, another tier or storage of weights; any backend will do), or if the key is one
   *     too many
   */
  public void restore(K key, byte[] snapshot) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(snapshot, "snapshot");
    owner.enter();
    try {
      ByteBuffer bytes = ByteBuffer.wrap(snapshot);
      double timestamp = requireSnapshot(key, bytes);
      int held = table.find(key);
      if (held == KeyTable.NONE && table.free() == 0 && !evicting) {
        throw refusal("key " + key);
      }
      MemorySegment state = rows.stored.oneRow;
      for (int i = 0; i < rowSize; i++) {
        FloatSegments.set(state, i, bytes.getFloat());
      }
      try {
        int row = use(key, held);
        table.timestamps[row] = timestamp;
        rows.stored.load(row, state, 0);
      } catch (Throwable e) {
        owner.broken = e;
        throw e;
      }
    } finally {
      leave();
    }
  }

  /** Forgets all keys. A session that a failed call broke works again. */
  public void reset() {
    owner.enterBroken();
    try {
      // Rows are set to zero when they are given to keys.
      table.clear();
      owner.broken = null;
    } finally {
      leave();
    }
  }

  /** Ends the helper threads; the session works on with the caller's thread alone. */
  @Override
  public void close() {
    owner.enterBroken();
    try {
      rows.close();
      rows.parallel.prepareGathers();
    } finally {
      leave();
    }
  }

  /** Checks the sizes, and makes room for n records. */
  @SuppressWarnings("ReferenceEquality") // Arrays are one or apart.
  private void begin(int n, float[] x, float[] out) {
    Require.length("x [n, I]", (long) n * inputSize, Objects.requireNonNull(x, "x").length);
    Require.length("out [n, O]", (long) n * outputSize, Objects.requireNonNull(out, "out").length);
    if (x == out) {
      throw new IllegalArgumentException("out must not be x");
    }
    if (n > keysOf.length) {
      int room = (int) Math.min(Math.max(n, 2L * keysOf.length), Integer.MAX_VALUE - 9);
      begins = new int[room + 1];
      order = new int[room];
      rounds = new int[room];
      lastTimestamps = new double[room];
      timespans = new float[room];
      rowOf = new int[room];
      hashes = new int[room];
      keysOf = new Object[room];
    }
    records = n;
    met = 0;
  }

  /** The next record: its key is looked for, and its timestamp is checked and put down. */
  private void meet(double timestamp) {
    int record = met;
    K key = key(record);
    int row = rowOf[record];
    if (!Double.isFinite(timestamp)) {
      throw new IllegalArgumentException(
          "record %d: the timestamp of key %s must be finite, but is %s"
              .formatted(record, key, timestamp));
    }
    double last = row == KeyTable.NONE ? lastOfNewcomer(key) : table.timestamps[row];
    if (timestamp < last) {
      throw new IllegalArgumentException(
          "record %d: the timestamp of key %s must be at least its last one, %s, but is %s"
              .formatted(record, key, last, timestamp));
    }
    float timespan = Double.isNaN(last) ? firstTimespan : (float) ((timestamp - last) / timeUnit);
    if (timespan == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "record %d: the timespan of key %s must be a finite float, but is from %s to %s"
              .formatted(record, key, last, timestamp));
    }
    timespans[record] = timespan;
    if (row == KeyTable.NONE) {
      newcomers.put(key, timestamp);
    } else {
      lastTimestamps[record] = last;
    }
    met++;
    if (row != KeyTable.NONE) {
      table.timestamps[row] = timestamp;
    }
  }

  /** NaN if this is its first record. */
  private double lastOfNewcomer(K key) {
    Double last = newcomers.get(key);
    return last == null ? Double.NaN : last;
  }

  /** Takes back what was put down. */
  private void undo() {
    for (int record = met - 1; record >= 0; record--) {
      if (rowOf[record] != KeyTable.NONE) {
        table.timestamps[rowOf[record]] = lastTimestamps[record];
      }
    }
  }

  private void requireRoom() {
    if (newcomers.size() <= table.free() || evicting) {
      return;
    }
    int left = table.free();
    for (int record = 0; ; record++) {
      // Newcomers in their order: each is counted once, by its first record.
      if (newcomers.remove(key(record)) != null && left-- == 0) {
        throw refusal("key %s of record %d".formatted(key(record), record));
      }
    }
  }

  @SuppressWarnings("unchecked") // Only such keys were put there.
  private K key(int record) {
    return (K) Objects.requireNonNull(keysOf[record]);
  }

  private IllegalArgumentException refusal(String key) {
    return new IllegalArgumentException(
        "the session must hold at most %d keys, but %s would be one more".formatted(capacity, key));
  }

  /**
   * Steps the records of this call. Parts of them are done at once: a part ends before a record
   * that takes the row of a key which has a record in it.
   */
  private void change(double[] timestamps, float[] x, float[] out) {
    try {
      int first = 0;
      part++;
      boolean settled = newcomers.isEmpty();
      for (int record = 0; record < records; record++) {
        // Newcomers move others out, which may come again.
        int held = settled ? rowOf[record] : table.find(key(record));
        boolean absent = held == KeyTable.NONE;
        if (absent && table.free() == 0 && partOf[table.oldest()] == part) {
          stepPart(first, record, x, out);
          first = record;
          part++;
        }
        int row = use(key(record), held);
        if (absent) {
          rows.stored.clear(row);
          timespans[record] = firstTimespan;
        }
        rowOf[record] = row;
        table.timestamps[row] = timestamps[record];
        earlier[row] = partOf[row] == part ? earlier[row] + 1 : 0;
        partOf[row] = part;
        rounds[record] = earlier[row];
      }
      stepPart(first, records, x, out);
    } catch (Throwable e) {
      owner.broken = e;
      throw e;
    }
  }

  /** Makes a key the most recently used one, and gives it a row if it holds none. */
  private int use(K key, int held) {
    if (held == KeyTable.NONE) {
      return table.add(key);
    }
    table.touch(held);
    return held;
  }

  /** Steps some records, each in the round in which no earlier one of its key is left. */
  private void stepPart(int first, int end, float[] x, float[] out) {
    int last = 0;
    for (int i = first; i < end; i++) {
      last = Math.max(last, rounds[i]);
    }
    Arrays.fill(begins, 0, last + 2, 0);
    for (int i = first; i < end; i++) {
      begins[rounds[i] + 1]++;
    }
    for (int round = 1; round <= last; round++) {
      begins[round + 1] += begins[round];
    }
    for (int i = first; i < end; i++) {
      order[begins[rounds[i]]++] = i;
    }
    // Now each round's beginning is its end.
    int begin = 0;
    for (int round = 0; round <= last; round++) {
      stepRound(begin, begins[round], x, out);
      begin = begins[round];
    }
  }

  /** Steps records in the order, whose keys are distinct. */
  private void stepRound(int begin, int end, float[] x, float[] out) {
    Staging.Steps staged = rows.staging.timeFirst;
    MemorySegment stagedTimespans = staged.timespans().data();
    for (int i = begin; i < end; i++) {
      listed[i - begin] = rowOf[order[i]];
      FloatSegments.set(stagedTimespans, i - begin, timespans[order[i]]);
    }
    for (int i = begin; i < end; ) {
      int next = runEnd(i, end);
      CallerMemory.ARRAYS.read(
          x,
          (long) order[i] * inputSize,
          staged.x().data(),
          (long) (i - begin) * inputSize,
          (long) (next - i) * inputSize);
      i = next;
    }
    rows.parallel.step(listed, end - begin, staged.x(), staged.timespans(), staged.out(), null);
    for (int i = begin; i < end; ) {
      int next = runEnd(i, end);
      CallerMemory.ARRAYS.write(
          staged.out().data(),
          (long) (i - begin) * outputSize,
          out,
          (long) order[i] * outputSize,
          (long) (next - i) * outputSize);
      i = next;
    }
  }

  /** Where a run of records ends that follow each other. */
  private int runEnd(int begin, int end) {
    int next = begin + 1;
    while (next < end && order[next] == order[next - 1] + 1) {
      next++;
    }
    return next;
  }

  private int snapshotBytes() {
    return Math.addExact(HEADER_BYTES, Math.multiplyExact(rowSize, Float.BYTES));
  }

  private byte[] fingerprint() {
    byte[] made = fingerprint;
    if (made == null) {
      made = NetworkFingerprint.of(network);
      fingerprint = made;
    }
    return made;
  }

  /** Reads a snapshot up to its state, and returns the timestamp. */
  private double requireSnapshot(K key, ByteBuffer bytes) {
    if (bytes.capacity() < HEADER_BYTES || bytes.getLong() != FORMAT) {
      throw new IllegalArgumentException(
          "key %s: the %d bytes must be a snapshot of a keyed session, but do not begin as one"
              .formatted(key, bytes.capacity()));
    }
    byte[] found = new byte[NetworkFingerprint.BYTES];
    bytes.get(found);
    if (!Arrays.equals(found, fingerprint())) {
      throw new IllegalArgumentException(
          "key %s: the snapshot must be one of this network, %s, but is of another (or of another tier or storage of weights)"
              .formatted(key, network));
    }
    Require.length("key %s: the snapshot".formatted(key), snapshotBytes(), bytes.capacity());
    double timestamp = bytes.getDouble();
    if (!Double.isFinite(timestamp)) {
      throw new IllegalArgumentException(
          "key %s: the timestamp of the snapshot must be finite, but is %s"
              .formatted(key, timestamp));
    }
    return timestamp;
  }

  private void end() {
    Arrays.fill(keysOf, 0, records, null);
    records = 0;
    newcomers.clear();
    leave();
  }

  private void leave() {
    owner.thread = null;
    Reference.reachabilityFence(this);
  }

  /** How a session is to be; made by {@link KeyedSession#builder}. */
  public static final class Builder {
    private final Network network;
    private final int capacity;
    private boolean evicting;
    private double timeUnit = 1;
    private float firstTimespan = 1;
    private int parallelism = 1;

    private Builder(Network network, int capacity) {
      this.network = Objects.requireNonNull(network, "network");
      Require.between("capacity", 1, MOST_KEYS, capacity);
      this.capacity = capacity;
    }

    /**
     * A key beyond the capacity takes the place of the least recently used one, whose state is lost
     * unless there is a snapshot; it is refused by default.
     */
    public Builder evictLeastRecentlyUsed() {
      evicting = true;
      return this;
    }

    /**
     * What the timestamps count in one unit of the network's timespans: 1000 where they are
     * milliseconds and it was trained with seconds; 1 by default.
     */
    public Builder timeUnit(double timestampsPerUnit) {
      if (!(timestampsPerUnit > 0 && timestampsPerUnit < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "timeUnit must be finite and above 0, but is " + timestampsPerUnit);
      }
      timeUnit = timestampsPerUnit;
      return this;
    }

    /** The timespan of a key's first record, 1 by default. */
    public Builder firstTimespan(float timespan) {
      Require.timespan(timespan);
      firstTimespan = timespan;
      return this;
    }

    /** The number of threads, as {@link Session#parallelism}; 1 by default. */
    public Builder parallelism(int threads) {
      Require.between("parallelism", 1, 1024, threads);
      parallelism = threads;
      return this;
    }

    /** A session without any keys. */
    public <K> KeyedSession<K> build() {
      FloatingPoint.check();
      return new KeyedSession<>(this);
    }
  }
}
