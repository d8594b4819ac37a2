package io.github.elegans.expressions;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * Runs programs operation by operation, each over all lanes: the definition of what every backend
 * computes. For one thread at a time.
 */
public final class Interpreter {
  private final Program program;
  private final int width;
  private final boolean isFloat;

  // Values of operations, by operation and lane: numbers here, bits and masks (1 or 0) there.
  private final double[] reals;
  private final long[] words;

  /** The operations that read a variable. */
  private final int[] variables;

  /** An interpreter for so many lanes at a time. */
  public Interpreter(Program program, int width) {
    this.program = program;
    this.width = width;
    this.isFloat = program.precision() == Precision.FLOAT;
    this.reals = new double[program.size() * width];
    this.words = new long[program.size() * width];
    this.variables =
        IntStream.range(0, program.size()).filter(i -> program.op(i) == Op.VARIABLE).toArray();
    for (int i = 0; i < program.size(); i++) {
      for (int l = 0; l < width; l++) {
        switch (program.op(i)) {
          case CONSTANT -> reals[i * width + l] = Double.longBitsToDouble(program.immediate(i));
          case BITS_CONSTANT -> words[i * width + l] = program.immediate(i);
          default -> {}
        }
      }
    }
  }

  /**
   * Runs rounds over lanes.
   *
   * @param lanes the variables: number v of lane l at {@code v * width + l}
   * @param rounds how many at most
   * @return how many there were
   */
  public int run(double[] lanes, int rounds) {
    int done = 0;
    boolean attention = false;
    while (done < rounds && !attention) {
      for (int i : variables) {
        System.arraycopy(lanes, (int) program.immediate(i) * width, reals, i * width, width);
      }
      attention = compute();
      for (int s = 0; s < program.stores(); s++) {
        System.arraycopy(
            reals, program.storedValue(s) * width, lanes, program.storedVariable(s) * width, width);
      }
      done++;
    }
    return done;
  }

  /** The same over a kernel's lanes, of the program's precision. */
  public int run(MemorySegment lanes, int rounds) {
    int done = 0;
    boolean attention = false;
    while (done < rounds && !attention) {
      for (int i : variables) {
        long from = program.immediate(i) * width;
        for (int l = 0; l < width; l++) {
          reals[i * width + l] =
              isFloat
                  ? lanes.getAtIndex(JAVA_FLOAT, from + l)
                  : lanes.getAtIndex(JAVA_DOUBLE, from + l);
        }
      }
      attention = compute();
      for (int s = 0; s < program.stores(); s++) {
        int from = program.storedValue(s) * width;
        long to = (long) program.storedVariable(s) * width;
        for (int l = 0; l < width; l++) {
          if (isFloat) {
            lanes.setAtIndex(JAVA_FLOAT, to + l, (float) reals[from + l]);
          } else {
            lanes.setAtIndex(JAVA_DOUBLE, to + l, reals[from + l]);
          }
        }
      }
      done++;
    }
    return done;
  }

  /** Computes all values; says whether there is no other round. */
  private boolean compute() {
    for (int i = 0; i < program.size(); i++) {
      execute(i);
    }
    boolean attention = program.attention() < 0;
    for (int l = 0; l < width && !attention; l++) {
      attention = words[program.attention() * width + l] != 0;
    }
    return attention;
  }

  private void execute(int i) {
    Op op = program.op(i);
    int to = i * width;
    int a = program.operand(i, 0) * width;
    int b = program.operand(i, 1) * width;
    int c = program.operand(i, 2) * width;
    double[] r = reals;
    long[] w = words;
    switch (op) {
      case VARIABLE, CONSTANT, BITS_CONSTANT -> {}
      case ADD -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = r[a + l] + r[b + l];
        }
        round(to);
      }
      case SUB -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = r[a + l] - r[b + l];
        }
        round(to);
      }
      case MUL -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = r[a + l] * r[b + l];
        }
        round(to);
      }
      case DIV -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = r[a + l] / r[b + l];
        }
        round(to);
      }
      case FMA -> {
        for (int l = 0; l < width; l++) {
          r[to + l] =
              isFloat
                  ? Math.fma((float) r[a + l], (float) r[b + l], (float) r[c + l])
                  : Math.fma(r[a + l], r[b + l], r[c + l]);
        }
      }
      case NEG -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = -r[a + l];
        }
      }
      case ABS -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = Math.abs(r[a + l]);
        }
      }
      case SQRT -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = Math.sqrt(r[a + l]);
        }
        round(to);
      }
      case MIN -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = r[a + l] < r[b + l] ? r[a + l] : r[b + l];
        }
      }
      case MAX -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = r[a + l] > r[b + l] ? r[a + l] : r[b + l];
        }
      }
      case SELECT -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = w[a + l] != 0 ? r[b + l] : r[c + l];
        }
      }
      case LESS -> {
        for (int l = 0; l < width; l++) {
          w[to + l] = r[a + l] < r[b + l] ? 1 : 0;
        }
      }
      case LESS_EQUAL -> {
        for (int l = 0; l < width; l++) {
          w[to + l] = r[a + l] <= r[b + l] ? 1 : 0;
        }
      }
      case EQUAL -> {
        for (int l = 0; l < width; l++) {
          w[to + l] = r[a + l] == r[b + l] ? 1 : 0;
        }
      }
      case TO_BITS -> {
        for (int l = 0; l < width; l++) {
          w[to + l] = program.precision().bits(r[a + l]);
        }
      }
      case FROM_BITS -> {
        for (int l = 0; l < width; l++) {
          r[to + l] = program.precision().value(w[a + l]);
        }
      }
      default -> {
        for (int l = 0; l < width; l++) {
          w[to + l] =
              Scalar.apply(
                  op,
                  program.precision(),
                  w[a + l],
                  op.arity() > 1 ? w[b + l] : 0,
                  0,
                  (int) program.immediate(i));
        }
      }
    }
  }

  /** Sums, products, quotients and roots of floats, taken in double, are rounded once this way. */
  private void round(int to) {
    if (isFloat) {
      for (int l = 0; l < width; l++) {
        reals[to + l] = (float) reals[to + l];
      }
    }
  }
}
