package io.github.elegans.ode;

import io.github.elegans.expressions.Derivatives;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Expressions evaluated for one lane at a time, where events are located; for one thread. */
final class EventFunction {
  private final Interpreter interpreter;
  private final double[] memory;
  private final int states;
  private final int parameters;
  private final int results;

  /** Values of expressions at a point, or the derivatives of the first by states and time. */
  private EventFunction(OdeSystem system, List<Expr> expressions, boolean gradient) {
    this.states = system.states().size();
    this.parameters = system.parameters().size();
    Graph g = new Graph(Precision.DOUBLE);
    int[] y = RightHandSide.variables(g, 0, states);
    RightHandSide f = new RightHandSide(system, g, RightHandSide.variables(g, states, parameters));
    int t = g.variable(states + parameters);
    int[] nodes = f.values(expressions, t, y);
    if (gradient) {
      int[] by = new int[states + 1];
      Derivatives derivatives = new Derivatives(g);
      for (int i = 0; i < states; i++) {
        by[i] = derivatives.by(nodes[0], y[i]);
      }
      by[states] = derivatives.by(nodes[0], t);
      nodes = by;
    }
    this.results = states + parameters + 1;
    int[] targets = new int[nodes.length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = results + i;
    }
    this.memory = new double[results + nodes.length];
    this.interpreter = new Interpreter(new Program(g, memory.length, targets, nodes, -1), 1);
  }

  static EventFunction values(OdeSystem system, List<Expr> expressions) {
    return new EventFunction(system, expressions, false);
  }

  /**
   * The derivatives of a function that is affine in states and time, or null if it is not: its
   * values along a step are a polynomial then.
   */
  static @Nullable EventFunction weights(OdeSystem system, Expr function) {
    Graph g = new Graph(Precision.DOUBLE);
    int n = system.states().size();
    int m = system.parameters().size();
    int[] y = RightHandSide.variables(g, 0, n);
    int t = g.variable(n + m);
    int node =
        new RightHandSide(system, g, RightHandSide.variables(g, n, m))
            .values(List.of(function), t, y)[0];
    Derivatives derivatives = new Derivatives(g);
    for (int i = 0; i <= n; i++) {
      int derivative = derivatives.by(node, i < n ? y[i] : t);
      for (int variable : derivatives.variables(derivative)) {
        if (g.immediate(variable) < n || variable == t) {
          return null;
        }
      }
    }
    return new EventFunction(system, List.of(function), true);
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
