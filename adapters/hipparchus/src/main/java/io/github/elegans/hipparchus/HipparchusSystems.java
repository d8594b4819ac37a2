package io.github.elegans.hipparchus;

import io.github.elegans.expressions.Expr;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.hipparchus.ode.FieldExpandableODE;
import org.hipparchus.ode.FieldOrdinaryDifferentialEquation;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.util.MathArrays;
import org.jspecify.annotations.Nullable;

/**
 * Hipparchus' equations as systems, and solutions of ensembles as Hipparchus' states.
 *
 * <p>Equations are traced: computed once with numbers that remember what was done ({@link Traced}).
 * They must do the same whatever the values, as those without branches do; what asks for a value is
 * refused, with its place ({@link UntraceableException}). Their {@code init} is called before that;
 * what it is given is unknown, too, and must not show in the derivatives.
 */
public final class HipparchusSystems {
  private static final String TIME = "t";
  private static final String INITIAL_TIME = "initial time";
  private static final String INITIAL_STATE = "initial state";
  private static final String FINAL_TIME = "final time";

  private HipparchusSystems() {}

  /**
   * The system of equations without parameters; its states are y0, y1, …, its time t.
   *
   * @throws UntraceableException if the equations ask for a value
   * @throws IllegalArgumentException if they give too many derivatives or too few, or those depend
   *     on what {@code init} was given
   */
  public static OdeSystem trace(FieldOrdinaryDifferentialEquation<Traced> equations) {
    String title = equations.getClass().getSimpleName();
    return trace(title.isEmpty() ? "equations" : title, parameters -> equations);
  }

  /**
   * The system of equations with parameters; its states are y0, y1, …, its time t.
   *
   * <pre>{@code
   * OdeSystem lorenz = HipparchusSystems.trace("Lorenz", p -> new Lorenz<>(
   *     p.parameter("sigma", 10), p.parameter("rho", 28), p.parameter("beta", 8.0 / 3)));
   * }</pre>
   *
   * @param equations makes the equations of parameters, which it names
   * @throws UntraceableException if the equations ask for a value
   * @throws IllegalArgumentException if they give too many derivatives or too few, those depend on
   *     what {@code init} was given, or a parameter has the name of a state or the time
   */
  public static OdeSystem trace(
      String title,
      Function<TracedParameters, FieldOrdinaryDifferentialEquation<Traced>> equations) {
    return trace(title, null, equations);
  }

  /**
   * The system of equations with parameters and named states.
   *
   * @param states their names, as many as equations
   * @param equations makes the equations of parameters, which it names
   * @throws UntraceableException if the equations ask for a value
   * @throws IllegalArgumentException if names or derivatives are too many or too few, derivatives
   *     depend on what {@code init} was given, or a name has two meanings
   */
  public static OdeSystem trace(
      String title,
      @Nullable List<String> states,
      Function<TracedParameters, FieldOrdinaryDifferentialEquation<Traced>> equations) {
    TracedParameters parameters = new TracedParameters();
    FieldOrdinaryDifferentialEquation<Traced> traced =
        Objects.requireNonNull(equations.apply(parameters), "equations");
    int n = traced.getDimension();
    List<String> names = names(states, n);
    Traced[] y = variables(names);
    traced.init(unknown(INITIAL_TIME), unknowns(n), unknown(FINAL_TIME));
    return system(
        title, names, parameters, traced.computeDerivatives(Traced.of(Expr.variable(TIME)), y));
  }

  /**
   * Equations with secondary ones, traced as one system: what {@link ElegansIntegrator} integrates,
   * and any other integrator. States are y0, y1, …, those of the primary equations first.
   *
   * @param equations makes the equations of parameters, which it names
   * @throws UntraceableException if the equations ask for a value
   * @throws IllegalArgumentException as {@link #trace(String, Function)}
   */
  public static SystemExpandableODE traceExpandable(
      String title, Function<TracedParameters, FieldExpandableODE<Traced>> equations) {
    TracedParameters parameters = new TracedParameters();
    FieldExpandableODE<Traced> traced =
        Objects.requireNonNull(equations.apply(parameters), "equations");
    int n = traced.getMapper().getTotalDimension();
    int[] dimensions =
        IntStream.range(0, traced.getMapper().getNumberOfEquations())
            .map(i -> traced.getMapper().extractEquationData(i, unknowns(n)).length)
            .toArray();
    List<String> names = names(null, n);
    traced.init(
        traced.getMapper().mapStateAndDerivative(unknown(INITIAL_TIME), unknowns(n), unknowns(n)),
        unknown(FINAL_TIME));
    OdeSystem system =
        system(
            title,
            names,
            parameters,
            traced.computeDerivatives(Traced.of(Expr.variable(TIME)), variables(names)));
    return new SystemExpandableODE(new SystemEquations(system), dimensions);
  }

  private static List<String> names(@Nullable List<String> names, int n) {
    if (names == null) {
      return IntStream.range(0, n).mapToObj(i -> "y" + i).toList();
    }
    if (names.size() != n) {
      throw new IllegalArgumentException(
          "states: %d names are expected, one for each equation, found %d"
              .formatted(n, names.size()));
    }
    return List.copyOf(names);
  }

  private static Traced unknown(String what) {
    return Traced.of(Expr.variable(what));
  }

  private static Traced[] unknowns(int n) {
    Traced[] all = MathArrays.buildArray(Traced.FIELD, n);
    Arrays.fill(all, unknown(INITIAL_STATE));
    return all;
  }

  private static Traced[] variables(List<String> names) {
    return names.stream().map(HipparchusSystems::unknown).toArray(Traced[]::new);
  }

  private static OdeSystem system(
      String title, List<String> names, TracedParameters parameters, Traced[] derivatives) {
    if (derivatives.length != names.size()) {
      throw new IllegalArgumentException(
          "%s: %d derivatives are expected, one for each equation, found %d"
              .formatted(title, names.size(), derivatives.length));
    }
    OdeSystem.Builder builder = OdeSystem.builder(title).time(TIME, "");
    parameters.values().forEach(builder::parameter);
    names.forEach(name -> builder.state(name, 0));
    for (int i = 0; i < derivatives.length; i++) {
      Traced derivative = derivatives[i];
      if (derivative == null) {
        throw new IllegalArgumentException(
            "%s: derivative %d is missing, null".formatted(title, i));
      }
      for (String what : List.of(INITIAL_TIME, INITIAL_STATE, FINAL_TIME)) {
        if (derivative.expression().variables().contains(what)) {
          throw new IllegalArgumentException(
              "%s: the derivative of %s depends on the %s, which init was given and a system does not know: make it a parameter"
                  .formatted(title, names.get(i), what));
        }
      }
      builder.derivative(names.get(i), derivative.expression());
    }
    return builder.build();
  }

  /**
   * Trajectories from Hipparchus' states: initial states and times. Parameters and the end are to
   * be said.
   *
   * @param initial one state for each trajectory, complete with secondary ones
   * @throws IllegalArgumentException if one has more or fewer numbers than the system has states
   */
  public static Ensemble ensemble(OdeSystem system, List<? extends ODEState> initial) {
    int n = system.states().size();
    double[][] values = new double[n][initial.size()];
    double[] times = new double[initial.size()];
    for (int i = 0; i < times.length; i++) {
      double[] state = initial.get(i).getCompleteState();
      if (state.length != n) {
        throw new IllegalArgumentException(
            "initial state %d: %d numbers are expected, one for each state of %s, found %d"
                .formatted(i, n, system.title(), state.length));
      }
      times[i] = initial.get(i).getTime();
      for (int j = 0; j < n; j++) {
        values[j][i] = state[j];
      }
    }
    Ensemble ensemble = Ensemble.of(times.length).start(i -> times[i]);
    for (int j = 0; j < n; j++) {
      ensemble.initial(system.states().get(j).name(), values[j]);
    }
    return ensemble;
  }

  /**
   * Where the trajectories of a solution ended, with the derivatives there.
   *
   * @param ensemble what was solved
   */
  public static List<ODEStateAndDerivative> results(
      OdeSystem system, Ensemble ensemble, Solution solution) {
    RightHandSides field = new RightHandSides(system);
    List<ODEStateAndDerivative> results = new ArrayList<>(solution.size());
    while (results.size() < solution.size()) {
      int first = results.size();
      int count = Math.min(field.width(), solution.size() - first);
      for (int i = 0; i < count; i++) {
        field.set(
            i,
            solution.time(first + i),
            solution.states(first + i),
            ensemble.parameterValues(system, first + i));
      }
      field.evaluate();
      for (int i = 0; i < count; i++) {
        results.add(
            new ODEStateAndDerivative(
                solution.time(first + i), solution.states(first + i), field.get(i)));
      }
    }
    return results;
  }

  /**
   * A trajectory at the times at which the ensemble saved it, with the derivatives there.
   *
   * @param ensemble what was solved
   * @throws IllegalStateException if it saved nothing
   */
  public static List<ODEStateAndDerivative> saved(
      OdeSystem system, Ensemble ensemble, Solution solution, int trajectory) {
    OdeSystem.VectorField field = system.vectorField();
    double[] parameters = ensemble.parameterValues(system, trajectory);
    double[] times = solution.savedTimes(trajectory);
    double[][] states = solution.saved(trajectory);
    return IntStream.range(0, times.length)
        .mapToObj(i -> state(field, times[i], states[i], parameters))
        .toList();
  }

  private static ODEStateAndDerivative state(
      OdeSystem.VectorField field, double time, double[] states, double[] parameters) {
    double[] derivatives = new double[states.length];
    field.evaluate(time, states, parameters, derivatives);
    return new ODEStateAndDerivative(time, states, derivatives);
  }
}
