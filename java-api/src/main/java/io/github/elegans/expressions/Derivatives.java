package io.github.elegans.expressions;

import java.util.Arrays;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Derivatives of nodes, as nodes of the same graph. Each visits only what it depends on, so that
 * those of many small functions in a large graph stay cheap; for one thread at a time.
 */
public final class Derivatives {
  private final Graph graph;

  // Of the last walk: a node was visited if it has its mark.
  private int walk;
  private int[] marks = new int[0];
  private int[] stack = new int[64];
  private int[] tangents = new int[0];

  /** Derivatives of nodes of a graph, which grows by them. */
  public Derivatives(Graph graph) {
    this.graph = graph;
  }

  /**
   * The derivative of nodes in one direction.
   *
   * @param nodes what is differentiated
   * @param direction the derivative of the nodes that count as independent variables
   * @return the derivatives; a node that does not depend on them has the constant 0
   */
  public int[] along(int[] nodes, Map<Integer, Integer> direction) {
    int[] needed = below(nodes, direction::containsKey);
    int zero = graph.constant(0);
    for (int node : needed) {
      Integer seed = direction.get(node);
      tangents[node] = seed != null ? seed : tangent(node, zero);
    }
    int[] result = new int[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      result[i] = tangentOf(nodes[i], zero);
    }
    return result;
  }

  /**
   * The partial derivatives of nodes by variables.
   *
   * @param variables nodes without operands
   * @return {@code [node][variable]}; -1 where it is 0 whatever the variables
   */
  public int[][] jacobian(int[] nodes, int[] variables) {
    int zero = graph.constant(0);
    int one = graph.constant(1);
    int[] needed = below(nodes, node -> false);
    // Who uses a node: only what depends on a variable is differentiated by it.
    int size = graph.size();
    int[] firstUser = new int[size + 1];
    for (int node : needed) {
      for (int i = 0; i < graph.op(node).arity(); i++) {
        firstUser[graph.operand(node, i) + 1]++;
      }
    }
    for (int node = 0; node < size; node++) {
      firstUser[node + 1] += firstUser[node];
    }
    int[] users = new int[firstUser[size]];
    int[] filled = Arrays.copyOf(firstUser, size);
    for (int node : needed) {
      for (int i = 0; i < graph.op(node).arity(); i++) {
        users[filled[graph.operand(node, i)]++] = node;
      }
    }
    int[][] rows = rows(nodes, size);
    int[][] jacobian = new int[nodes.length][variables.length];
    for (int[] row : jacobian) {
      Arrays.fill(row, -1);
    }
    for (int j = 0; j < variables.length; j++) {
      int[] dependent = above(variables[j], firstUser, users);
      for (int node : dependent) {
        int tangent = node == variables[j] ? one : tangent(node, zero);
        tangents[node] = tangent;
        if (tangent != zero && rows[node] != null) {
          for (int row : rows[node]) {
            jacobian[row][j] = tangent;
          }
        }
      }
    }
    return jacobian;
  }

  /** In which places a node stands. */
  private static int[] @Nullable [] rows(int[] nodes, int size) {
    int[] @Nullable [] rows = new int[size][];
    for (int i = 0; i < nodes.length; i++) {
      int[] before = rows[nodes[i]];
      int[] places = before == null ? new int[1] : Arrays.copyOf(before, before.length + 1);
      places[places.length - 1] = i;
      rows[nodes[i]] = places;
    }
    return rows;
  }

  /** The partial derivative of a node by another. */
  public int by(int node, int variable) {
    return along(new int[] {node}, Map.of(variable, graph.constant(1)))[0];
  }

  /** The derivative of a node of the last walk; beyond it, everything is constant. */
  private int tangentOf(int node, int zero) {
    return node < marks.length && marks[node] == walk ? tangents[node] : zero;
  }

  private int tangent(int node, int zero) {
    Graph g = graph;
    Op op = g.op(node);
    if (op.arity() == 0 || op.type() == Op.Type.MASK) {
      return zero;
    }
    int x = g.operand(node, 0);
    int y = g.operand(node, 1);
    int z = g.operand(node, 2);
    int dx = op == Op.SELECT ? zero : tangentOf(x, zero);
    int dy = op.arity() > 1 ? tangentOf(y, zero) : zero;
    int dz = op.arity() > 2 ? tangentOf(z, zero) : zero;
    if (dx == zero && dy == zero && dz == zero) {
      return zero;
    }
    int one = g.constant(1);
    return switch (op) {
      case ADD -> g.add(dx, dy);
      case SUB -> g.sub(dx, dy);
      case MUL -> g.add(g.mul(dx, y), g.mul(x, dy));
      case DIV -> g.div(g.sub(dx, g.mul(node, dy)), y);
      case FMA -> g.add(g.add(g.mul(dx, y), g.mul(x, dy)), dz);
      case NEG -> g.neg(dx);
      case ABS -> g.select(g.less(x, zero), g.neg(dx), dx);
      case SQRT -> g.div(dx, g.add(node, node));
      case MIN -> g.select(g.less(x, y), dx, dy);
      case MAX -> g.select(g.less(y, x), dx, dy);
      case SELECT -> g.select(x, dy, dz);
      case POWI -> {
        int n = (int) g.immediate(node);
        yield g.mul(g.mul(g.constant(n), g.powi(x, n - 1)), dx);
      }
      case POW -> {
        int byBase = dx == zero ? zero : g.mul(g.mul(y, g.pow(x, g.sub(y, one))), dx);
        int byExponent = dy == zero ? zero : g.mul(g.mul(node, g.function(Op.LOG, x)), dy);
        yield g.add(byBase, byExponent);
      }
      case EXP -> g.mul(node, dx);
      case EXPM1 -> g.mul(g.function(Op.EXP, x), dx);
      case LOG -> g.div(dx, x);
      case LOG1P -> g.div(dx, g.add(one, x));
      case SIN -> g.mul(g.function(Op.COS, x), dx);
      case COS -> g.neg(g.mul(g.function(Op.SIN, x), dx));
      case TANH -> g.mul(g.sub(one, g.mul(node, node)), dx);
      case SIGMOID -> g.mul(g.mul(node, g.sub(one, node)), dx);
      // E' = E + (1 - E) / x, which cancels near 0: there, its series Σ (k + 1)/(k + 2)! xᵏ.
      case EXPREL -> {
        int slope = g.add(node, g.div(g.sub(one, node), x));
        int near = g.less(g.abs(x), g.constant(1e-2));
        int series = g.polynomial(x, 1.0 / 840, 1.0 / 144, 1.0 / 30, 1.0 / 8, 1.0 / 3, 0.5);
        yield g.mul(g.select(near, series, slope), dx);
      }
      // B' = B (1 - B - x) / x, which cancels near 0: there, its series.
      case BERNOULLI -> {
        int slope = g.div(g.mul(node, g.sub(g.sub(one, node), x)), x);
        int near = g.less(g.abs(x), g.constant(1e-4));
        int series = g.fma(x, g.constant(1.0 / 6), g.constant(-0.5));
        yield g.mul(g.select(near, series, slope), dx);
      }
      default -> throw new IllegalArgumentException("operations on bits have no derivative: " + op);
    };
  }

  /** Whether a node depends on another. */
  public boolean depends(int node, int on) {
    return Arrays.binarySearch(below(new int[] {node}, n -> n <= on), on) >= 0;
  }

  /** The nodes of all variables that a node depends on, in the order of their making. */
  public int[] variables(int node) {
    return Arrays.stream(below(new int[] {node}, n -> false))
        .filter(n -> graph.op(n) == Op.VARIABLE)
        .toArray();
  }

  /** Nodes and what they are made of, in the order of their making; stops behind some. */
  private int[] below(int[] nodes, IntPredicate stops) {
    startWalk();
    int[] found = new int[Math.max(16, 2 * nodes.length)];
    int count = 0;
    int depth = 0;
    for (int node : nodes) {
      depth = push(node, depth);
    }
    while (depth > 0) {
      int node = stack[--depth];
      if (count == found.length) {
        found = Arrays.copyOf(found, 2 * count);
      }
      found[count++] = node;
      if (!stops.test(node)) {
        for (int i = 0; i < graph.op(node).arity(); i++) {
          depth = push(graph.operand(node, i), depth);
        }
      }
    }
    int[] sorted = Arrays.copyOf(found, count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** A node and what is made of it, in the order of their making. */
  private int[] above(int node, int[] firstUser, int[] users) {
    startWalk();
    int[] found = new int[16];
    int count = 0;
    int depth = push(node, 0);
    while (depth > 0) {
      int next = stack[--depth];
      if (count == found.length) {
        found = Arrays.copyOf(found, 2 * count);
      }
      found[count++] = next;
      for (int i = firstUser[next]; i < firstUser[next + 1]; i++) {
        depth = push(users[i], depth);
      }
    }
    int[] sorted = Arrays.copyOf(found, count);
    Arrays.sort(sorted);
    return sorted;
  }

  private void startWalk() {
    walk++;
    if (marks.length < graph.size()) {
      marks = Arrays.copyOf(marks, Math.max(graph.size(), 2 * marks.length));
      tangents = Arrays.copyOf(tangents, marks.length);
    }
  }

  /** Puts a node on the stack once in a walk. */
  private int push(int node, int depth) {
    if (marks[node] == walk) {
      return depth;
    }
    marks[node] = walk;
    if (depth == stack.length) {
      stack = Arrays.copyOf(stack, 2 * depth);
    }
    stack[depth] = node;
    return depth + 1;
  }
}
