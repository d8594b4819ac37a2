package io.github.elegans.networks;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a {@link KeyedSession}, each with its row, in the order of their last use. Arrays by
 * rows: steps take less than a microsecond, and objects scattered over the heap took a third of it.
 */
final class KeyTable<K> {
  /** No row. */
  static final int NONE = -1;

  /** The timestamps of the rows' last records. */
  final double[] timestamps;

  /** The rows' keys, null for free ones. */
  private final @Nullable Object[] keys;

  private final int[] hashes;

  /** Hash table with linear probing, at most half full: rows, or {@link #NONE}. */
  private final int[] slots;

  // A ring of the rows that are held, in the order of use; its head is a row more.
  private final int[] older;
  private final int[] newer;
  private final int head;

  private final int[] freeRows;
  private int free;

  KeyTable(int capacity) {
    timestamps = new double[capacity];
    keys = new Object[capacity];
    hashes = new int[capacity];
    slots = new int[Integer.highestOneBit(Math.max(1, capacity - 1)) << 2];
    older = new int[capacity + 1];
    newer = new int[capacity + 1];
    head = capacity;
    freeRows = new int[capacity];
    clear();
  }

  int size() {
    return freeRows.length - free;
  }

  /** How many keys may still come. */
  int free() {
    return free;
  }

  /** The row of a key, or {@link #NONE}. */
  int find(K key) {
    return find(key, hash(key));
  }

  /** As {@link #find(Object)}, with the key's {@link #hash}. */
  int find(K key, int hash) {
    for (int slot = slot(hash); ; slot = next(slot)) {
      int row = slots[slot];
      if (row == NONE || (hashes[row] == hash && isAt(row, key))) {
        return row;
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // Only to be quick.
  private boolean isAt(int row, K key) {
    Object held = keys[row];
    return held == key || key.equals(held);
  }

  /** A copy of the keys; the least recently used one is the first. */
  @SuppressWarnings("unchecked") // Only such keys come in.
  SequencedSet<K> keys() {
    SequencedSet<K> copy = new LinkedHashSet<>();
    for (int row = newer[head]; row != head; row = newer[row]) {
      copy.add((K) Objects.requireNonNull(keys[row]));
    }
    return Collections.unmodifiableSequencedSet(copy);
  }

  /** The row of the least recently used key; there must be one. */
  int oldest() {
    return newer[head];
  }

  /**
   * Gives a key that is not held a row, that of the least recently used key if none is free, and
   * makes it the most recently used.
   */
  int add(K key) {
    if (free == 0) {
      remove(oldest());
    }
    int row = freeRows[--free];
    keys[row] = key;
    hashes[row] = hash(key);
    int slot = slot(hashes[row]);
    while (slots[slot] != NONE) {
      slot = next(slot);
    }
    slots[slot] = row;
    append(row);
    return row;
  }

  void remove(int row) {
    int gap = slot(hashes[row]);
    while (slots[gap] != row) {
      gap = next(gap);
    }
    // Whoever stands behind the gap and would be looked for before it moves into it.
    for (int slot = next(gap); slots[slot] != NONE; slot = next(slot)) {
      int wanted = slot(hashes[slots[slot]]);
      if (distance(wanted, slot) >= distance(gap, slot)) {
        slots[gap] = slots[slot];
        gap = slot;
      }
    }
    slots[gap] = NONE;
    keys[row] = null;
    unlink(row);
    freeRows[free++] = row;
  }

  /** Makes a row's key the most recently used. */
  void touch(int row) {
    if (newer[row] != head) {
      unlink(row);
      append(row);
    }
  }

  void clear() {
    Arrays.fill(keys, null);
    Arrays.fill(slots, NONE);
    older[head] = head;
    newer[head] = head;
    free = freeRows.length;
    for (int i = 0; i < free; i++) {
      freeRows[i] = free - 1 - i;
    }
  }

  private void append(int row) {
    int newest = older[head];
    older[row] = newest;
    newer[row] = head;
    newer[newest] = row;
    older[head] = row;
  }

  private void unlink(int row) {
    newer[older[row]] = newer[row];
    older[newer[row]] = older[row];
  }

  /** Mixed, for many keys have hashes that differ in few bits only: Fibonacci hashing. */
  static int hash(Object key) {
    return key.hashCode() * 0x9e3779b9;
  }

  private int slot(int hash) {
    return hash >>> Integer.numberOfLeadingZeros(slots.length - 1);
  }

  private int next(int slot) {
    return (slot + 1) & (slots.length - 1);
  }

  private int distance(int from, int to) {
    return (to - from) & (slots.length - 1);
  }
}
