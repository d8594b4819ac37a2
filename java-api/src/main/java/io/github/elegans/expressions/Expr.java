package io.github.elegans.expressions;

import io.github.elegans.expressions.Node.Real;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An expression of named variables, built in Java by its methods or read from text by {@link
 * ExprParser}. Expressions share parts freely: what is the same is computed once.
 *
 * <p>Operands are numbers; those of {@link #and}, {@link #or} and {@link #not}, and what {@link
 * #select} chooses by, are conditions. Any other gives an IllegalArgumentException.
 */
public final class Expr {
  private final Op op;
  private final Expr[] operands;
  private final double value;
  private final String name;

  private Expr(Op op, double value, String name, Expr... operands) {
    this.op = op;
    this.value = value;
    this.name = name;
    this.operands = operands;
  }

  /** A variable: a state, a parameter, {@code t}, … */
  public static Expr variable(String name) {
    return new Expr(Op.VARIABLE, 0, name);
  }

  /** A constant, rounded to the precision of the graph that it is added to. */
  public static Expr constant(double value) {
    return new Expr(Op.CONSTANT, value, "");
  }

  private static Expr of(Op op, Expr... operands) {
    for (int i = op == Op.SELECT ? 1 : 0; i < operands.length; i++) {
      if (operands[i].isCondition()) {
        throw new IllegalArgumentException(
            "%s: a number is expected, a condition is found"
                .formatted(op.name().toLowerCase(Locale.ROOT)));
      }
    }
    return new Expr(op, 0, "", operands);
  }

  /** Whether this is a condition, true or false, and no number. */
  public boolean isCondition() {
    return op.type() == Op.Type.MASK;
  }

  /** The names of all variables in it. */
  public Set<String> variables() {
    Set<String> names = new LinkedHashSet<>();
    for (Expr part : parts(List.of(this))) {
      if (part.op == Op.VARIABLE) {
        names.add(part.name);
      }
    }
    return names;
  }

  /** Expressions and everything in them, each once. */
  static Set<Expr> parts(List<Expr> expressions) {
    Set<Expr> parts = new LinkedHashSet<>();
    ArrayDeque<Expr> open = new ArrayDeque<>(expressions);
    while (!open.isEmpty()) {
      Expr e = open.pop();
      if (parts.add(e)) {
        for (Expr operand : e.operands) {
          open.push(operand);
        }
      }
    }
    return parts;
  }

  private Expr condition() {
    if (!isCondition()) {
      throw new IllegalArgumentException("a condition is expected, a number is found");
    }
    return this;
  }

  /** {@code this + y}. */
  public Expr plus(Expr y) {
    return of(Op.ADD, this, y);
  }

  /** {@code this + y}. */
  public Expr plus(double y) {
    return plus(constant(y));
  }

  /** {@code this - y}. */
  public Expr minus(Expr y) {
    return of(Op.SUB, this, y);
  }

  /** {@code this - y}. */
  public Expr minus(double y) {
    return minus(constant(y));
  }

  /** {@code this * y}. */
  public Expr times(Expr y) {
    return of(Op.MUL, this, y);
  }

  /** {@code this * y}. */
  public Expr times(double y) {
    return times(constant(y));
  }

  /** {@code this / y}. */
  public Expr over(Expr y) {
    return of(Op.DIV, this, y);
  }

  /** {@code this / y}. */
  public Expr over(double y) {
    return over(constant(y));
  }

  /** this·y + z, rounded once. */
  public Expr fma(Expr y, Expr z) {
    return of(Op.FMA, this, y, z);
  }

  /** {@code -this}. */
  public Expr negate() {
    return of(Op.NEG, this);
  }

  /** The absolute value. */
  public Expr abs() {
    return of(Op.ABS, this);
  }

  /** The square root; NaN of numbers below 0. */
  public Expr sqrt() {
    return of(Op.SQRT, this);
  }

  /** {@code this < y ? this : y}. */
  public Expr min(Expr y) {
    return of(Op.MIN, this, y);
  }

  /** {@code this > y ? this : y}. */
  public Expr max(Expr y) {
    return of(Op.MAX, this, y);
  }

  /** This to the power of an integer. */
  public Expr pow(int n) {
    of(Op.POWI, this);
    return new Expr(Op.POWI, n, "", this);
  }

  /** This to the power of y; NaN of a finite negative number if y has a fraction. */
  public Expr pow(Expr y) {
    return of(Op.POW, this, y);
  }

  /** eˣ; 0 where that is below the least normal number. */
  public Expr exp() {
    return of(Op.EXP, this);
  }

  /** eˣ − 1. */
  public Expr expm1() {
    return of(Op.EXPM1, this);
  }

  /** The natural logarithm. */
  public Expr log() {
    return of(Op.LOG, this);
  }

  /** log(1 + x). */
  public Expr log1p() {
    return of(Op.LOG1P, this);
  }

  /** The sine, of radians; NaN beyond 2³⁰ in magnitude, in single precision 2²⁰. */
  public Expr sin() {
    return of(Op.SIN, this);
  }

  /** The cosine, of radians; NaN beyond 2³⁰ in magnitude, in single precision 2²⁰. */
  public Expr cos() {
    return of(Op.COS, this);
  }

  /** The hyperbolic tangent. */
  public Expr tanh() {
    return of(Op.TANH, this);
  }

  /** 1 / (1 + e⁻ˣ). */
  public Expr sigmoid() {
    return of(Op.SIGMOID, this);
  }

  /** The relative exponential (eˣ − 1) / x, 1 at 0, as SciPy, Brian and NEST call it. */
  public Expr exprel() {
    return of(Op.EXPREL, this);
  }

  /**
   * The Bernoulli function x / (eˣ − 1) = 1 / exprel(x), 1 at 0: rates of ion channels, fluxes by
   * Scharfetter and Gummel.
   */
  public Expr bernoulli() {
    return of(Op.BERNOULLI, this);
  }

  /** The arc tangent, from −π/2 to π/2. */
  public Expr atan() {
    return of(Op.ATAN, this);
  }

  /** The angle of the point (x, this), from −π to π, by the signs of zeros, too. */
  public Expr atan2(Expr x) {
    return of(Op.ATAN2, this, x);
  }

  /** The arc sine, from −π/2 to π/2; NaN of numbers beyond 1 in magnitude. */
  public Expr asin() {
    return of(Op.ASIN, this);
  }

  /** The arc cosine, from 0 to π; NaN of numbers beyond 1 in magnitude. */
  public Expr acos() {
    return of(Op.ACOS, this);
  }

  /** √(this² + y²), also where squares would overflow or vanish. */
  public Expr hypot(Expr y) {
    return of(Op.HYPOT, this, y);
  }

  /** The nearest whole number, of two the even one. */
  public Expr rint() {
    return of(Op.RINT, this);
  }

  /** The condition {@code this < y}; false if one is NaN. */
  public Expr isLess(Expr y) {
    return of(Op.LESS, this, y);
  }

  /** The condition {@code this <= y}; false if one is NaN. */
  public Expr isAtMost(Expr y) {
    return of(Op.LESS_EQUAL, this, y);
  }

  /** The condition {@code this == y}; false if one is NaN. */
  public Expr isEqual(Expr y) {
    return of(Op.EQUAL, this, y);
  }

  /** The condition that this one and y hold. */
  public Expr and(Expr y) {
    return new Expr(Op.AND, 0, "", condition(), y.condition());
  }

  /** The condition that this one, y or both hold. */
  public Expr or(Expr y) {
    return new Expr(Op.OR, 0, "", condition(), y.condition());
  }

  /** The condition that this one does not hold. */
  public Expr not() {
    return new Expr(Op.NOT, 0, "", condition());
  }

  /** {@code this ? yes : no}; both are computed. */
  public Expr select(Expr yes, Expr no) {
    return of(Op.SELECT, condition(), yes, no);
  }

  /**
   * Adds this expression to a graph: a {@link Node.Mask} if it is a condition, otherwise a {@link
   * Real}.
   *
   * @param variables gives the node of a variable; throws if it knows none
   * @param known nodes of expressions added before; is added to
   */
  public Node addTo(Graph graph, Function<String, Real> variables, Map<Expr, Node> known) {
    return PostOrder.value(
        this, known, Expr::operands, (e, nodes) -> e.make(graph, variables, nodes));
  }

  private Node make(Graph graph, Function<String, Real> variables, List<Node> nodes) {
    return switch (op) {
      case VARIABLE -> variables.apply(name);
      case CONSTANT -> graph.constant(value);
      default -> graph.make(op, (long) value, nodes.toArray(Node[]::new));
    };
  }

  /**
   * Two numbers that an expression compares.
   *
   * @param left the number that is asked whether it is less
   * @param right the one that it is compared with
   * @param orEqual whether equality holds, too
   */
  public record Comparison(Expr left, Expr right, boolean orEqual) {}

  /**
   * All comparisons in this expression: those of conditions, and what {@code min}, {@code max} and
   * {@code abs} compare. As long as each comes out the same way, the expression is one smooth
   * function of its variables. What a comparison contains comes before it.
   *
   * @param definitions gives the expression that a variable stands for, or null
   */
  public List<Comparison> comparisons(Function<String, @Nullable Expr> definitions) {
    List<Comparison> found = new ArrayList<>();
    Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Expr> done = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Expr> open = new ArrayDeque<>();
    open.push(this);
    while (!open.isEmpty()) {
      Expr e = open.peek();
      if (seen.add(e)) {
        for (Expr operand : e.operands) {
          open.push(operand);
        }
        Expr definition = e.op == Op.VARIABLE ? definitions.apply(e.name) : null;
        if (definition != null) {
          open.push(definition);
        }
        continue;
      }
      open.pop();
      if (done.add(e)) {
        switch (e.op) {
          case LESS, EQUAL, MIN, MAX ->
              found.add(new Comparison(e.operands[0], e.operands[1], false));
          case LESS_EQUAL -> found.add(new Comparison(e.operands[0], e.operands[1], true));
          case ABS -> found.add(new Comparison(e.operands[0], constant(0), false));
          default -> {}
        }
      }
    }
    return found;
  }

  /**
   * Expressions in one of several versions each, made one: all versions are the same but for their
   * constants. What versions share, the results share.
   *
   * @param versions at least one, each with as many expressions
   * @param constant makes what stands where constants differ, of one from each version
   * @throws IllegalArgumentException if versions differ in more than constants
   */
  public static List<Expr> merge(List<List<Expr>> versions, Function<double[], Expr> constant) {
    Map<Alike, Expr> merged = new HashMap<>();
    List<Expr> results = new ArrayList<>();
    for (int i = 0; i < versions.getFirst().size(); i++) {
      Expr[] roots = new Expr[versions.size()];
      for (int v = 0; v < roots.length; v++) {
        roots[v] = versions.get(v).get(i);
      }
      results.add(
          PostOrder.value(
              new Alike(roots),
              merged,
              Alike::operands,
              (alike, made) ->
                  alike.differs() ? constant.apply(alike.values()) : alike.versions[0].with(made)));
    }
    return results;
  }

  /** Where versions of an expression have the same place. */
  private record Alike(Expr[] versions) {
    List<Alike> operands() {
      return IntStream.range(0, check().operands.length).mapToObj(this::operand).toList();
    }

    private Expr check() {
      Expr first = versions[0];
      for (Expr other : versions) {
        if (other.op != first.op
            || !other.name.equals(first.name)
            || other.operands.length != first.operands.length
            || (first.op != Op.CONSTANT && other.value != first.value)) {
          throw new IllegalArgumentException(
              "versions of an expression differ in more than constants: %s here, %s there"
                  .formatted(first.what(), other.what()));
        }
      }
      return first;
    }

    private Alike operand(int index) {
      return new Alike(Arrays.stream(versions).map(e -> e.operands[index]).toArray(Expr[]::new));
    }

    double[] values() {
      return Arrays.stream(versions).mapToDouble(e -> e.value).toArray();
    }

    boolean differs() {
      double first = versions[0].value;
      return Arrays.stream(versions).anyMatch(e -> Double.compare(e.value, first) != 0);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      // Expressions are the same if they are one.
      return other instanceof Alike(Expr[] others) && Arrays.equals(versions, others);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(versions);
    }
  }

  /**
   * The same up to rounding, mostly with fewer operations: constant factors are taken out of
   * products, quotients and sums for as long as they meet others, and what divides more than one
   * expression becomes its inverse. What expressions share, the results share.
   *
   * <p>It is for double precision and numbers of common sizes: in between, values may be up to 2⁶⁴
   * times greater or less than before, and so may overflow or vanish; the inverse of a number below
   * 2⁻¹⁰²⁴ is infinite.
   */
  public static List<Expr> factored(List<Expr> expressions) {
    return Factors.takenOut(expressions);
  }

  Op op() {
    return op;
  }

  double value() {
    return value;
  }

  List<Expr> operands() {
    return Collections.unmodifiableList(Arrays.asList(operands));
  }

  /** The same operation of other operands; itself if they are no others. */
  Expr with(List<Expr> others) {
    return others.equals(operands())
        ? this
        : new Expr(op, value, name, others.toArray(Expr[]::new));
  }

  private String what() {
    return switch (op) {
      case VARIABLE -> "the variable " + name;
      case CONSTANT -> "the constant " + value;
      default -> op.name().toLowerCase(Locale.ROOT);
    };
  }

  /** A new map for {@link #addTo}. */
  public static Map<Expr, Node> noneKnown() {
    return new IdentityHashMap<>();
  }
}
