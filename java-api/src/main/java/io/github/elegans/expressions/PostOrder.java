package io.github.elegans.expressions;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Operands before what uses them, without recursion: expressions may be as deep as they are long.
 */
final class PostOrder {
  private PostOrder() {}

  /**
   * The value of a root, from those of everything in it.
   *
   * @param known values that are there already; is added to
   * @param operands of a node
   * @param value of a node whose operands have these values
   */
  static <N, V> V value(
      N root, Map<N, V> known, Function<N, List<N>> operands, BiFunction<N, List<V>, V> value) {
    ArrayDeque<N> open = new ArrayDeque<>();
    open.push(root);
    while (!open.isEmpty()) {
      N node = open.peek();
      if (known.containsKey(node)) {
        open.pop();
        continue;
      }
      List<N> needed = operands.apply(node);
      boolean ready = true;
      for (N operand : needed) {
        if (!known.containsKey(operand)) {
          open.push(operand);
          ready = false;
        }
      }
      if (ready) {
        open.pop();
        List<V> values = new ArrayList<>(needed.size());
        for (N operand : needed) {
          values.add(known.get(operand));
        }
        known.put(node, value.apply(node, values));
      }
    }
    return known.get(root);
  }
}
