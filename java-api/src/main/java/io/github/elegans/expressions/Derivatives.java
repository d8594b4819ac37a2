package io.github.elegans.expressions;

import java.util.Map;

/** Derivatives of nodes, as nodes of the same graph. */
public final class Derivatives {
  private final Graph graph;

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
    int last = -1;
    for (int node : nodes) {
      last = Math.max(last, node);
    }
    boolean[] needed = new boolean[last + 1];
    for (int node : nodes) {
      needed[node] = true;
    }
    for (int node = last; node >= 0; node--) {
      if (needed[node] && !direction.containsKey(node)) {
        for (int i = 0; i < graph.op(node).arity(); i++) {
          needed[graph.operand(node, i)] = true;
        }
      }
    }
    int zero = graph.constant(0);
    int[] tangents = new int[last + 1];
    for (int node = 0; node <= last; node++) {
      if (needed[node]) {
        Integer seed = direction.get(node);
        tangents[node] = seed != null ? seed : tangent(node, tangents, zero);
      }
    }
    int[] result = new int[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      result[i] = tangents[nodes[i]];
    }
    return result;
  }

  /** The partial derivative of a node by another. */
  public int by(int node, int variable) {
    return along(new int[] {node}, Map.of(variable, graph.constant(1)))[0];
  }

  private int tangent(int node, int[] tangents, int zero) {
    Graph g = graph;
    Op op = g.op(node);
    if (op.arity() == 0 || op.type() == Op.Type.MASK) {
      return zero;
    }
    int x = g.operand(node, 0);
    int y = g.operand(node, 1);
    int z = g.operand(node, 2);
    int dx = op == Op.SELECT ? zero : tangents[x];
    int dy = op.arity() > 1 ? tangents[y] : zero;
    int dz = op.arity() > 2 ? tangents[z] : zero;
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
    if (node < on) {
      return false;
    }
    boolean[] reaches = new boolean[node + 1];
    reaches[on] = true;
    for (int i = on + 1; i <= node; i++) {
      for (int k = 0; k < graph.op(i).arity(); k++) {
        reaches[i] |= reaches[graph.operand(i, k)];
      }
    }
    return reaches[node];
  }
}
