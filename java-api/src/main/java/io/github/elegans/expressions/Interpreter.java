package io.github.elegans.expressions;

/**
 * Runs programs operation by operation, each over all lanes: the definition of what every backend
 * computes.
 */
public final class Interpreter {
  private final Program program;
  private final int width;
  private final long[] values;

  /** An interpreter for so many lanes at a time. */
  public Interpreter(Program program, int width) {
    this.program = program;
    this.width = width;
    this.values = new long[program.size() * width];
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
      for (int i = 0; i < program.size(); i++) {
        execute(i, lanes);
      }
      for (int s = 0; s < program.stores(); s++) {
        int to = program.storedVariable(s) * width;
        int from = program.storedValue(s) * width;
        for (int l = 0; l < width; l++) {
          lanes[to + l] = Double.longBitsToDouble(values[from + l]);
        }
      }
      done++;
      if (program.attention() < 0) {
        break;
      }
      for (int l = 0; l < width; l++) {
        attention |= values[program.attention() * width + l] != 0;
      }
    }
    return done;
  }

  private void execute(int i, double[] lanes) {
    Op op = program.op(i);
    int to = i * width;
    int a = program.operand(i, 0) * width;
    int b = program.operand(i, 1) * width;
    int c = program.operand(i, 2) * width;
    long immediate = program.immediate(i);
    switch (op) {
      case VARIABLE -> {
        for (int l = 0; l < width; l++) {
          values[to + l] = Double.doubleToRawLongBits(lanes[(int) immediate * width + l]);
        }
      }
      case CONSTANT, BITS_CONSTANT -> {
        for (int l = 0; l < width; l++) {
          values[to + l] = immediate;
        }
      }
      default -> {
        Precision precision = program.precision();
        for (int l = 0; l < width; l++) {
          values[to + l] =
              Scalar.apply(
                  op,
                  precision,
                  op.arity() > 0 ? values[a + l] : 0,
                  op.arity() > 1 ? values[b + l] : 0,
                  op.arity() > 2 ? values[c + l] : 0,
                  (int) immediate);
        }
      }
    }
  }
}
