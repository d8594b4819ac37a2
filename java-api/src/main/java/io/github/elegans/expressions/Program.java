package io.github.elegans.expressions;

import java.util.Arrays;

/**
 * A straight line of primitive operations on the variables of a lane, run again and again: in each
 * round, all variables are read, everything is computed, and then variables are written. Rounds end
 * when a lane asks for attention or when there were as many as allowed.
 *
 * <p>Operation i gives value i; operands are numbers of earlier values.
 */
public final class Program {
  /** Most variables of a lane: so many lanes' numbers can still be counted by an int. */
  public static final int MOST_VARIABLES = 1 << 20;

  /** Processors begin about two operations a cycle. */
  private static final double CYCLES_OF_AN_OPERATION = 0.53;

  private final Precision precision;
  private final int variables;
  private final Op[] ops;
  private final int[] a;
  private final int[] b;
  private final int[] c;
  private final long[] immediates;
  private final int[] storedVariables;
  private final int[] storedValues;
  private final int attention;

  /**
   * Flattens what the outputs need of a graph.
   *
   * @param variables how many variables a lane has, at most {@value #MOST_VARIABLES}
   * @param storedVariables the variables that are written, each once
   * @param storedNodes the node whose value each of them gets, a real number
   * @param attention the mask of lanes that ask for attention, or -1 for one round only
   * @throws IndexOutOfBoundsException if a variable is written or read that a lane does not have,
   *     or a node is not in the graph
   * @throws IllegalArgumentException if another argument is not as described
   */
  public Program(
      Graph graph, int variables, int[] storedVariables, int[] storedNodes, int attention) {
    // Copied first: what was checked must stay so.
    this.storedVariables = storedVariables.clone();
    int[] roots = Arrays.copyOf(storedNodes, storedNodes.length + (attention < 0 ? 0 : 1));
    checkStores(graph, variables, this.storedVariables, roots, storedNodes.length);
    if (attention != -1 && graph.op(attention).type() != Op.Type.MASK) {
      throw new IllegalArgumentException(
          "attention must be a mask, but node %d is of type %s"
              .formatted(attention, graph.op(attention).type()));
    }
    this.precision = graph.precision();
    this.variables = variables;
    int stores = this.storedVariables.length;
    if (attention >= 0) {
      roots[stores] = attention;
    }
    Graph lowered = new Graph(precision);
    Lowering.lower(graph, roots, lowered);
    int[] numbers = order(lowered, roots);
    int count = 0;
    for (int number : numbers) {
      count = Math.max(count, number + 1);
    }
    this.ops = new Op[count];
    this.a = new int[count];
    this.b = new int[count];
    this.c = new int[count];
    this.immediates = new long[count];
    for (int node = 0; node < numbers.length; node++) {
      int i = numbers[node];
      if (i >= 0) {
        Op op = lowered.op(node);
        ops[i] = op;
        a[i] = op.arity() > 0 ? numbers[lowered.operand(node, 0)] : -1;
        b[i] = op.arity() > 1 ? numbers[lowered.operand(node, 1)] : -1;
        c[i] = op.arity() > 2 ? numbers[lowered.operand(node, 2)] : -1;
        immediates[i] = lowered.immediate(node);
        if (op == Op.VARIABLE) {
          checkVariable("read", immediates[i], variables);
        }
      }
    }
    this.storedValues = new int[stores];
    Arrays.setAll(storedValues, i -> numbers[roots[i]]);
    this.attention = attention < 0 ? -1 : numbers[roots[stores]];
  }

  private static void checkStores(
      Graph graph, int variables, int[] storedVariables, int[] nodes, int stores) {
    if (variables < 0 || variables > MOST_VARIABLES) {
      throw new IllegalArgumentException(
          "variables must lie between 0 and %d, but are %d".formatted(MOST_VARIABLES, variables));
    }
    if (storedVariables.length != stores) {
      throw new IllegalArgumentException(
          "storedVariables has %d elements, but storedNodes %d"
              .formatted(storedVariables.length, stores));
    }
    boolean[] stored = new boolean[variables];
    for (int i = 0; i < stores; i++) {
      int variable = storedVariables[i];
      checkVariable("written", variable, variables);
      if (stored[variable]) {
        throw new IllegalArgumentException("variable %d is written twice".formatted(variable));
      }
      stored[variable] = true;
      if (graph.op(nodes[i]).type() != Op.Type.REAL) {
        throw new IllegalArgumentException(
            "variable %d must get a real number, but node %d is of type %s"
                .formatted(variable, nodes[i], graph.op(nodes[i]).type()));
      }
    }
  }

  private static void checkVariable(String what, long variable, int variables) {
    if (variable < 0 || variable >= variables) {
      throw new IndexOutOfBoundsException(
          "variable %d is %s, but a lane has %d".formatted(variable, what, variables));
    }
  }

  /** Numbers the nodes depth first from the roots, so that values live shortly. */
  private static int[] order(Graph graph, int[] roots) {
    int[] numbers = new int[graph.size()];
    Arrays.fill(numbers, -1);
    int[] stack = new int[graph.size() * 3 + roots.length];
    int next = 0;
    for (int root : roots) {
      int depth = 0;
      stack[depth++] = root;
      while (depth > 0) {
        int node = stack[depth - 1];
        if (numbers[node] >= 0) {
          depth--;
          continue;
        }
        int before = depth;
        for (int i = graph.op(node).arity() - 1; i >= 0; i--) {
          if (numbers[graph.operand(node, i)] < 0) {
            if (depth == stack.length) {
              stack = Arrays.copyOf(stack, 2 * depth);
            }
            stack[depth++] = graph.operand(node, i);
          }
        }
        if (depth == before) {
          numbers[node] = next++;
          depth--;
        }
      }
    }
    return numbers;
  }

  /** The numbers that it computes with. */
  public Precision precision() {
    return precision;
  }

  /** How many variables a lane has. */
  public int variables() {
    return variables;
  }

  /** How many operations there are. */
  public int size() {
    return ops.length;
  }

  /** The operation that gives value i. */
  public Op op(int i) {
    return ops[i];
  }

  /** The number of an operand's value. */
  public int operand(int i, int which) {
    return which == 0 ? a[i] : which == 1 ? b[i] : c[i];
  }

  /** The number of a variable, the bits of a double for a constant, the count of a shift. */
  public long immediate(int i) {
    return immediates[i];
  }

  /** How many variables are written. */
  public int stores() {
    return storedVariables.length;
  }

  /** The variable that is written as number i. */
  public int storedVariable(int i) {
    return storedVariables[i];
  }

  /** The number of the value that the variable written as number i gets. */
  public int storedValue(int i) {
    return storedValues[i];
  }

  /** The number of the mask of lanes that ask for attention, or -1: then there is one round. */
  public int attention() {
    return attention;
  }

  /** The last operation that reads each value, or {@link #size()} where it is stored. */
  public int[] lastUses() {
    int[] last = new int[ops.length];
    for (int i = 0; i < ops.length; i++) {
      for (int k = 0; k < ops[i].arity(); k++) {
        last[operand(i, k)] = i;
      }
    }
    for (int value : storedValues) {
      last[value] = ops.length;
    }
    return last;
  }

  /** How many real values are alive at once, at most: what a processor would keep in registers. */
  public int alive() {
    int[] last = lastUses();
    int[] ends = new int[ops.length + 1];
    int alive = 0;
    int most = 0;
    for (int i = 0; i < ops.length; i++) {
      if (ops[i].arity() > 0 && ops[i].type() == Op.Type.REAL) {
        most = Math.max(most, ++alive);
        ends[last[i]]++;
      }
      alive -= ends[i];
    }
    return most;
  }

  /** How many operations compute something: neither variables nor constants. */
  public int operations() {
    int count = 0;
    for (Op op : ops) {
      count += op.arity() > 0 ? 1 : 0;
    }
    return count;
  }

  /**
   * How much longer a processor waits for results than it computes if one vector of lanes goes
   * through the program at a time: the longest chain of operations that need each other, by what
   * each takes on today's processors, over the time that all of them take where none waits. Beyond
   * 1, several vectors side by side take less time each.
   */
  public double waiting() {
    int longest = 0;
    int[] ends = new int[ops.length];
    for (int i = 0; i < ends.length; i++) {
      for (int k = 0; k < ops[i].arity(); k++) {
        ends[i] = Math.max(ends[i], ends[operand(i, k)]);
      }
      ends[i] += latency(ops[i]);
      longest = Math.max(longest, ends[i]);
    }
    return longest / (CYCLES_OF_AN_OPERATION * Math.max(1, operations()));
  }

  private static int latency(Op op) {
    return switch (op) {
      case VARIABLE, CONSTANT, BITS_CONSTANT, TO_BITS, FROM_BITS -> 0;
      case ADD, SUB, MUL, FMA -> 4;
      case DIV, SQRT -> 14;
      default -> 2;
    };
  }

  /** How many different constants there are. */
  public int constants() {
    int count = 0;
    for (Op op : ops) {
      if (op == Op.CONSTANT || op == Op.BITS_CONSTANT) {
        count++;
      }
    }
    return count;
  }
}
