package io.github.elegans.hipparchus;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.ode.OdeSystem;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** The right-hand side of a system at many points together; for one thread. */
final class RightHandSides {
  private static final int WIDTH = 64;

  private final int states;
  private final int parameters;
  private final double[] lanes;
  private final Interpreter interpreter;

  RightHandSides(OdeSystem system) {
    this.states = system.states().size();
    this.parameters = system.parameters().size();
    Graph graph = new Graph(Precision.DOUBLE);
    Map<String, Real> nodes = new HashMap<>();
    for (int i = 0; i < states; i++) {
      nodes.put(system.states().get(i).name(), graph.variable(i));
    }
    for (int i = 0; i < parameters; i++) {
      nodes.put(system.parameters().get(i).name(), graph.variable(states + i));
    }
    nodes.put(system.time(), graph.variable(states + parameters));
    Map<String, Expr> outputs = new HashMap<>();
    system.outputs().forEach(output -> outputs.put(output.name(), output.value()));
    Map<Expr, Node> known = Expr.noneKnown();
    Function<String, Real> names =
        new Function<>() {
          @Override
          public Real apply(String name) {
            Real node = nodes.get(name);
            if (node == null) {
              node = (Real) outputs.get(name).addTo(graph, this, known);
              nodes.put(name, node);
            }
            return node;
          }
        };
    Real[] values =
        system.states().stream()
            .map(state -> (Real) state.derivative().addTo(graph, names, known))
            .toArray(Real[]::new);
    int first = states + parameters + 1;
    int[] targets = new int[states];
    Arrays.setAll(targets, i -> first + i);
    this.lanes = new double[(first + states) * WIDTH];
    this.interpreter =
        new Interpreter(new Program(graph, first + states, targets, values, null), WIDTH);
  }

  /** How many points go together. */
  int width() {
    return WIDTH;
  }

  /** Sets a point, from 0 to {@link #width()} less 1. */
  void set(int lane, double time, double[] y, double[] p) {
    for (int i = 0; i < states; i++) {
      lanes[i * WIDTH + lane] = y[i];
    }
    for (int i = 0; i < parameters; i++) {
      lanes[(states + i) * WIDTH + lane] = p[i];
    }
    lanes[(states + parameters) * WIDTH + lane] = time;
  }

  /** Evaluates at all points. */
  void evaluate() {
    interpreter.run(lanes, 1);
  }

  /** The derivatives at a point. */
  double[] get(int lane) {
    double[] derivatives = new double[states];
    for (int i = 0; i < states; i++) {
      derivatives[i] = lanes[(states + parameters + 1 + i) * WIDTH + lane];
    }
    return derivatives;
  }
}
