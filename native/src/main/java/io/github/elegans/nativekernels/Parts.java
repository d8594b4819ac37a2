package io.github.elegans.nativekernels;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Program;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * A program cut into parts of about equal work, because compilers take only so much at once, and
 * what passes from part to part. Variables and constants belong to no part: each reads them itself.
 * What is stored, and the mask of attention, is due in the last part.
 */
final class Parts {
  private final int count;
  private final int[] partOf;
  private final boolean[] passes;

  /**
   * Cuts a program.
   *
   * @param weight the work of an operation
   * @param whole a program of so much work stays whole
   * @param most the work of a part, at most; about, because operations are not divided
   */
  Parts(Program program, ToIntFunction<Op> weight, int whole, int most) {
    int size = program.size();
    int total = 0;
    for (int i = 0; i < size; i++) {
      total += program.op(i).arity() == 0 ? 0 : weight.applyAsInt(program.op(i));
    }
    this.count = total <= whole ? 1 : (total + most - 1) / most;
    this.partOf = new int[size];
    this.passes = new boolean[size];
    int each = Math.max(1, (total + count - 1) / count);
    int seen = 0;
    Arrays.fill(partOf, -1);
    for (int i = 0; i < size; i++) {
      if (program.op(i).arity() > 0) {
        partOf[i] = Math.min(count - 1, seen / each);
        seen += weight.applyAsInt(program.op(i));
        for (int k = 0; k < program.op(i).arity(); k++) {
          use(program.operand(i, k), partOf[i]);
        }
      }
    }
    for (int s = 0; s < program.stores(); s++) {
      use(program.storedValue(s), count - 1);
    }
    if (program.attention() >= 0) {
      use(program.attention(), count - 1);
    }
  }

  private void use(int value, int part) {
    passes[value] |= partOf[value] >= 0 && partOf[value] != part;
  }

  /** How many parts there are, at least 1. */
  int count() {
    return count;
  }

  /** The part that computes a value, or -1 for a variable or a constant. */
  int of(int value) {
    return partOf[value];
  }

  /** Whether a later part than its own reads a value. */
  boolean passes(int value) {
    return passes[value];
  }
}
