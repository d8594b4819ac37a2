package io.github.elegans.ode;

import io.github.elegans.expressions.Derivatives;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What changes at times that no state decides: comparisons of time and parameters, as in {@code
 * if(t >= start, 1, 0)}, and the kinks of {@code min}, {@code max} and {@code abs} of them. Each is
 * a difference whose sign changes there. A trajectory is cut into segments at these times; within
 * one the signs are constant, and the programs of its steps read them as variables of the lane. So
 * all of a step is on one side of a time, even a stage exactly there.
 */
final class Switches {
  private final Graph graph;
  private final int states;
  private final int parameters;
  private final Real time;
  private final List<Difference> differences = new ArrayList<>();
  private final List<Comparison> distinct;
  private final IdentityHashMap<Expr, Comparison> comparisons = new IdentityHashMap<>();
  private final int signs;

  /** The left side of a comparison less its right side, as a node, and its derivative by time. */
  private record Difference(Real node, Real slope, boolean isAffine) {}

  /** A comparison of a difference with 0, or of 0 with a difference. */
  private record Comparison(Op op, int difference, boolean reversed) {}

  /**
   * Finds them.
   *
   * @param integrated what is summed over steps: no step may see both sides of its switches
   * @param watched what is looked at: steps are to end at its switches
   * @param cutting what cuts steps where it is 0: they are to end there
   */
  Switches(OdeSystem system, List<Expr> integrated, List<Expr> watched, List<Expr> cutting) {
    this.states = system.states().size();
    this.parameters = system.parameters().size();
    this.graph = new Graph(Precision.DOUBLE);
    this.time = graph.variable(states + parameters);
    Real[] y = RightHandSide.variables(graph, 0, states);
    RightHandSide f =
        new RightHandSide(system, graph, RightHandSide.variables(graph, states, parameters));
    Map<Expr, Node> known = Expr.noneKnown();
    f.nodes(integrated, time, y, Map.of(), known);
    int end = graph.nodes().size();
    f.nodes(watched, time, y, Map.of(), Expr.noneKnown());
    List<Node> zeros = f.nodes(cutting, time, y, Map.of(), Expr.noneKnown());
    Finder finder = new Finder();
    Map<Node, Comparison> found = new LinkedHashMap<>();
    finder.find(0, end, true, found);
    this.signs = finder.operands.size();
    finder.find(0, end, false, new HashMap<>());
    finder.find(end, finder.size, true, new HashMap<>());
    finder.find(end, finder.size, false, new HashMap<>());
    for (Node node : zeros) {
      finder.findZero(node);
    }
    finder.finish();
    this.distinct = List.copyOf(new LinkedHashSet<>(found.values()));
    known.forEach(
        (expression, node) -> {
          Comparison comparison = found.get(node);
          if (comparison != null) {
            comparisons.put(expression, comparison);
          }
        });
  }

  /** Looks for differences in the graph. */
  private final class Finder {
    private final int size = graph.nodes().size();

    // By the numbers of nodes.
    private final boolean[] byState = new boolean[size];
    private final boolean[] byTime = new boolean[size];
    private final boolean[] isAffine = new boolean[size];
    private final Map<Real, Integer> numbers = new LinkedHashMap<>();
    private final List<Boolean> operands = new ArrayList<>();

    Finder() {
      for (Node node : graph.nodes()) {
        int i = node.number();
        byState[i] = node.op() == Op.VARIABLE && node.immediate() < states;
        byTime[i] = node == time;
        for (Node operand : node.operands()) {
          byState[i] |= byState[operand.number()];
          byTime[i] |= byTime[operand.number()];
        }
        isAffine[i] = isAffine(node);
      }
    }

    /** By its form: a derivative that is constant is no proof, where pieces are put together. */
    private boolean isAffine(Node node) {
      if (!byTime[node.number()] || node == time) {
        return true;
      }
      return switch (node.op()) {
        case ADD, SUB -> isAffine(node, 0) && isAffine(node, 1);
        case NEG -> isAffine(node, 0);
        case MUL -> isAffineProduct(node);
        case DIV -> isAffine(node, 0) && !byTime(node, 1);
        case FMA -> isAffineProduct(node) && isAffine(node, 2);
        case SELECT -> !byTime(node, 0) && isAffine(node, 1) && isAffine(node, 2);
        default -> false;
      };
    }

    private boolean isAffineProduct(Node node) {
      return isAffine(node, 0) && isAffine(node, 1) && !(byTime(node, 0) && byTime(node, 1));
    }

    private boolean isAffine(Node node, int operand) {
      return isAffine[node.operand(operand).number()];
    }

    private boolean byTime(Node node, int operand) {
      return byTime[node.operand(operand).number()];
    }

    private boolean isOfTimeAlone(Node node) {
      return byTime[node.number()] && !byState[node.number()];
    }

    /** Finds comparisons, or kinks, among some of the nodes. */
    void find(int from, int to, boolean comparisons, Map<Node, Comparison> found) {
      for (Node node : List.copyOf(graph.nodes().subList(from, to))) {
        Op op = node.op();
        boolean isOne =
            switch (op) {
              case LESS, LESS_EQUAL, EQUAL -> comparisons;
              case MIN, MAX, ABS -> !comparisons;
              default -> false;
            };
        if (isOne && isOfTimeAlone(node)) {
          Real y = op == Op.ABS ? graph.constant(0) : node.real(1);
          add(node, op, node.real(0), y, found);
        }
      }
    }

    /** Finds a function of time and parameters; what a condition compares has been found. */
    void findZero(Node node) {
      if (node instanceof Real function && isOfTimeAlone(node)) {
        add(node, Op.EQUAL, function, graph.constant(0), new HashMap<>());
      }
    }

    private void add(Node node, Op op, Real x, Real y, Map<Node, Comparison> found) {
      Real difference = graph.sub(x, y);
      if (difference.isConstant()) {
        return;
      }
      Integer reversed = numbers.get(graph.sub(y, x));
      if (reversed != null) {
        found.put(node, new Comparison(op, reversed, true));
        return;
      }
      Integer number = numbers.get(difference);
      if (number == null) {
        number = numbers.size();
        numbers.put(difference, number);
        operands.add(isAffine[x.number()] && (y.number() >= size || isAffine[y.number()]));
      }
      found.put(node, new Comparison(op, number, false));
    }

    void finish() {
      Real[] nodes = numbers.keySet().toArray(Real[]::new);
      Real[] slopes =
          nodes.length == 0
              ? nodes
              : new Derivatives(graph).along(nodes, Map.of(time, graph.constant(1)));
      for (int i = 0; i < nodes.length; i++) {
        differences.add(new Difference(nodes[i], slopes[i], operands.get(i)));
      }
    }
  }

  /** How many differences there are. */
  int count() {
    return differences.size();
  }

  /** How many signs a lane has: of the first differences. */
  int signs() {
    return signs;
  }

  /**
   * The nodes that stand for comparisons in another graph.
   *
   * @param lane the nodes of the signs
   */
  Map<Expr, Node> comparisons(Graph to, Real[] lane) {
    Map<Comparison, Node> nodes = new HashMap<>();
    // In their order: the numbers of nodes decide how a program is written.
    for (Comparison comparison : distinct) {
      Real sign = lane[comparison.difference];
      Real zero = to.constant(0);
      nodes.put(
          comparison,
          comparison.reversed
              ? to.make(comparison.op, 0, zero, sign)
              : to.make(comparison.op, 0, sign, zero));
    }
    Map<Expr, Node> known = Expr.noneKnown();
    comparisons.forEach((expression, comparison) -> known.put(expression, nodes.get(comparison)));
    return known;
  }

  /** The differences at the parameters of a trajectory; for one thread. */
  final class Times {
    private final double[] memory;
    private final @Nullable Interpreter affine;
    private final int firstResult = states + parameters + 1;
    private final @Nullable TimeFunction[] others = new TimeFunction[count()];

    Times() {
      List<Real> nodes = new ArrayList<>();
      for (int i = 0; i < count(); i++) {
        Difference difference = differences.get(i);
        if (difference.isAffine) {
          nodes.add(difference.node);
          nodes.add(difference.slope);
        } else {
          others[i] = new TimeFunction(graph, difference.node, difference.slope, firstResult - 1);
        }
      }
      this.memory = new double[firstResult + nodes.size()];
      int[] targets = new int[nodes.size()];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = firstResult + i;
      }
      Real[] values = nodes.toArray(Real[]::new);
      this.affine =
          nodes.isEmpty()
              ? null
              : new Interpreter(new Program(graph, memory.length, targets, values, null), 1);
    }

    void parameter(int index, double value) {
      memory[states + index] = value;
      for (TimeFunction other : others) {
        if (other != null) {
          other.variable(states + index, value);
        }
      }
    }

    /**
     * Evaluates affine differences at time 0.
     *
     * @param values of them; NaN for others
     * @param slopes theirs
     */
    void evaluate(double[] values, double[] slopes) {
      if (affine != null) {
        affine.run(memory, 1);
      }
      int result = firstResult;
      for (int i = 0; i < count(); i++) {
        TimeFunction other = others[i];
        if (other == null) {
          values[i] = memory[result++];
          slopes[i] = memory[result++];
        } else {
          values[i] = Double.NaN;
          slopes[i] = Double.NaN;
        }
      }
    }

    /** A difference that is not affine, or null. */
    @Nullable TimeFunction other(int difference) {
      return others[difference];
    }
  }
}
