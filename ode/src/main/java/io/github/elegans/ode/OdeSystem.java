package io.github.elegans.ode;

import io.github.elegans.checks.Require;
import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.ExprParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A system of ordinary differential equations y' = f(t, y, p): named states with initial values,
 * named parameters, named outputs. Built in Java by a {@link Builder}, or read from text ({@link
 * #parse}).
 */
public final class OdeSystem {
  /** The systems that come with the library, by the name of their text. */
  public static final List<String> CATALOGUE = Catalogue.NAMES;

  /**
   * A state.
   *
   * @param initial its value at the start, of parameters only
   * @param derivative of states, parameters and time
   * @param gate whether it was declared to be a gate: its derivative is affine in itself
   */
  public record State(String name, Expr initial, Expr derivative, String unit, boolean gate) {}

  /**
   * A parameter.
   *
   * @param value what it is unless an ensemble gives it, or one that its definition names, another
   *     value
   * @param definition an expression of parameters before it, or a constant
   */
  public record Parameter(String name, double value, String unit, Expr definition) {
    /** A parameter that follows no other. */
    public Parameter(String name, double value, String unit) {
      this(name, value, unit, Expr.constant(value));
    }
  }

  /** A named quantity of states, parameters and time. */
  public record Output(String name, Expr value, String unit) {}

  /** The right-hand side f(t, y, p), point by point; for one thread at a time. */
  @FunctionalInterface
  public interface VectorField {
    /**
     * Evaluates it.
     *
     * @param states y, in the order of {@link OdeSystem#states}
     * @param parameters p, in the order of {@link OdeSystem#parameters}
     * @param derivatives y', written: one for each state
     * @throws IllegalArgumentException if an array has another length
     */
    void evaluate(double time, double[] states, double[] parameters, double[] derivatives);
  }

  private final String title;
  private final String source;
  private final String time;
  private final String timeUnit;
  private final List<State> states;
  private final List<Parameter> parameters;
  private final List<Output> outputs;
  private final Map<String, Integer> stateNumbers;
  private final Map<String, Integer> parameterNumbers;

  private OdeSystem(Builder builder, List<State> states) {
    this.title = builder.title;
    this.source = builder.source;
    this.time = builder.time;
    this.timeUnit = builder.timeUnit;
    this.states = List.copyOf(states);
    this.parameters = List.copyOf(builder.parameters.values());
    this.outputs = List.copyOf(builder.outputs.values());
    this.stateNumbers = numbers(states.stream().map(State::name).toList());
    this.parameterNumbers = numbers(parameters.stream().map(Parameter::name).toList());
  }

  private static Map<String, Integer> numbers(List<String> names) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    names.forEach(name -> numbers.put(name, numbers.size()));
    return numbers;
  }

  /** A system with a title, to be told more. */
  public static Builder builder(String title) {
    return new Builder(title);
  }

  /**
   * Reads a system from text, one item a line; {@code #} begins a comment:
   *
   * <pre>{@code
   * system Lorenz
   * parameter sigma = 10
   * parameter rho = 28
   * parameter beta = 8/3
   * state x = 1
   * state y = 0
   * state z = 0
   * x' = sigma*(y - x)
   * y' = x*(rho - z) - y
   * z' = x*y - beta*z
   * }</pre>
   *
   * <p>Further items: {@code source …} (where it is from), {@code time t [ms]}, {@code name =
   * expression} (a definition, used in later lines), {@code output name = expression [unit]},
   * {@code gate m}; parameters and states may have a {@code [unit]}, too. What expressions may
   * contain is said at {@link ExprParser}.
   *
   * <p>A name has one meaning, which stands before its use; the words of this language name nothing
   * else. Where a number is expected, a condition is an error: {@code if(x < 1, 1, 0)} makes a
   * number of it. A parameter that is an expression of others follows them where an ensemble gives
   * those other values. A byte order mark is skipped.
   *
   * @throws io.github.elegans.expressions.TextException if it cannot be read, with line and column
   */
  public static OdeSystem parse(String text) {
    return new SystemText(text).read();
  }

  /**
   * Reads a system from a file.
   *
   * @throws IllegalArgumentException if it cannot be read, with the file's name, line and column
   */
  public static OdeSystem read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("%s cannot be read: %s".formatted(file, e), e);
    }
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * A system that comes with the library.
   *
   * @param name one of {@link #CATALOGUE}
   * @throws IllegalArgumentException if there is none of that name
   */
  public static OdeSystem named(String name) {
    if (!CATALOGUE.contains(name)) {
      throw new IllegalArgumentException(
          "there is no system '%s'; there are %s".formatted(name, String.join(", ", CATALOGUE)));
    }
    try (InputStream stream = OdeSystem.class.getResourceAsStream(name + ".ode")) {
      if (stream == null) {
        throw new IllegalStateException("the text of " + name + " is missing");
      }
      return parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(name + " cannot be read", e);
    }
  }

  /** The title, for people. */
  public String title() {
    return title;
  }

  /** Where the equations are from. */
  public String source() {
    return source;
  }

  /** What expressions call the time. */
  public String time() {
    return time;
  }

  /** The unit of the time; empty if none was given. */
  public String timeUnit() {
    return timeUnit;
  }

  /** The states, in the order of their definition. */
  public List<State> states() {
    return states;
  }

  /** The parameters, in the order of their definition. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** The outputs, in the order of their definition. */
  public List<Output> outputs() {
    return outputs;
  }

  /**
   * The number of a state.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public int state(String name) {
    return index("state", stateNumbers, name);
  }

  /**
   * The number of a parameter.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public int parameter(String name) {
    return index("parameter", parameterNumbers, name);
  }

  private int index(String kind, Map<String, Integer> numbers, String name) {
    Integer i = numbers.get(name);
    if (i == null) {
      throw new IllegalArgumentException(
          "%s has no %s '%s'; it has %s"
              .formatted(
                  title,
                  kind,
                  name,
                  numbers.isEmpty() ? "none" : String.join(", ", numbers.keySet())));
    }
    return i;
  }

  /** Names of everything that expressions may use: states, parameters, outputs and the time. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    states.forEach(s -> names.add(s.name()));
    parameters.forEach(p -> names.add(p.name()));
    outputs.forEach(o -> names.add(o.name()));
    names.add(time);
    return names;
  }

  /**
   * The right-hand side, to be evaluated at single points in double precision: for other solvers,
   * not for speed.
   */
  public VectorField vectorField() {
    return vectorField("derivatives", states.stream().map(State::derivative).toList());
  }

  /**
   * Expressions of states, parameters, outputs and time, to be evaluated at single points in double
   * precision: their values stand for the derivatives of {@link VectorField#evaluate}.
   *
   * @throws IllegalArgumentException if one is a condition or uses an unknown name
   */
  public VectorField vectorField(List<Expr> values) {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).isCondition()) {
        throw new IllegalArgumentException(
            "value %d: a number is expected, a condition is found".formatted(i));
      }
    }
    return vectorField("values", values);
  }

  private VectorField vectorField(String name, List<Expr> expressions) {
    int n = states.size();
    int m = parameters.size();
    int count = expressions.size();
    EventFunction function = EventFunction.values(this, expressions);
    return (t, y, p, values) -> {
      Require.length("states", n, y.length);
      Require.length("parameters", m, p.length);
      Require.length(name, count, values.length);
      for (int i = 0; i < n; i++) {
        function.state(i, y[i]);
      }
      for (int i = 0; i < m; i++) {
        function.parameter(i, p[i]);
      }
      function.time(t);
      function.evaluate();
      for (int i = 0; i < count; i++) {
        values[i] = function.result(i);
      }
    };
  }

  /** Reads an expression of the system's states, parameters, outputs and time. */
  public Expr expression(String text) {
    return ExprParser.parse(text, names());
  }

  /** Collects a system's parts, in Java. */
  public static final class Builder {
    private final String title;
    private String source = "";
    private String time = "t";
    private String timeUnit = "";
    private final Map<String, Expr> initials = new LinkedHashMap<>();
    private final Map<String, String> units = new LinkedHashMap<>();
    private final Map<String, Expr> derivatives = new LinkedHashMap<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Output> outputs = new LinkedHashMap<>();
    private final Set<String> gates = new LinkedHashSet<>();

    private Builder(String title) {
      this.title = title;
    }

    /** Says where the equations are from. */
    public Builder source(String source) {
      this.source = source;
      return this;
    }

    /** Names the time, {@code t} by default. */
    public Builder time(String name, String unit) {
      this.time = name;
      this.timeUnit = unit;
      return this;
    }

    /**
     * A parameter without a unit.
     *
     * @throws IllegalArgumentException if the name has a meaning already
     */
    public Builder parameter(String name, double value) {
      return parameter(name, value, "");
    }

    /**
     * A parameter.
     *
     * @throws IllegalArgumentException if the name has a meaning already
     */
    public Builder parameter(String name, double value, String unit) {
      fresh(name);
      parameters.put(name, new Parameter(name, value, unit));
      return this;
    }

    /**
     * A parameter that follows others: where an ensemble gives those other values, and not this
     * one, its own is computed from them.
     *
     * @param definition an expression of parameters that are defined before
     * @throws IllegalArgumentException if it names anything else, or is a condition
     */
    public Builder parameter(String name, Expr definition, String unit) {
      fresh(name);
      requireNumber("parameter", name, definition);
      parameters.put(name, new Parameter(name, value(definition), unit, definition));
      return this;
    }

    /**
     * A state without a unit.
     *
     * @throws IllegalArgumentException if the name has a meaning already
     */
    public Builder state(String name, double initial) {
      return state(name, Expr.constant(initial), "");
    }

    /** A state whose initial value depends on parameters. */
    public Builder state(String name, Expr initial, String unit) {
      fresh(name);
      requireNumber("initial value of", name, initial);
      initials.put(name, initial);
      units.put(name, unit);
      return this;
    }

    /** The derivative of a state by time. */
    public Builder derivative(String state, Expr value) {
      if (!initials.containsKey(state)) {
        throw new IllegalArgumentException("there is no state '%s'".formatted(state));
      }
      requireNumber("derivative of", state, value);
      if (derivatives.putIfAbsent(state, value) != null) {
        throw new IllegalArgumentException("'%s' has two derivatives".formatted(state));
      }
      return this;
    }

    /**
     * A named quantity of states, parameters and time.
     *
     * @throws IllegalArgumentException if the name has a meaning already, or the value is a
     *     condition
     */
    public Builder output(String name, Expr value, String unit) {
      fresh(name);
      requireNumber("output", name, value);
      outputs.put(name, new Output(name, value, unit));
      return this;
    }

    /** Declares that a state is a gate: its derivative is affine in itself. */
    public Builder gate(String state) {
      gates.add(state);
      return this;
    }

    private static void requireNumber(String what, String name, Expr value) {
      if (value.isCondition()) {
        throw new IllegalArgumentException(
            "the %s '%s' is a condition, no number: if(condition, 1, 0) is one"
                .formatted(what, name));
      }
    }

    /** An initial value may name what is known so far. */
    void requireParameters(Expr expression) {
      for (String name : expression.variables()) {
        if (!parameters.containsKey(name)) {
          throw new IllegalArgumentException(
              "'%s' is no parameter that is known here".formatted(name));
        }
      }
    }

    private void fresh(String name) {
      if (parameters.containsKey(name)
          || initials.containsKey(name)
          || outputs.containsKey(name)
          || name.equals(time)) {
        throw new IllegalArgumentException("'%s' is defined twice".formatted(name));
      }
    }

    /**
     * The system.
     *
     * @throws IllegalArgumentException if there is no state, a derivative is missing, or something
     *     uses an unknown name
     */
    public OdeSystem build() {
      if (initials.isEmpty()) {
        throw new IllegalArgumentException("'%s' has no state".formatted(title));
      }
      if (parameters.containsKey(time) || initials.containsKey(time) || outputs.containsKey(time)) {
        throw new IllegalArgumentException(
            "'%s' is defined twice: it is the time, too".formatted(time));
      }
      List<State> states = new ArrayList<>();
      initials.forEach(
          (name, initial) -> {
            Expr derivative = derivatives.get(name);
            if (derivative == null) {
              throw new IllegalArgumentException("state '%s' has no derivative".formatted(name));
            }
            states.add(
                new State(
                    name, initial, derivative, units.getOrDefault(name, ""), gates.contains(name)));
          });
      for (String gate : gates) {
        if (!initials.containsKey(gate)) {
          throw new IllegalArgumentException("there is no state '%s' to be a gate".formatted(gate));
        }
      }
      OdeSystem system = new OdeSystem(this, states);
      // Building the right-hand side once finds unknown names and gates that are none.
      RightHandSide.check(system);
      return system;
    }

    /** The value of an expression of the parameters so far. */
    private double value(Expr expression) {
      double[] values = parameters.values().stream().mapToDouble(Parameter::value).toArray();
      return new DependentParameter(values.length, expression, List.copyOf(parameters.keySet()))
          .value(values);
    }
  }
}
