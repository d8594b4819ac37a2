package io.github.elegans.ode;

import io.github.elegans.expressions.Derivatives;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
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
  private final int time;
  private final List<Difference> differences = new ArrayList<>();
  private final List<Comparison> distinct;
  private final Map<Expr, Comparison> comparisons = new IdentityHashMap<>();
  private final int signs;

  /** The left side of a comparison less its right side, as a node, and its derivative by time. */
  private record Difference(int node, int slope, boolean isAffine) {}

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
    int[] y = RightHandSide.variables(graph, 0, states);
    RightHandSide f =
        new RightHandSide(system, graph, RightHandSide.variables(graph, states, parameters));
    Map<Expr, Integer> known = Expr.noneKnown();
    f.values(integrated, time, y, Map.of(), known);
    int end = graph.size();
    f.values(watched, time, y);
    int[] zeros = f.values(cutting, time, y);
    Finder finder = new Finder();
    Map<Integer, Comparison> found = new LinkedHashMap<>();
    finder.find(0, end, true, found);
    this.signs = finder.operands.size();
    finder.find(0, end, false, new HashMap<>());
    finder.find(end, finder.size, true, new HashMap<>());
    finder.find(end, finder.size, false, new HashMap<>());
    for (int node : zeros) {
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
    private final int size = graph.size();
    private final boolean[] byState = new boolean[size];
    private final boolean[] byTime = new boolean[size];
    private final boolean[] isAffine = new boolean[size];
    private final Map<Integer, Integer> numbers = new LinkedHashMap<>();
    private final List<Boolean> operands = new ArrayList<>();

    Finder() {
      for (int node = 0; node < size; node++) {
        Op op = graph.op(node);
        byState[node] = op == Op.VARIABLE && graph.immediate(node) < states;
        byTime[node] = node == time;
        for (int i = 0; i < op.arity(); i++) {
          byState[node] |= byState[graph.operand(node, i)];
          byTime[node] |= byTime[graph.operand(node, i)];
        }
        isAffine[node] = isAffine(node, op);
      }
    }

    /** By its form: a derivative that is constant is no proof, where pieces are put together. */
    private boolean isAffine(int node, Op op) {
      if (!byTime[node] || node == time) {
        return true;
      }
      int x = graph.operand(node, 0);
      int y = graph.operand(node, 1);
      return switch (op) {
        case ADD, SUB -> isAffine[x] && isAffine[y];
        case NEG -> isAffine[x];
        case MUL -> isAffine[x] && isAffine[y] && !(byTime[x] && byTime[y]);
        case DIV -> isAffine[x] && !byTime[y];
        case FMA ->
            isAffine[x]
                && isAffine[y]
                && !(byTime[x] && byTime[y])
                && isAffine[graph.operand(node, 2)];
        case SELECT -> !byTime[x] && isAffine[y] && isAffine[graph.operand(node, 2)];
        default -> false;
      };
    }

    /** Finds comparisons, or kinks, among some of the nodes. */
    void find(int from, int to, boolean comparisons, Map<Integer, Comparison> found) {
      for (int node = from; node < to; node++) {
        Op op = graph.op(node);
        boolean isOne =
            switch (op) {
              case LESS, LESS_EQUAL, EQUAL -> comparisons;
              case MIN, MAX, ABS -> !comparisons;
              default -> false;
            };
        if (isOne && byTime[node] && !byState[node]) {
          int x = graph.operand(node, 0);
          int y = op == Op.ABS ? graph.constant(0) : graph.operand(node, 1);
          add(node, op, x, y, found);
        }
      }
    }

    /** Finds a function of time and parameters; what a condition compares has been found. */
    void findZero(int node) {
      if (byTime[node] && !byState[node] && graph.op(node).type() == Op.Type.REAL) {
        add(node, Op.EQUAL, node, graph.constant(0), new HashMap<>());
      }
    }

    private void add(int node, Op op, int x, int y, Map<Integer, Comparison> found) {
      int difference = graph.sub(x, y);
      if (graph.isConstant(difference)) {
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
        operands.add(isAffine[x] && (y >= size || isAffine[y]));
      }
      found.put(node, new Comparison(op, number, false));
    }

    void finish() {
      int[] nodes = numbers.keySet().stream().mapToInt(i -> i).toArray();
      int[] slopes =
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
  Map<Expr, Integer> comparisons(Graph to, int[] lane) {
    Map<Comparison, Integer> nodes = new HashMap<>();
    // In their order: the numbers of nodes decide how a program is written.
    for (Comparison comparison : distinct) {
      int sign = lane[comparison.difference];
      int zero = to.constant(0);
      nodes.put(
          comparison,
          comparison.reversed
              ? to.make(comparison.op, zero, sign, -1, 0)
              : to.make(comparison.op, sign, zero, -1, 0));
    }
    Map<Expr, Integer> known = Expr.noneKnown();
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
      List<Integer> nodes = new ArrayList<>();
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
      int[] values = nodes.stream().mapToInt(i -> i).toArray();
      this.affine =
          nodes.isEmpty()
              ? null
              : new Interpreter(new Program(graph, memory.length, targets, values, -1), 1);
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
