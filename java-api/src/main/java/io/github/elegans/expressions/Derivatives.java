package io.github.elegans.expressions;

import io.github.elegans.expressions.Node.Mask;
import io.github.elegans.expressions.Node.Real;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Derivatives of nodes, as nodes of the same graph. Each visits only what it depends on, so that
 * those of many small functions in a large graph stay cheap; for one thread at a time.
 */
public final class Derivatives {
  private final Graph graph;

  // Of the last walk: a node was visited if its number has the walk's mark.
  private int walk;
  private int[] marks = new int[0];
  private Real[] tangents = new Real[0];

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
  public Real[] along(Real[] nodes, Map<Real, Real> direction) {
    direction.forEach(graph::own);
    List<Node> needed = below(List.of(nodes), direction::containsKey);
    Real zero = graph.constant(0);
    for (Node node : needed) {
      Real seed = direction.get(node);
      tangents[node.number()] = seed != null ? seed : tangent(node, zero);
    }
    Real[] result = new Real[nodes.length];
    Arrays.setAll(result, i -> tangentOf(nodes[i], zero));
    return result;
  }

  /**
   * The partial derivatives of nodes by variables.
   *
   * @param variables nodes without operands
   * @return {@code [node][variable]}; null where it is 0 whatever the variables
   */
  public @Nullable Real[][] jacobian(Real[] nodes, Real[] variables) {
    graph.own(variables);
    Real zero = graph.constant(0);
    Real one = graph.constant(1);
    // Who uses a node: only what depends on a variable is differentiated by it.
    Map<Node, List<Node>> users = new HashMap<>();
    for (Node node : below(List.of(nodes), node -> false)) {
      for (Node operand : node.operands) {
        users.computeIfAbsent(operand, key -> new ArrayList<>()).add(node);
      }
    }
    Map<Node, List<Integer>> rows = new HashMap<>();
    for (int i = 0; i < nodes.length; i++) {
      rows.computeIfAbsent(nodes[i], key -> new ArrayList<>()).add(i);
    }
    @Nullable Real[][] jacobian = new Real[nodes.length][variables.length];
    for (int j = 0; j < variables.length; j++) {
      for (Node node : above(variables[j], users)) {
        Real tangent = node == variables[j] ? one : tangent(node, zero);
        tangents[node.number()] = tangent;
        if (tangent != zero) {
          for (int row : rows.getOrDefault(node, List.of())) {
            jacobian[row][j] = tangent;
          }
        }
      }
    }
    return jacobian;
  }

  /** The partial derivative of a node by another. */
  public Real by(Real node, Real variable) {
    return along(new Real[] {node}, Map.of(variable, graph.constant(1)))[0];
  }

  private boolean isVisited(Node node) {
    return node.number() < marks.length && marks[node.number()] == walk;
  }

  /** The derivative of a node of the last walk; beyond it, everything is constant. */
  private Real tangentOf(Node node, Real zero) {
    return isVisited(node) ? tangents[node.number()] : zero;
  }

  private Real tangent(Node node, Real zero) {
    if (node instanceof Mask || isFixed(node.operands, zero)) {
      return zero;
    }
    if (!(node instanceof Real f) || node.op() == Op.FROM_BITS) {
      throw new IllegalArgumentException("operations on bits have no derivative: " + node.op());
    }
    Graph g = graph;
    Op op = f.op();
    Real x = op == Op.SELECT ? zero : f.real(0);
    Real y = op.arity() > 1 ? f.real(1) : zero;
    Real z = op.arity() > 2 ? f.real(2) : zero;
    Real dx = tangentOf(f.operand(0), zero);
    Real dy = op.arity() > 1 ? tangentOf(y, zero) : zero;
    Real dz = op.arity() > 2 ? tangentOf(z, zero) : zero;
    Real one = g.constant(1);
    return switch (op) {
      case ADD -> g.add(dx, dy);
      case SUB -> g.sub(dx, dy);
      case MUL -> g.add(g.mul(dx, y), g.mul(x, dy));
      case DIV -> g.div(g.sub(dx, g.mul(f, dy)), y);
      case FMA -> g.add(g.add(g.mul(dx, y), g.mul(x, dy)), dz);
      case NEG -> g.neg(dx);
      case ABS -> g.select(g.less(x, zero), g.neg(dx), dx);
      case SQRT -> g.div(dx, g.add(f, f));
      case MIN -> g.select(g.less(x, y), dx, dy);
      case MAX -> g.select(g.less(y, x), dx, dy);
      case SELECT -> g.select(f.mask(0), dy, dz);
      case POWI -> {
        int n = (int) f.immediate();
        yield g.mul(g.mul(g.constant(n), g.powi(x, n - 1)), dx);
      }
      case POW -> {
        Real byBase = dx == zero ? zero : g.mul(g.mul(y, g.pow(x, g.sub(y, one))), dx);
        Real byExponent = dy == zero ? zero : g.mul(g.mul(f, g.function(Op.LOG, x)), dy);
        yield g.add(byBase, byExponent);
      }
      case EXP -> g.mul(f, dx);
      case EXPM1 -> g.mul(g.function(Op.EXP, x), dx);
      case LOG -> g.div(dx, x);
      case LOG1P -> g.div(dx, g.add(one, x));
      case SIN -> g.mul(g.function(Op.COS, x), dx);
      case COS -> g.neg(g.mul(g.function(Op.SIN, x), dx));
      case TANH -> g.mul(g.sub(one, g.mul(f, f)), dx);
      case SIGMOID -> g.mul(g.mul(f, g.sub(one, f)), dx);
      // E' = E + (1 - E) / x, which cancels near 0: there, its series Σ (k + 1)/(k + 2)! xᵏ.
      case EXPREL -> {
        Real slope = g.add(f, g.div(g.sub(one, f), x));
        Mask near = g.less(g.abs(x), g.constant(1e-2));
        Real series = g.polynomial(x, 1.0 / 840, 1.0 / 144, 1.0 / 30, 1.0 / 8, 1.0 / 3, 0.5);
        yield g.mul(g.select(near, series, slope), dx);
      }
      // B' = B (1 - B - x) / x, which cancels near 0: there, its series.
      case BERNOULLI -> {
        Real slope = g.div(g.mul(f, g.sub(g.sub(one, f), x)), x);
        Mask near = g.less(g.abs(x), g.constant(1e-4));
        Real series = g.fma(x, g.constant(1.0 / 6), g.constant(-0.5));
        yield g.mul(g.select(near, series, slope), dx);
      }
      case ATAN -> g.div(dx, g.fma(x, x, one));
      case ATAN2 -> g.div(g.sub(g.mul(dx, y), g.mul(x, dy)), g.fma(x, x, g.mul(y, y)));
      case ASIN -> g.div(dx, g.sqrt(g.mul(g.sub(one, x), g.add(one, x))));
      case ACOS -> g.neg(g.div(dx, g.sqrt(g.mul(g.sub(one, x), g.add(one, x)))));
      case HYPOT -> g.div(g.add(g.mul(x, dx), g.mul(y, dy)), f);
      case RINT -> zero;
      default -> throw new IllegalArgumentException("no derivative is known of " + op);
    };
  }

  private boolean isFixed(Node[] operands, Real zero) {
    for (Node operand : operands) {
      if (tangentOf(operand, zero) != zero) {
        return false;
      }
    }
    return true;
  }

  /** Whether a node depends on another. */
  public boolean depends(Node node, Node on) {
    graph.own(on);
    below(List.of(node), n -> n.number() <= on.number());
    return isVisited(on);
  }

  /** The variables that a node depends on, in the order of their making. */
  public List<Real> variables(Node node) {
    List<Real> variables = new ArrayList<>();
    for (Node n : below(List.of(node), n -> false)) {
      if (n instanceof Real real && n.op() == Op.VARIABLE) {
        variables.add(real);
      }
    }
    return variables;
  }

  /** Nodes and what they are made of, in the order of their making; stops behind some. */
  private List<Node> below(List<Node> nodes, Predicate<Node> stops) {
    return walk(nodes, node -> stops.test(node) ? List.of() : node.operands());
  }

  /** A node and what is made of it, in the order of their making. */
  private List<Node> above(Node node, Map<Node, List<Node>> users) {
    return walk(List.of(node), n -> users.getOrDefault(n, List.of()));
  }

  /** Visits nodes and those that follow from them, each once. */
  private List<Node> walk(List<Node> nodes, Function<Node, List<Node>> next) {
    nodes.forEach(graph::own);
    walk++;
    int size = graph.nodes().size();
    if (marks.length < size) {
      marks = Arrays.copyOf(marks, Math.max(size, 2 * marks.length));
      tangents = Arrays.copyOf(tangents, marks.length);
    }
    List<Node> found = new ArrayList<>();
    visit(nodes, found);
    for (int i = 0; i < found.size(); i++) {
      visit(next.apply(found.get(i)), found);
    }
    found.sort(Comparator.comparingInt(Node::number));
    return found;
  }

  private void visit(List<Node> nodes, List<Node> found) {
    for (Node node : nodes) {
      if (marks[node.number()] != walk) {
        marks[node.number()] = walk;
        found.add(node);
      }
    }
  }
}
