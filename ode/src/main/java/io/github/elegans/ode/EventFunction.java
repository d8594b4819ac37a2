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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Expressions evaluated for one lane at a time, where events are located; for one thread. */
final class EventFunction {
  private final Interpreter interpreter;
  private final double[] memory;
  private final int states;
  private final int parameters;
  private final int results;

  /** What is wanted of expressions at a point. */
  private enum Kind {
    VALUES,
    /** The derivatives of the first one by states and time. */
    GRADIENT,
    /** Their derivatives along the solution. */
    SLOPES
  }

  private EventFunction(OdeSystem system, List<Expr> expressions, Kind kind) {
    this.states = system.states().size();
    this.parameters = system.parameters().size();
    Graph g = new Graph(Precision.DOUBLE);
    Real[] y = RightHandSide.variables(g, 0, states);
    RightHandSide f = new RightHandSide(system, g, RightHandSide.variables(g, states, parameters));
    Real t = g.variable(states + parameters);
    Real[] nodes = f.values(expressions, t, y);
    if (kind == Kind.SLOPES) {
      nodes = f.along(nodes, t, y, f.at(t, y));
    } else if (kind == Kind.GRADIENT) {
      Real[] by = new Real[states + 1];
      Arrays.fill(by, g.constant(0));
      Derivatives derivatives = new Derivatives(g);
      for (Real variable : derivatives.variables(nodes[0])) {
        long number = variable.immediate();
        if (number < states) {
          by[(int) number] = derivatives.by(nodes[0], variable);
        } else if (variable == t) {
          by[states] = derivatives.by(nodes[0], t);
        }
      }
      nodes = by;
    }
    this.results = states + parameters + 1;
    int[] targets = new int[nodes.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = results + i;
    }
    this.memory = new double[results + nodes.length];
    this.interpreter = new Interpreter(new Program(g, memory.length, targets, nodes, null), 1);
  }

  static EventFunction values(OdeSystem system, List<Expr> expressions) {
    return new EventFunction(system, expressions, Kind.VALUES);
  }

  /** The derivatives of a function by states and, last, time. */
  static EventFunction gradient(OdeSystem system, Expr function) {
    return new EventFunction(system, List.of(function), Kind.GRADIENT);
  }

  /** The derivative of a function by time along the solution. */
  static EventFunction slope(OdeSystem system, Expr function) {
    return new EventFunction(system, List.of(function), Kind.SLOPES);
  }

  /**
   * The comparisons in a function whose outcome may change along a trajectory, what they contain
   * before them.
   */
  static List<Expr.Comparison> comparisons(OdeSystem system, Expr function) {
    Map<String, Expr> outputs = new HashMap<>();
    system.outputs().forEach(o -> outputs.put(o.name(), o.value()));
    List<Expr.Comparison> found = new ArrayList<>();
    for (Expr.Comparison comparison : function.comparisons(outputs::get)) {
      if (degree(system, comparison.left().minus(comparison.right())) > 0) {
        found.add(comparison);
      }
    }
    return found;
  }

  /**
   * The derivatives of a function that is affine in states and time, or null if it is not: its
   * values along a step are a polynomial then. The function contains no {@link #comparisons}: a
   * derivative says nothing of what is put together of pieces.
   */
  static @Nullable EventFunction weights(OdeSystem system, Expr function) {
    return degree(system, function) > 1 ? null : gradient(system, function);
  }

  /**
   * 0 if a function depends on parameters alone, 1 if it is affine in states and time by its form,
   * otherwise 2.
   */
  private static int degree(OdeSystem system, Expr function) {
    Graph g = new Graph(Precision.DOUBLE);
    int n = system.states().size();
    int m = system.parameters().size();
    Real[] y = RightHandSide.variables(g, 0, n);
    Real t = g.variable(n + m);
    RightHandSide f = new RightHandSide(system, g, RightHandSide.variables(g, n, m));
    Real node = f.values(List.of(function), t, y)[0];
    int[] degrees = new int[node.number() + 1];
    for (Node each : g.nodes().subList(0, degrees.length)) {
      degrees[each.number()] = degree(each, degrees, n, n + m);
    }
    return degrees[node.number()];
  }

  private static int degree(Node node, int[] degrees, int states, int time) {
    if (node.op() == Op.VARIABLE) {
      return node.immediate() < states || node.immediate() == time ? 1 : 0;
    }
    int[] of = node.operands().stream().mapToInt(operand -> degrees[operand.number()]).toArray();
    int most = Arrays.stream(of).max().orElse(0);
    return switch (node.op()) {
      case ADD, SUB, NEG -> most;
      case MUL -> of[0] + of[1];
      case FMA -> Math.max(of[0] + of[1], of[2]);
      case DIV -> of[1] == 0 ? of[0] : 2;
      case SELECT -> of[0] == 0 ? most : 2;
      default -> most == 0 ? 0 : 2;
    };
  }

  void parameter(int index, double value) {
    memory[states + index] = value;
  }

  void state(int index, double value) {
    memory[index] = value;
  }

  void time(double value) {
    memory[states + parameters] = value;
  }

  void evaluate() {
    interpreter.run(memory, 1);
  }

  double result(int index) {
    return memory[results + index];
  }
}
