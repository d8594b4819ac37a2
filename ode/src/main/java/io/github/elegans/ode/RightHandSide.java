package io.github.elegans.ode;

import io.github.elegans.expressions.Derivatives;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Node;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A system's functions in a graph, and what can be read off them. */
final class RightHandSide {
  private final OdeSystem system;
  private final Graph graph;
  private final Real[] parameters;
  private final Map<Expr, Node> comparisons;
  private final Derivatives derivatives;

  /**
   * The functions of a system in a graph.
   *
   * @param parameters the nodes of its parameters
   */
  RightHandSide(OdeSystem system, Graph graph, Real[] parameters) {
    this(system, graph, parameters, Map.of());
  }

  /**
   * The same where something else stands for comparisons.
   *
   * @param comparisons the nodes of some, {@link Switches#comparisons}
   */
  RightHandSide(OdeSystem system, Graph graph, Real[] parameters, Map<Expr, Node> comparisons) {
    this.system = system;
    this.graph = graph;
    this.parameters = parameters;
    this.comparisons = comparisons;
    this.derivatives = new Derivatives(graph);
  }

  /** A system in a graph of its own: states, parameters and time are its first variables. */
  private record Alone(RightHandSide f, Real[] states, Real time) {
    static Alone of(OdeSystem system) {
      Graph graph = new Graph(Precision.DOUBLE);
      int n = system.states().size();
      int m = system.parameters().size();
      RightHandSide f = new RightHandSide(system, graph, variables(graph, n, m));
      return new Alone(f, variables(graph, 0, n), graph.variable(n + m));
    }

    Real[] derivatives() {
      return f.at(time, states);
    }
  }

  /** f(t, y). */
  Real[] at(Real time, Real[] states) {
    return values(system.states().stream().map(OdeSystem.State::derivative).toList(), time, states);
  }

  /** Expressions of states, parameters, outputs and time, at a point. */
  Real[] values(List<Expr> expressions, Real time, Real[] states) {
    return values(expressions, time, states, Map.of());
  }

  /** The same with further names, which come before those of the system. */
  Real[] values(List<Expr> expressions, Real time, Real[] states, Map<String, Real> more) {
    Map<Expr, Node> known = Expr.noneKnown();
    known.putAll(comparisons);
    return nodes(expressions, time, states, more, known).toArray(Real[]::new);
  }

  /**
   * The nodes of expressions, conditions among them.
   *
   * @param known nodes of expressions that are known; is added to
   */
  List<Node> nodes(
      List<Expr> expressions,
      Real time,
      Real[] states,
      Map<String, Real> more,
      Map<Expr, Node> known) {
    Map<String, Real> nodes = new HashMap<>();
    for (int i = 0; i < states.length; i++) {
      nodes.put(system.states().get(i).name(), states[i]);
    }
    for (int i = 0; i < parameters.length; i++) {
      nodes.put(system.parameters().get(i).name(), parameters[i]);
    }
    nodes.put(system.time(), time);
    nodes.putAll(more);
    Map<String, Expr> outputs = new HashMap<>();
    system.outputs().forEach(o -> outputs.put(o.name(), o.value()));
    Function<String, Real> names =
        new Function<>() {
          @Override
          public Real apply(String name) {
            Real node = nodes.get(name);
            if (node != null) {
              return node;
            }
            // Taken out before it is added: one that names itself is unknown to itself.
            Expr output = outputs.remove(name);
            if (output != null) {
              Real value = (Real) output.addTo(graph, this, known);
              nodes.put(name, value);
              return value;
            }
            throw new IllegalArgumentException("unknown name '%s'".formatted(name));
          }
        };
    return expressions.stream().map(e -> e.addTo(graph, names, known)).toList();
  }

  /** The initial values. */
  Real[] initial() {
    return values(
        system.states().stream().map(OdeSystem.State::initial).toList(),
        graph.constant(0),
        new Real[0]);
  }

  /**
   * The Jacobian of values by states: {@code [row][column]}, null where an entry is 0 whatever the
   * state.
   */
  @Nullable Real[][] jacobian(Real[] values, Real[] states) {
    return derivatives.jacobian(values, states);
  }

  /** The derivative of values along the solution: ∂g/∂t + ∂g/∂y·slope. */
  Real[] along(Real[] values, Real time, Real[] states, Real[] slope) {
    Map<Real, Real> direction = new LinkedHashMap<>();
    for (int i = 0; i < states.length; i++) {
      direction.put(states[i], slope[i]);
    }
    if (!time.isConstant()) {
      direction.putIfAbsent(time, graph.constant(1));
    }
    return derivatives.along(values, direction);
  }

  /** The partial derivative of values by time. */
  Real[] byTime(Real[] values, Real time) {
    return derivatives.along(values, Map.of(time, graph.constant(1)));
  }

  /**
   * Which states are gates: x' = a − b·x with a and b free of x. If the system declares some,
   * those; otherwise those whose a and b depend on at most one other state, as the gates of
   * channels do.
   */
  static boolean[] gates(OdeSystem system) {
    int n = system.states().size();
    boolean[] gates = new boolean[n];
    boolean declared = system.states().stream().anyMatch(OdeSystem.State::gate);
    Alone alone = Alone.of(system);
    RightHandSide f = alone.f;
    Real[] states = alone.states;
    Real[] values = alone.derivatives();
    for (int i = 0; i < n; i++) {
      gates[i] =
          declared ? f.declaredGate(i, values[i], states[i]) : f.gate(i, values[i], states[i]);
    }
    return gates;
  }

  private boolean declaredGate(int state, Real value, Real variable) {
    boolean gate = system.states().get(state).gate();
    if (gate && !affine(value, variable)) {
      throw new NoGateException(system.states().get(state).name());
    }
    return gate;
  }

  private boolean gate(int state, Real value, Real variable) {
    int others = 0;
    for (Real node : derivatives.variables(value)) {
      int number = (int) node.immediate();
      others += number != state && number < system.states().size() ? 1 : 0;
    }
    return others == 1 && affine(value, variable);
  }

  private boolean affine(Real value, Real variable) {
    Real rate = derivatives.by(value, variable);
    return !rate.isConstant() && !derivatives.depends(rate, variable);
  }

  /** Whether derivatives depend on the time. */
  static boolean readsTime(OdeSystem system) {
    Alone alone = Alone.of(system);
    return Arrays.stream(alone.derivatives())
        .anyMatch(value -> alone.f.derivatives.depends(value, alone.time));
  }

  /** Whether it is x' = v, v' = f(t, x). */
  static boolean isOfSecondOrder(OdeSystem system) {
    try {
      velocities(system);
      return true;
    } catch (NotOfSecondOrderException e) {
      return false;
    }
  }

  /**
   * Of each state that is a position, x' = v, the number of its velocity; of a velocity its own.
   *
   * @throws NotOfSecondOrderException if the rate of a velocity depends on one
   */
  static int[] velocities(OdeSystem system) {
    Alone alone = Alone.of(system);
    Derivatives by = alone.f.derivatives;
    Real[] states = alone.states;
    Real[] values = alone.derivatives();
    int n = states.length;
    int[] velocity = new int[n];
    Arrays.setAll(velocity, i -> i);
    boolean[] isVelocity = new boolean[n];
    for (int i = 0; i < n; i++) {
      int derivative = Arrays.asList(states).indexOf(values[i]);
      // What is a velocity is no position, too: stages only move positions.
      if (!isVelocity[i] && derivative >= 0 && velocity[derivative] == derivative) {
        velocity[i] = derivative;
        isVelocity[derivative] = true;
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (velocity[i] == i && velocity[j] == j && by.depends(values[i], states[j])) {
          throw new NotOfSecondOrderException(system, i, j);
        }
      }
    }
    return velocity;
  }

  /** A system is not x' = v, v' = f(t, x). */
  static final class NotOfSecondOrderException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    NotOfSecondOrderException(OdeSystem system, int rate, int state) {
      super(
          "position' = velocity, velocity' = f(t, positions) is expected, but the derivative of '%s' depends on '%s', which is no position"
              .formatted(system.states().get(rate).name(), system.states().get(state).name()));
    }
  }

  /** A state was declared to be a gate and is none. */
  static final class NoGateException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String state;

    NoGateException(String state) {
      super(
          "'%s' is declared to be a gate, but its derivative is not affine in it".formatted(state));
      this.state = state;
    }

    String state() {
      return state;
    }
  }

  static Real[] variables(Graph graph, int first, int count) {
    Real[] nodes = new Real[count];
    for (int i = 0; i < count; i++) {
      nodes[i] = graph.variable(first + i);
    }
    return nodes;
  }

  /**
   * Finds defects before a system is used.
   *
   * @throws IllegalArgumentException if a name is unknown or a declared gate is none
   */
  static void check(OdeSystem system) {
    Alone alone = Alone.of(system);
    alone.f.initial();
    alone.f.values(
        system.outputs().stream().map(OdeSystem.Output::value).toList(), alone.time, alone.states);
    Real[] values = alone.derivatives();
    for (int i = 0; i < values.length; i++) {
      alone.f.declaredGate(i, values[i], alone.states[i]);
    }
  }
}
