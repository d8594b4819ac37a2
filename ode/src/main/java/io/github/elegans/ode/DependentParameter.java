package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A parameter whose value follows those of parameters before it; for one thread. Each is computed
 * by itself from their values, so that it does not matter which of them were given.
 */
final class DependentParameter {
  private final int index;
  private final int[] arguments;
  private final double[] memory;
  private final Interpreter interpreter;

  /**
   * The function of a definition.
   *
   * @param index the number of the parameter
   * @param names of the parameters before it
   * @throws IllegalArgumentException if it names anything else
   */
  DependentParameter(int index, Expr definition, List<String> names) {
    this.index = index;
    List<String> used = List.copyOf(definition.variables());
    this.arguments = new int[used.size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = names.indexOf(used.get(i));
      if (arguments[i] < 0) {
        throw new IllegalArgumentException(
            "'%s' is no parameter that is known here".formatted(used.get(i)));
      }
    }
    Graph graph = new Graph(Precision.DOUBLE);
    Real node =
        (Real)
            definition.addTo(graph, name -> graph.variable(used.indexOf(name)), Expr.noneKnown());
    this.memory = new double[arguments.length + 1];
    this.interpreter =
        new Interpreter(
            new Program(
                graph, memory.length, new int[] {arguments.length}, new Real[] {node}, null),
            1);
  }

  /** The parameters that follow one of those given and are not given themselves, in their order. */
  static List<DependentParameter> following(OdeSystem system, Set<String> given) {
    Set<String> changed = new HashSet<>(given);
    List<String> names = new ArrayList<>();
    List<DependentParameter> dependent = new ArrayList<>();
    for (OdeSystem.Parameter parameter : system.parameters()) {
      boolean follows =
          !given.contains(parameter.name())
              && parameter.definition().variables().stream().anyMatch(changed::contains);
      if (follows) {
        dependent.add(new DependentParameter(names.size(), parameter.definition(), names));
        changed.add(parameter.name());
      }
      names.add(parameter.name());
    }
    return dependent;
  }

  /** Computes it from the values of parameters and puts it among them. */
  void update(double[] parameters) {
    parameters[index] = value(parameters);
  }

  /** Its value by those of the parameters before it. */
  double value(double[] parameters) {
    for (int i = 0; i < arguments.length; i++) {
      memory[i] = parameters[arguments[i]];
    }
    interpreter.run(memory, 1);
    return memory[arguments.length];
  }
}
