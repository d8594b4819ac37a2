package io.github.elegans.networks;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** The keys of a {@link KeyedSession}, each with its row, in the order of their last use. */
final class KeyTable<K> {

  /** A key, in the table or on its way into it or out of it. */
  static final class Entry<K> {
    static final int NO_ROW = -1;

    final K key;
    int row = NO_ROW;

    /** The timestamp of its last record. */
    double timestamp;

    private @Nullable Entry<K> older;
    private @Nullable Entry<K> newer;

    // What the call under way knows of it.

    /** The number of the call that last met it. */
    long metIn;

    /** The timestamp of its last record in that call, or before. */
    double metAt;

    /** The number of the part of a micro-batch that last had a record of it. */
    long part;

    /** Its earlier records in that part. */
    int earlier;

    Entry(K key) {
      this.key = key;
    }
  }

  private final Map<K, Entry<K>> entries = new HashMap<>();
  private final int[] freeRows;
  private int free;
  private @Nullable Entry<K> oldest;
  private @Nullable Entry<K> newest;

  KeyTable(int capacity) {
    freeRows = new int[capacity];
    clear();
  }

  /** The key's, if it is in the table. */
  @Nullable Entry<K> get(K key) {
    return entries.get(key);
  }

  int size() {
    return entries.size();
  }

  /** How many may still come. */
  int free() {
    return free;
  }

  /** A copy of the keys; the least recently used one is the first. */
  SequencedSet<K> keys() {
    SequencedSet<K> keys = new LinkedHashSet<>();
    for (Entry<K> entry = oldest; entry != null; entry = entry.newer) {
      keys.add(entry.key);
    }
    return Collections.unmodifiableSequencedSet(keys);
  }

  /** The least recently used one; there must be one. */
  Entry<K> oldest() {
    if (oldest == null) {
      throw new IllegalStateException("there is no key");
    }
    return oldest;
  }

  /** Gives it a free row, of which there must be one, and makes it the most recently used. */
  void add(Entry<K> entry) {
    entries.put(entry.key, entry);
    entry.row = freeRows[--free];
    append(entry);
  }

  void remove(Entry<K> entry) {
    entries.remove(entry.key);
    unlink(entry);
    freeRows[free++] = entry.row;
    entry.row = Entry.NO_ROW;
  }

  /** Makes it the most recently used. */
  @SuppressWarnings("ReferenceEquality") // Entries are no values.
  void touch(Entry<K> entry) {
    if (entry != newest) {
      unlink(entry);
      append(entry);
    }
  }

  void clear() {
    entries.clear();
    oldest = null;
    newest = null;
    free = freeRows.length;
    for (int i = 0; i < free; i++) {
      freeRows[i] = free - 1 - i;
    }
  }

  private void append(Entry<K> entry) {
    entry.older = newest;
    entry.newer = null;
    if (newest == null) {
      oldest = entry;
    } else {
      newest.newer = entry;
    }
    newest = entry;
  }

  private void unlink(Entry<K> entry) {
    if (entry.older == null) {
      oldest = entry.newer;
    } else {
      entry.older.newer = entry.newer;
    }
    if (entry.newer == null) {
      newest = entry.older;
    } else {
      entry.newer.older = entry.older;
    }
  }
}
