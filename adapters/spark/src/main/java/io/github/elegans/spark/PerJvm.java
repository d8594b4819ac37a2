package io.github.elegans.spark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What the tasks of a JVM share: the last few values, by what they are made of. */
final class PerJvm<K, V> {
  private static final int MOST = 8;

  private final Map<K, V> values = new LinkedHashMap<>(MOST, 0.75f, true);

  /** The value of a key, made if nobody has made it; others wait meanwhile. */
  synchronized V get(K key, Supplier<V> maker) {
    V value = values.get(key);
    if (value == null) {
      value = maker.get();
      values.put(key, value);
      if (values.size() > MOST) {
        values.remove(values.keySet().iterator().next());
      }
    }
    return value;
  }
}
