package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sum of the gradients of leaves, in a fixed order whatever the order in which they come: two
 * leaves make a pair, two pairs four, and so on, as a binary counter does; what remains at the end
 * is added from the smallest up. So leaves may be done by any number of threads.
 */
final class GradientSum {
  private final Kernels kernels;
  private final ParameterLayout layout;
  private final List<ParameterBlock> free = new ArrayList<>();

  /** Sums that wait for the other one of their pair. */
  private final List<Partial> waiting = new ArrayList<>();

  private static final class Partial {
    /** 2^level leaves, from index · 2^level on. */
    int level;

    int index;
    ParameterBlock block;

    Partial(ParameterBlock block) {
      this.block = block;
    }
  }

  private final List<Partial> freePartials = new ArrayList<>();

  GradientSum(TrainableModel model) {
    kernels = model.kernels();
    layout = model.layout();
  }

  /** Zeros for a leaf; may be called by many threads. */
  ParameterBlock begin() {
    ParameterBlock block;
    synchronized (this) {
      block = free.isEmpty() ? null : free.removeLast();
    }
    if (block == null) {
      return new ParameterBlock(layout);
    }
    block.clear();
    return block;
  }

  /** Takes a leaf's gradient; may be called by many threads. */
  void add(int leaf, ParameterBlock gradient) {
    int level = 0;
    int index = leaf;
    while (true) {
      ParameterBlock other = exchange(level, index, gradient);
      if (other == null) {
        return;
      }
      kernels.optimisers().add(other.memory(), gradient.memory(), layout.floats());
      synchronized (this) {
        free.add(other);
      }
      level++;
      index >>= 1;
    }
  }

  /** Takes the other one of a pair, or else leaves this one waiting. */
  private synchronized @Nullable ParameterBlock exchange(
      int level, int index, ParameterBlock gradient) {
    for (int i = 0; i < waiting.size(); i++) {
      Partial partial = waiting.get(i);
      if (partial.level == level && partial.index == (index ^ 1)) {
        waiting.remove(i);
        freePartials.add(partial);
        return partial.block;
      }
    }
    Partial partial = freePartials.isEmpty() ? new Partial(gradient) : freePartials.removeLast();
    partial.level = level;
    partial.index = index;
    partial.block = gradient;
    waiting.add(partial);
    return null;
  }

  /** The sum of all leaves, of which none may be under way. */
  void total(ParameterBlock to) {
    boolean first = true;
    for (int level = 0; level < Integer.SIZE; level++) {
      for (int i = 0; i < waiting.size(); i++) {
        Partial partial = waiting.get(i);
        if (partial.level == level) {
          if (first) {
            to.memory().copyFrom(partial.block.memory());
            first = false;
          } else {
            kernels.optimisers().add(partial.block.memory(), to.memory(), layout.floats());
          }
        }
      }
    }
    if (first) {
      to.clear();
    }
  }

  /** Forgets all leaves. */
  void clear() {
    for (int i = 0; i < waiting.size(); i++) {
      Partial partial = waiting.get(i);
      free.add(partial.block);
      freePartials.add(partial);
    }
    waiting.clear();
  }
}
