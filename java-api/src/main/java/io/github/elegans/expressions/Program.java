package io.github.elegans.expressions;

import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
   * @param storedNodes the node whose value each of them gets
   * @param attention the mask of lanes that ask for attention, or null for one round only
   * @throws IndexOutOfBoundsException if a variable is written or read that a lane does not have
   * @throws IllegalArgumentException if another argument is not as described, or a node is not in
   *     the graph
   */
  public Program(
      Graph graph,
      int variables,
      int[] storedVariables,
      Real[] storedNodes,
      @Nullable Mask attention) {
    // Copied first: what was checked must stay so.
    this.storedVariables = storedVariables.clone();
    List<Node> outputs = new ArrayList<>(List.of(storedNodes));
    checkStores(variables, this.storedVariables, outputs.size());
    if (attention != null) {
      outputs.add(attention);
    }
    this.precision = graph.precision();
    this.variables = variables;
    Graph lowered = new Graph(precision);
    List<Node> roots = Lowering.lower(graph, outputs, lowered);
    int[] numbers = new int[lowered.nodes().size()];
    List<Node> order = order(roots, numbers);
    int count = order.size();
    this.ops = new Op[count];
    this.a = new int[count];
    this.b = new int[count];
    this.c = new int[count];
    this.immediates = new long[count];
    for (int i = 0; i < count; i++) {
      Node node = order.get(i);
      ops[i] = node.op();
      a[i] = operand(node, 0, numbers);
      b[i] = operand(node, 1, numbers);
      c[i] = operand(node, 2, numbers);
      immediates[i] = node.immediate();
      if (node.op() == Op.VARIABLE) {
        checkVariable("read", immediates[i], variables);
      }
    }
    this.storedValues = new int[this.storedVariables.length];
    Arrays.setAll(storedValues, i -> numbers[roots.get(i).number()]);
    this.attention = attention == null ? -1 : numbers[roots.getLast().number()];
  }

  private static int operand(Node node, int which, int[] numbers) {
    return which < node.operands.length ? numbers[node.operand(which).number()] : -1;
  }

  private static void checkStores(int variables, int[] storedVariables, int stores) {
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
    for (int variable : storedVariables) {
      checkVariable("written", variable, variables);
      if (stored[variable]) {
        throw new IllegalArgumentException("variable %d is written twice".formatted(variable));
      }
      stored[variable] = true;
    }
  }

  private static void checkVariable(String what, long variable, int variables) {
    if (variable < 0 || variable >= variables) {
      throw new IndexOutOfBoundsException(
          "variable %d is %s, but a lane has %d".formatted(variable, what, variables));
    }
  }

  /**
   * Nodes depth first from the roots, so that values live shortly.
   *
   * @param numbers gets the place of each, -1 if it has none
   */
  private static List<Node> order(List<Node> roots, int[] numbers) {
    Arrays.fill(numbers, -1);
    List<Node> order = new ArrayList<>();
    Deque<Node> open = new ArrayDeque<>();
    for (Node root : roots) {
      open.push(root);
      while (!open.isEmpty()) {
        Node node = open.getFirst();
        int before = open.size();
        if (numbers[node.number()] < 0) {
          for (int i = node.operands.length - 1; i >= 0; i--) {
            if (numbers[node.operand(i).number()] < 0) {
              open.push(node.operand(i));
            }
          }
        }
        if (open.size() == before) {
          open.pop();
          if (numbers[node.number()] < 0) {
            numbers[node.number()] = order.size();
            order.add(node);
          }
        }
      }
    }
    return order;
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
